package org.culvert.core.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RouteTableTest {
    private static final long SEED = 1_640_1995L;

    @Test
    void anEmptyTableHoldsNothing() {
        RouteTable empty = RouteTable.builder().build();
        assertEquals(RouteTable.NONE, lookup(empty, "10.1.0.7"));
        assertEquals(RouteTable.NONE, lookup(empty, "2001:db8::7"));
        assertEquals(RouteTable.NONE, empty.lookup4(0));
        assertEquals(RouteTable.NONE, empty.lookup(-1, -1));
    }

    @Test
    void theLongestPrefixWins() {
        RouteTable table = table("10.0.0.0/8", 3, "10.2.0.0/16", 5, "10.2.7.0/24", 8, "10.2.7.129/32", 13);
        assertEquals(3, lookup(table, "10.1.255.255"));
        assertEquals(5, lookup(table, "10.2.6.255"));
        assertEquals(8, lookup(table, "10.2.7.128"));
        assertEquals(13, lookup(table, "10.2.7.129"));
        assertEquals(8, lookup(table, "10.2.7.130"));
        assertEquals(5, lookup(table, "10.2.8.0"));
        assertEquals(3, lookup(table, "10.3.0.0"));
        assertEquals(RouteTable.NONE, lookup(table, "11.0.0.0"));
        assertEquals(RouteTable.NONE, lookup(table, "9.255.255.255"));
    }

    /** Otherwise a peer certified for all of IPv6 would be taken at its word about every IPv4 source address. */
    @Test
    void anIpv6PrefixHoldsNoIpv4Address() {
        RouteTable table = table("::/0", 4);
        assertEquals(4, lookup(table, "2001:db8::7"));
        assertEquals(RouteTable.NONE, lookup(table, "10.1.0.7"));
        RouteTable wide = RouteTable.builder().add(0, 0, 80, 6).build();
        assertEquals(6, wide.lookup(0, 0x1234));
        assertEquals(RouteTable.NONE, wide.lookup(0, 0xffff_0a01_0007L));
    }

    @Test
    void anIpv4DefaultRouteHoldsNoIpv6Address() {
        RouteTable table = table("0.0.0.0/0", 9);
        assertEquals(9, lookup(table, "0.0.0.0"));
        assertEquals(9, lookup(table, "255.255.255.255"));
        assertEquals(RouteTable.NONE, lookup(table, "::1"));
        assertEquals(RouteTable.NONE, table.lookup(0, 0xfffe_ffff_ffffL), "just below the mapped addresses");
        assertEquals(RouteTable.NONE, table.lookup(0, 0x1_0000_0000_0000L), "just above them");
        assertEquals(RouteTable.NONE, table.lookup(1, 0xffff_0a01_0007L));
    }

    @Test
    void bothEndsOfBothFamiliesCanBeRouted() {
        RouteTable table = table(
                "0.0.0.0/32",
                1,
                "255.255.255.255/32",
                2,
                "::/128",
                3,
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
                4);
        assertEquals(1, lookup(table, "0.0.0.0"));
        assertEquals(RouteTable.NONE, lookup(table, "0.0.0.1"));
        assertEquals(RouteTable.NONE, lookup(table, "255.255.255.254"));
        assertEquals(2, lookup(table, "255.255.255.255"));
        assertEquals(3, table.lookup(0, 0));
        assertEquals(RouteTable.NONE, table.lookup(0, 1));
        assertEquals(RouteTable.NONE, table.lookup(-1, -2));
        assertEquals(4, table.lookup(-1, -1));
    }

    @Test
    void ofTwoEqualPrefixesTheLaterCounts() {
        assertEquals(7, lookup(table("10.2.0.0/16", 5, "10.0.0.0/8", 3, "10.2.0.0/16", 7), "10.2.3.4"));
    }

    @Test
    void aPrefixThatStartsWhereTheOneAroundItDoesGoesFirst() {
        RouteTable table = table("10.0.0.0/16", 2, "10.0.0.0/8", 1, "10.0.0.0/24", 3);
        assertEquals(3, lookup(table, "10.0.0.9"));
        assertEquals(2, lookup(table, "10.0.1.0"));
        assertEquals(1, lookup(table, "10.1.0.0"));
    }

    /** WireGuard's netns.sh: prefixes that overlap, in any order. */
    @Test
    void theOrderOfAddingDoesNotMatter() {
        List<String> prefixes = new ArrayList<>(List.of(
                "0.0.0.0/0",
                "10.0.0.0/8",
                "100.0.0.0/10",
                "172.16.0.0/12",
                "192.168.0.0/16",
                "::/0",
                "1700::/111",
                "5000::/4",
                "e000::/37",
                "9000::/75"));
        Random random = new Random(SEED);
        for (int round = 0; round < 200; round++) {
            RouteTable.Builder builder = RouteTable.builder();
            for (String prefix : prefixes) {
                add(builder, prefix, Integer.parseInt(prefix.substring(prefix.indexOf('/') + 1)));
            }
            RouteTable table = builder.build();
            assertEquals(8, lookup(table, "10.255.0.1"));
            assertEquals(10, lookup(table, "100.63.255.255"));
            assertEquals(0, lookup(table, "100.64.0.0"));
            assertEquals(12, lookup(table, "172.31.0.1"));
            assertEquals(16, lookup(table, "192.168.99.1"));
            assertEquals(111, lookup(table, "1700::1:ffff"));
            assertEquals(0, lookup(table, "1700::2:0"));
            assertEquals(4, lookup(table, "5fff::"));
            assertEquals(0, lookup(table, "6000::"));
            assertEquals(37, lookup(table, "e000:0:7ff::1"));
            assertEquals(75, lookup(table, "9000::1f:0:0:0"));
            assertEquals(0, lookup(table, "9000::20:0:0:0"));
            Collections.shuffle(prefixes, random);
        }
    }

    /** Two million addresses of both families, most of them where ranges begin and end. */
    @Test
    void agreesWithATableThatTriesEveryPrefix() {
        Random random = new Random(SEED);
        for (int tables = 0; tables < 25; tables++) {
            Model model = new Model(random, 10 + random.nextInt(150));
            RouteTable table = model.build();
            for (int i = 0; i < 80_000; i++) {
                long[] address = model.address(random);
                int expected = model.lookup(address[0], address[1]);
                if (expected != table.lookup(address[0], address[1])) {
                    assertEquals(
                            expected,
                            table.lookup(address[0], address[1]),
                            String.format("table %d, %x:%x, seed %d", tables, address[0], address[1], SEED));
                }
                if (address[0] == 0 && address[1] >>> 32 == 0xffff) {
                    assertEquals(expected, table.lookup4((int) address[1]));
                }
            }
        }
    }

    @Test
    void refusesWhatIsNoPrefix() {
        RouteTable.Builder builder = RouteTable.builder();
        assertThrows(IllegalArgumentException.class, () -> builder.add(0, 0, -1, 1));
        assertThrows(IllegalArgumentException.class, () -> builder.add(0, 0, 129, 1));
        assertThrows(IllegalArgumentException.class, () -> builder.add(0, 0xffff_0a01_0005L, 120, 1));
        assertThrows(IllegalArgumentException.class, () -> builder.add(0x2001_0db8_0000_0001L, 0, 48, 1));
        assertThrows(IllegalArgumentException.class, () -> builder.add(0, 1, 0, 1));
    }

    @Test
    void refusesAValueThatReadsLikeNone() {
        assertThrows(IllegalArgumentException.class, () -> RouteTable.builder().add(0, 0, 0, RouteTable.NONE));
    }

    @Test
    void aLookupAllocatesNothing() {
        RouteTable table = new Model(new Random(SEED), 100).build();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        int sum = 0;
        for (int run = 0; run < 4; run++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (long i = 0; i < 20_000; i++) {
                sum += table.lookup(i * 0x9e37_79b9_7f4a_7c15L, i) + table.lookup4((int) i * 0x9e37_79b9);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least / 20_000, "sum " + sum);
    }

    /** Prefixes in a list, all tried. */
    private static final class Model {
        private final List<long[]> prefixes = new ArrayList<>(); // high, low, mapped length, value, mask

        Model(Random random, int count) {
            for (int i = 0; i < count; i++) {
                boolean ipv4 = random.nextBoolean();
                int length = ipv4 ? 96 + random.nextInt(33) : random.nextInt(129);
                // few distinct bits, so that prefixes nest and touch
                long high = ipv4 ? 0 : random.nextLong() & 0xe000_0000_8000_0001L;
                long low = ipv4
                        ? 0xffff_0000_0000L | random.nextLong() & 0xc181_8003L
                        : random.nextLong() & 0x8100_0000_0001_0003L;
                long[] mask = {ones(length), ones(length - 64)};
                prefixes.add(new long[] {high & mask[0], low & mask[1], length, i, mask[0], mask[1]});
            }
        }

        RouteTable build() {
            RouteTable.Builder builder = RouteTable.builder();
            prefixes.forEach(prefix -> builder.add(prefix[0], prefix[1], (int) prefix[2], (int) prefix[3]));
            return builder.build();
        }

        int lookup(long high, long low) {
            boolean ipv4 = high == 0 && low >>> 32 == 0xffff;
            int best = RouteTable.NONE;
            long bestLength = -1;
            for (long[] prefix : prefixes) {
                boolean prefixIpv4 = prefix[2] >= 96 && prefix[0] == 0 && prefix[1] >>> 32 == 0xffff;
                boolean holds =
                        (high & ones((int) prefix[2])) == prefix[0] && (low & ones((int) prefix[2] - 64)) == prefix[1];
                if (prefixIpv4 == ipv4 && holds && prefix[2] >= bestLength) {
                    best = (int) prefix[3];
                    bestLength = prefix[2];
                }
            }
            return best;
        }

        /** At, just below or just behind a prefix, inside it, or anywhere. */
        long[] address(Random random) {
            long[] prefix = prefixes.get(random.nextInt(prefixes.size()));
            long highEnd = prefix[0] | ~ones((int) prefix[2]);
            long lowEnd = prefix[1] | ~ones((int) prefix[2] - 64);
            return switch (random.nextInt(6)) {
                case 0 -> new long[] {prefix[0], prefix[1]};
                case 1 -> new long[] {prefix[1] == 0 ? prefix[0] - 1 : prefix[0], prefix[1] - 1};
                case 2 -> new long[] {highEnd, lowEnd};
                case 3 -> new long[] {lowEnd == -1 ? highEnd + 1 : highEnd, lowEnd + 1};
                case 4 ->
                    new long[] {
                        prefix[0] | random.nextLong() & ~ones((int) prefix[2]),
                        prefix[1] | random.nextLong() & ~ones((int) prefix[2] - 64)
                    };
                default ->
                    random.nextBoolean()
                            ? new long[] {random.nextLong(), random.nextLong()}
                            : new long[] {0, 0xffff_0000_0000L | Integer.toUnsignedLong(random.nextInt())};
            };
        }

        private static long ones(int count) {
            return count <= 0 ? 0 : count >= 64 ? -1 : -1L << (64 - count);
        }
    }

    private static RouteTable table(Object... prefixesAndValues) {
        RouteTable.Builder builder = RouteTable.builder();
        for (int i = 0; i < prefixesAndValues.length; i += 2) {
            add(builder, (String) prefixesAndValues[i], (Integer) prefixesAndValues[i + 1]);
        }
        return builder.build();
    }

    private static void add(RouteTable.Builder builder, String prefix, int value) {
        String[] parts = prefix.split("/");
        boolean ipv4 = prefix.contains(".");
        long[] address = address(parts[0]);
        builder.add(address[0], address[1], Integer.parseInt(parts[1]) + (ipv4 ? 96 : 0), value);
    }

    private static int lookup(RouteTable table, String address) {
        long[] words = address(address);
        return table.lookup(words[0], words[1]);
    }

    private static long[] address(String literal) {
        try {
            byte[] bytes = InetAddress.getByName(literal).getAddress();
            return bytes.length == 4
                    ? new long[] {
                        0,
                        0xffff_0000_0000L
                                | Integer.toUnsignedLong(ByteBuffer.wrap(bytes).getInt())
                    }
                    : new long[] {
                        ByteBuffer.wrap(bytes).getLong(0),
                        ByteBuffer.wrap(bytes).getLong(8)
                    };
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
