package org.culvert.core.route;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Longest-prefix match for both families, IPv4 in its v4-mapped form. Immutable; any thread; a lookup allocates nothing.
 *
 * <p>Two prefixes either nest or have nothing in common, so together they cut the address space into ranges with one
 * answer each. The table is the sorted starts of these ranges and a lookup is a binary search: one step for each
 * doubling of the number of prefixes, over arrays that stay in the cache.
 *
 * <p>The families are two tables although their addresses share one form. In one table a peer certified for
 * {@code ::/0} would also speak for every IPv4 address, because 0.0.0.0/0 is ::ffff:0:0/96 and lies inside.
 */
public final class RouteTable {
    /** No prefix holds the address. */
    public static final int NONE = -1;

    /** Flips the order of signed numbers into that of unsigned ones. */
    private static final int SIGN_32 = Integer.MIN_VALUE;

    private static final long SIGN_64 = Long.MIN_VALUE;

    // the first range of either family starts at its lowest address, so that every search ends in some range
    private final int[] start4;
    private final int[] value4;
    private final long[] startHigh6;
    private final long[] startLow6;
    private final int[] value6;

    private RouteTable(List<Range> ranges4, List<Range> ranges6) {
        start4 = ranges4.stream()
                .mapToInt(range -> (int) range.start.low ^ SIGN_32)
                .toArray();
        value4 = ranges4.stream().mapToInt(Range::value).toArray();
        startHigh6 =
                ranges6.stream().mapToLong(range -> range.start.high ^ SIGN_64).toArray();
        startLow6 =
                ranges6.stream().mapToLong(range -> range.start.low ^ SIGN_64).toArray();
        value6 = ranges6.stream().mapToInt(Range::value).toArray();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The value of the longest prefix that holds an address of either family, or {@link #NONE}. */
    public int lookup(long high, long low) {
        return isMapped(high, low) ? lookup4((int) low) : lookup6(high ^ SIGN_64, low ^ SIGN_64);
    }

    /**
     * The same for an IPv4 address.
     *
     * @param address first byte highest
     */
    public int lookup4(int address) {
        int wanted = address ^ SIGN_32;
        int at = 0;
        for (int left = start4.length; left > 1; ) {
            int half = left >>> 1;
            at = start4[at + half] <= wanted ? at + half : at;
            left -= half;
        }
        return value4[at];
    }

    private int lookup6(long high, long low) {
        int at = 0;
        for (int left = startHigh6.length; left > 1; ) {
            int half = left >>> 1;
            long startHigh = startHigh6[at + half];
            if (startHigh < high || (startHigh == high && startLow6[at + half] <= low)) {
                at += half;
            }
            left -= half;
        }
        return value6[at];
    }

    private static boolean isMapped(long high, long low) {
        return high == 0 && low >>> 32 == 0xffff;
    }

    /** Collects prefixes. Control thread. */
    public static final class Builder {
        private final Map<Network, Integer> routes = new LinkedHashMap<>();

        private Builder() {}

        /**
         * Adds a prefix; of two equal ones the later counts.
         *
         * @param high first 64 bits of the network address, whose host bits must be zero
         * @param mappedLength 0 to 128; 96 more than its own length for an IPv4 prefix
         * @param value what lookups give; not negative
         */
        public Builder add(long high, long low, int mappedLength, int value) {
            if (mappedLength < 0 || mappedLength > 128) {
                throw new IllegalArgumentException("not a prefix length: " + mappedLength);
            }
            if (value < 0) {
                throw new IllegalArgumentException("not a value, or not to be told from NONE: " + value);
            }
            Network network = new Network(new Address(high, low), mappedLength);
            if (!network.last().and(network.mask()).equals(network.start)) {
                throw new IllegalArgumentException("host bits set behind length " + mappedLength);
            }
            routes.put(network, value);
            return this;
        }

        public RouteTable build() {
            return new RouteTable(ranges(new Address(0, 0xffff_0000_0000L), true), ranges(new Address(0, 0), false));
        }

        /** Walks one family's prefixes in order of address, the wider first, with a stack of those that are still open. */
        private List<Range> ranges(Address lowest, boolean ipv4) {
            List<Map.Entry<Network, Integer>> sorted = routes.entrySet().stream()
                    .filter(route -> route.getKey().isIpv4() == ipv4)
                    .sorted(Map.Entry.comparingByKey())
                    .toList();
            List<Range> ranges = new ArrayList<>();
            start(ranges, lowest, NONE);
            Deque<Map.Entry<Network, Integer>> open = new ArrayDeque<>();
            for (Map.Entry<Network, Integer> route : sorted) {
                while (!open.isEmpty() && !open.peek().getKey().holds(route.getKey().start)) {
                    end(open, ranges);
                }
                start(ranges, route.getKey().start, route.getValue());
                open.push(route);
            }
            while (!open.isEmpty()) {
                end(open, ranges);
            }
            return ranges;
        }

        /** Behind the end of a prefix the one around it goes on. */
        private static void end(Deque<Map.Entry<Network, Integer>> open, List<Range> ranges) {
            Network ended = open.pop().getKey();
            if (!ended.endsItsFamily()) {
                start(
                        ranges,
                        ended.last().next(),
                        open.isEmpty() ? NONE : open.peek().getValue());
            }
        }

        /** A range that starts where the last one did leaves nothing of it. */
        private static void start(List<Range> ranges, Address start, int value) {
            if (!ranges.isEmpty() && ranges.getLast().start.equals(start)) {
                ranges.removeLast();
            }
            ranges.add(new Range(start, value));
        }
    }

    private record Range(Address start, int value) {}

    private record Network(Address start, int length) implements Comparable<Network> {
        boolean isIpv4() {
            return isMapped(start.high, start.low); // none shorter than 96 can start there
        }

        Address mask() {
            return new Address(ones(Math.min(length, 64)), ones(Math.max(length - 64, 0)));
        }

        Address last() {
            Address mask = mask();
            return new Address(start.high | ~mask.high, start.low | ~mask.low);
        }

        boolean holds(Address address) {
            return address.and(mask()).equals(start);
        }

        boolean endsItsFamily() {
            Address last = last();
            return isIpv4() ? (int) last.low == -1 : last.high == -1 && last.low == -1;
        }

        @Override
        public int compareTo(Network other) {
            int order = start.compareTo(other.start);
            return order != 0 ? order : Integer.compare(length, other.length);
        }

        /** The upper {@code count} of 64 bits; a shift by 64 would shift by nothing. */
        private static long ones(int count) {
            return count == 0 ? 0 : -1L << (64 - count);
        }
    }

    private record Address(long high, long low) implements Comparable<Address> {
        Address and(Address mask) {
            return new Address(high & mask.high, low & mask.low);
        }

        Address next() {
            return new Address(low == -1 ? high + 1 : high, low + 1);
        }

        @Override
        public int compareTo(Address other) {
            int order = Long.compareUnsigned(high, other.high);
            return order != 0 ? order : Long.compareUnsigned(low, other.low);
        }
    }
}
