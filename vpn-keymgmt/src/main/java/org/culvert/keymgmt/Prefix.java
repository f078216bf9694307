package org.culvert.keymgmt;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * A range of addresses that share their first bits: 10.1.0.0/24, 2001:db8::/32. Immutable.
 *
 * <p>An IPv4 address is kept in its v4-mapped IPv6 form (::ffff:10.1.0.0), so one 128-bit table serves both families;
 * an IPv6 prefix never contains an IPv4 address for all that, not even ::/0.
 *
 * @param high first 64 bits of the network address
 * @param low last 64 bits of the network address
 * @param length in bits of the own family: 0 to 32, or 0 to 128
 */
public record Prefix(boolean ipv4, long high, long low, int length) implements Comparable<Prefix> {
    private static final long MAPPED_LOW = 0xffff_0000_0000L;

    /**
     * Checks what it is given.
     *
     * @throws IllegalArgumentException when the length does not fit the family or a host bit is set
     */
    public Prefix {
        if (length < 0 || length > (ipv4 ? 32 : 128)) {
            throw new IllegalArgumentException(
                    "prefix length " + length + " is not between 0 and " + (ipv4 ? 32 : 128));
        }
        if (ipv4 != (isMapped(high, low) && (ipv4 || length >= 96))) {
            throw new IllegalArgumentException(
                    ipv4 ? "not an IPv4 address" : "an IPv4 network in IPv6 form; write it as IPv4");
        }
        int bits = ipv4 ? 96 + length : length;
        long cleanHigh = high & highMask(bits);
        long cleanLow = low & lowMask(bits);
        if (high != cleanHigh || low != cleanLow) {
            String given = text(ipv4, high, low, length);
            throw new IllegalArgumentException(
                    given + " has host bits set; did you mean " + text(ipv4, cleanHigh, cleanLow, length) + "?");
        }
    }

    /**
     * Reads a network as people write it.
     *
     * @param text "10.1.0.0/24", "2001:db8::/32"; the length is not optional
     * @throws IllegalArgumentException says what is wrong and, where there is one, the right form
     */
    public static Prefix parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        long four = AddressText.parseIpv4(address);
        long[] six = four < 0 ? AddressText.parseIpv6(address) : new long[] {0, MAPPED_LOW | four};
        if (six == null) {
            throw new IllegalArgumentException(
                    quoted(text) + " is not a network; it looks like 10.1.0.0/24 or 2001:db8::/32");
        }
        int longest = four >= 0 ? 32 : 128;
        if (slash < 0) {
            throw new IllegalArgumentException(
                    text + " has no prefix length; a single address is " + text + "/" + longest);
        }
        String digits = text.substring(slash + 1);
        int length = AddressText.number(digits, 10, 3);
        if (length < 0 || length > longest || (digits.length() > 1 && digits.charAt(0) == '0')) {
            throw new IllegalArgumentException(
                    quoted(text) + " has a bad prefix length; it is a number from 0 to " + longest);
        }
        if (four >= 0) {
            return new Prefix(true, six[0], six[1], length);
        }
        if (isMapped(six[0], six[1]) && length >= 96) {
            String meant = text(true, six[0], six[1], length - 96);
            throw new IllegalArgumentException(text + " is an IPv4 network in IPv6 form; did you mean " + meant + "?");
        }
        return new Prefix(false, six[0], six[1], length);
    }

    /**
     * The network of this address and length.
     *
     * @throws IllegalArgumentException when the length does not fit the family or a host bit is set
     */
    public static Prefix of(InetAddress address, int length) {
        byte[] bytes = address.getAddress();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        if (bytes.length == 4) {
            return new Prefix(true, 0, MAPPED_LOW | Integer.toUnsignedLong(buffer.getInt()), length);
        }
        return new Prefix(false, buffer.getLong(), buffer.getLong(), length);
    }

    /** Length in bits of the v4-mapped form: 96 more than {@link #length} for IPv4. */
    public int mappedLength() {
        return ipv4 ? 96 + length : length;
    }

    /** Whether the address (IPv4 as v4-mapped) lies in this prefix. */
    public boolean contains(long addressHigh, long addressLow) {
        int bits = mappedLength();
        return ipv4 == isMapped(addressHigh, addressLow)
                && (addressHigh & highMask(bits)) == high
                && (addressLow & lowMask(bits)) == low;
    }

    public boolean contains(InetAddress address) {
        ByteBuffer buffer = ByteBuffer.wrap(address.getAddress());
        return buffer.remaining() == 4
                ? contains(0, MAPPED_LOW | Integer.toUnsignedLong(buffer.getInt()))
                : contains(buffer.getLong(), buffer.getLong());
    }

    /** Whether every address of the other lies in this one; equal prefixes contain each other. */
    public boolean contains(Prefix other) {
        int bits = mappedLength();
        return ipv4 == other.ipv4
                && length <= other.length
                && (other.high & highMask(bits)) == high
                && (other.low & lowMask(bits)) == low;
    }

    /** Whether any address lies in both: one of two prefixes then contains the other. */
    public boolean overlaps(Prefix other) {
        return contains(other) || other.contains(this);
    }

    /** The network address: 4 bytes for IPv4, 16 for IPv6. */
    public InetAddress address() {
        byte[] bytes = ipv4
                ? ByteBuffer.allocate(4).putInt((int) low).array()
                : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are always an address", e);
        }
    }

    /** IPv4 first, then by address, then the wider first. */
    @Override
    public int compareTo(Prefix other) {
        if (ipv4 != other.ipv4) {
            return ipv4 ? -1 : 1;
        }
        int order = Long.compareUnsigned(high, other.high);
        order = order != 0 ? order : Long.compareUnsigned(low, other.low);
        return order != 0 ? order : Integer.compare(length, other.length);
    }

    /** Canonical: "10.1.0.0/24"; IPv6 as RFC 5952 writes it. */
    @Override
    public String toString() {
        return text(ipv4, high, low, length);
    }

    private static String text(boolean ipv4, long high, long low, int length) {
        return (ipv4 ? AddressText.ipv4((int) low) : AddressText.ipv6(high, low)) + "/" + length;
    }

    /** What a stranger wrote goes to a terminal: no control characters, and not 10 MB of it. */
    private static String quoted(String text) {
        String plain = text.replaceAll("[^\\x20-\\x7e]", "?");
        return plain.length() > 60 ? plain.substring(0, 60) + "..." : plain;
    }

    private static boolean isMapped(long high, long low) {
        return high == 0 && low >>> 32 == 0xffff;
    }

    private static long highMask(int bits) {
        return bits == 0 ? 0 : bits >= 64 ? -1 : -1L << (64 - bits);
    }

    private static long lowMask(int bits) {
        return bits <= 64 ? 0 : -1L << (128 - bits);
    }
}
