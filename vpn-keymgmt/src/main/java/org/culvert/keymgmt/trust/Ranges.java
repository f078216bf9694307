package org.culvert.keymgmt.trust;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.culvert.keymgmt.Prefix;

/**
 * Networks of one family as ranges of addresses: sorted, without overlap, neighbours merged, which is the form RFC 3779
 * section 2.2.3.6 asks for and the one in which "lies within" is exact (two /25 do contain their /24). Immutable.
 */
final class Ranges {
    /** First and last address, both inside. */
    record Range(BigInteger first, BigInteger last) {}

    private final int bits;
    private final List<Range> sorted;

    private Ranges(int bits, List<Range> sorted) {
        this.bits = bits;
        this.sorted = sorted;
    }

    static Ranges of(boolean ipv4, Collection<Prefix> prefixes) {
        int bits = ipv4 ? 32 : 128;
        List<Range> merged = new ArrayList<>();
        for (Prefix prefix :
                prefixes.stream().filter(p -> p.ipv4() == ipv4).sorted().toList()) {
            Range next = range(prefix, bits);
            Range last = merged.isEmpty() ? null : merged.getLast();
            if (last != null && last.last().add(BigInteger.ONE).compareTo(next.first()) >= 0) {
                merged.set(
                        merged.size() - 1, new Range(last.first(), last.last().max(next.last())));
            } else {
                merged.add(next);
            }
        }
        return new Ranges(bits, List.copyOf(merged));
    }

    List<Range> sorted() {
        return sorted;
    }

    boolean covers(Prefix prefix) {
        Range wanted = range(prefix, bits);
        return sorted.stream()
                .anyMatch(range -> range.first().compareTo(wanted.first()) <= 0
                        && range.last().compareTo(wanted.last()) >= 0);
    }

    private static Range range(Prefix prefix, int bits) {
        BigInteger first = new BigInteger(1, prefix.address().getAddress());
        return new Range(first, first.add(span(bits - prefix.length())).subtract(BigInteger.ONE));
    }

    /** The fewest prefixes that make up a range, lowest first. At most 254 for IPv6. */
    static List<Prefix> prefixes(boolean ipv4, BigInteger first, BigInteger last) {
        int bits = ipv4 ? 32 : 128;
        List<Prefix> prefixes = new ArrayList<>();
        BigInteger at = first;
        while (at.compareTo(last) <= 0) {
            int free = at.signum() == 0 ? bits : Math.min(bits, at.getLowestSetBit());
            int fits = last.subtract(at).add(BigInteger.ONE).bitLength() - 1;
            int hostBits = Math.min(free, fits);
            prefixes.add(prefix(ipv4, at, bits - hostBits));
            at = at.add(span(hostBits));
        }
        return prefixes;
    }

    static Prefix prefix(boolean ipv4, BigInteger address, int length) {
        if (ipv4) {
            return new Prefix(true, 0, 0xffff_0000_0000L | address.longValueExact(), length);
        }
        return new Prefix(false, address.shiftRight(64).longValue(), address.longValue(), length);
    }

    static String text(boolean ipv4, BigInteger address) {
        String host = prefix(ipv4, address, ipv4 ? 32 : 128).toString();
        return host.substring(0, host.indexOf('/'));
    }

    private static BigInteger span(int hostBits) {
        return BigInteger.ONE.shiftLeft(hostBits);
    }
}
