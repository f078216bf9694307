package org.culvert.core.packet;

import java.nio.ByteOrder;
import org.culvert.tun.memory.OffHeap;

/**
 * The Internet checksum (RFC 1071). A "sum" is a one's complement sum of big-endian 16-bit words, folded to 16 bits and not
 * complemented: what is called partial when it covers the pseudo-header only. Static, any thread.
 */
public final class Checksum {
    private static final boolean SWAP = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long LOW_32 = 0xffff_ffffL;

    /** From here on vector code pays. */
    private static final int MANY_BYTES = 256;

    private Checksum() {}

    /**
     * Adds {@code bytes} bytes to a sum. An odd last byte counts as followed by a zero, so only the last piece of a longer
     * sum may have an odd length.
     *
     * @param initial a sum, or a few words added up; not negative
     * @return 0 to 0xffff; 0 only when everything was 0
     */
    public static int sum(long address, int bytes, int initial) {
        // RFC 1071 section 2(B): the words may be added in any byte order, and swapped at the end
        int words = foldNative(addWords(address, bytes));
        return fold((long) initial + (SWAP ? swap(words) : words));
    }

    private static long addWords(long address, int bytes) {
        long end = address + (bytes & ~7);
        long total = bytes < MANY_BYTES ? addFew(address, end) : addMany(address, end);
        return total + rest(end, bytes & 7);
    }

    private static long addFew(long address, long end) {
        long total = 0;
        for (long at = address; at < end; at += 8) {
            total += halves(OffHeap.nativeI64(at));
        }
        return total;
    }

    /**
     * The same loop once more, for C2 to make vector code of: it does so only when the loop variable is a long, and only
     * when the loop was long whenever it was profiled, which a loop shared with 20-byte headers is not. 1400 bytes cost 23 ns
     * so, 105 as one loop, 97 with an int offset (JDK 25.0.3).
     */
    private static long addMany(long address, long end) {
        long total = 0;
        for (long at = address; at < end; at += 8) {
            total += halves(OffHeap.nativeI64(at));
        }
        return total;
    }

    /** Two 32-bit halves in 64 bits: the sum of a packet's cannot overflow. */
    private static long halves(long word) {
        return (word & LOW_32) + (word >>> 32);
    }

    private static long rest(long address, int bytes) {
        long total = 0;
        int at = 0;
        if ((bytes & 4) != 0) {
            total += OffHeap.nativeI32(address) & LOW_32;
            at = 4;
        }
        if ((bytes & 2) != 0) {
            total += OffHeap.nativeU16(address + at);
            at += 2;
        }
        if ((bytes & 1) != 0) {
            int last = OffHeap.u8(address + at);
            total += SWAP ? last : last << 8;
        }
        return total;
    }

    /** Folds any number of added 16-bit words, carries included. */
    public static int fold(long total) {
        return foldNative(total);
    }

    private static int foldNative(long total) {
        long sum = (total >>> 32) + (total & LOW_32);
        sum = (sum >>> 32) + (sum & LOW_32);
        sum = (sum >>> 16) + (sum & 0xffff);
        sum = (sum >>> 16) + (sum & 0xffff);
        return (int) ((sum >>> 16) + (sum & 0xffff));
    }

    private static int swap(int word) {
        return word >>> 8 | (word & 0xff) << 8;
    }

    /**
     * The sum of addresses, protocol and transport length (RFC 9293 section 3.1, RFC 8200 section 8.1): what the field of
     * a partial checksum holds.
     *
     * @param packet passed {@link IpPacket#check}
     */
    public static int pseudoHeader(long packet, int version, int protocol, int transportBytes) {
        int fixed = protocol + transportBytes;
        return version == 4
                ? sum(packet + IpPacket.IPV4_SOURCE_OFFSET, 8, fixed)
                : sum(packet + IpPacket.IPV6_SOURCE_OFFSET, 32, fixed);
    }

    /**
     * Completes a partial sum in place. Needs no pseudo-header, since the field holds it already: right also for a source
     * route, whose pseudo-header has the last destination.
     *
     * @param transport of this packet, not 0
     */
    public static void finish(long packet, int bytes, long transport) {
        finish(packet, bytes, IpPacket.start(transport), IpPacket.checksumField(transport));
    }

    /** As the kernel's skb_checksum_help: from {@code start} to the end of the packet, 0 written as 0xffff for UDP's sake. */
    static void finish(long packet, int bytes, int start, int checksumField) {
        int sum = ~sum(packet + start, bytes - start, 0) & 0xffff;
        OffHeap.putU16(packet + checksumField, sum == 0 ? 0xffff : sum);
    }

    /** Whether the checksum of an IPv4 header without options is right: {@link #sum} of 20 bytes without its loop. */
    static boolean isIpv4HeaderValid(long packet) {
        long words = halves(OffHeap.nativeI64(packet)) + halves(OffHeap.nativeI64(packet + 8));
        return foldNative(words + (OffHeap.nativeI32(packet + 16) & LOW_32)) == 0xffff;
    }

    /**
     * Whether the complete checksum in the packet is right. Without a source route: the destination in the header is taken
     * for the last one.
     *
     * @param transport of this packet, not 0
     * @return false also for UDP without a checksum
     */
    public static boolean valid(long packet, int bytes, int version, long transport) {
        int start = IpPacket.start(transport);
        int protocol = IpPacket.protocol(transport);
        if (protocol == IpPacket.UDP && OffHeap.u16(packet + IpPacket.checksumField(transport)) == 0) {
            return false;
        }
        int pseudo = pseudoHeader(packet, version, protocol, bytes - start);
        return sum(packet + start, bytes - start, pseudo) == 0xffff;
    }
}
