package org.culvert.core.packet;

import org.culvert.tun.memory.OffHeap;

/**
 * What is asked of a packet that a host of the LAN sent to a group. Static; packets have passed {@link IpPacket#check} unless said
 * otherwise.
 */
public final class GroupPacket {
    private static final int IGMP = 2;
    private static final int ICMPV6 = 58;
    private static final int HOP_BY_HOP = 0;
    private static final int IPV6_HOP_LIMIT_OFFSET = 7;

    // RFC 4443, 2710, 4861, 3810: MLD 130-132, neighbour discovery 133-137, MLDv2 143
    private static final int FIRST_OF_LINK = 130;
    private static final int LAST_OF_LINK = 143;

    private GroupPacket() {}

    /**
     * The length that the packet says it has: a short one comes with padding to Ethernet's 60 bytes.
     *
     * @param bytes that are there
     * @return at most those; all of them where there is no telling
     */
    public static int bytes(long packet, int bytes) {
        if (bytes < IpPacket.IPV4_HEADER_BYTES) {
            return bytes;
        }
        int said = OffHeap.u8(packet) >>> 4 == 4
                ? OffHeap.u16(packet + IpPacket.IPV4_TOTAL_LENGTH_OFFSET)
                : IpPacket.IPV6_HEADER_BYTES + OffHeap.u16(packet + IpPacket.IPV6_PAYLOAD_LENGTH_OFFSET);
        return Math.min(bytes, said);
    }

    /** Whether it speaks of this link's hosts and routers, which are not those of another link. */
    public static boolean isOfLink(long packet, int bytes, int version) {
        if (version == 4) {
            return OffHeap.u8(packet + IpPacket.IPV4_PROTOCOL_OFFSET) == IGMP;
        }
        int next = OffHeap.u8(packet + IpPacket.IPV6_NEXT_HEADER_OFFSET);
        int start = IpPacket.IPV6_HEADER_BYTES;
        if (next == HOP_BY_HOP && start + 2 <= bytes) { // MLD has a router alert there
            next = OffHeap.u8(packet + start);
            start += (OffHeap.u8(packet + start + 1) + 1) * 8;
        }
        if (next != ICMPV6 || start >= bytes) {
            return false;
        }
        int type = OffHeap.u8(packet + start);
        return type >= FIRST_OF_LINK && type <= LAST_OF_LINK;
    }

    /** Whether TTL or hop limit allow it one more link. */
    public static boolean mayHop(long packet, int version) {
        long field = packet + (version == 4 ? IpPacket.IPV4_TTL_OFFSET : IPV6_HOP_LIMIT_OFFSET);
        return OffHeap.u8(field) > 1;
    }

    /** Takes one from TTL or hop limit, as every router does. There must be one to take. */
    public static void hop(long packet, int version) {
        if (version == 6) {
            long limit = packet + IPV6_HOP_LIMIT_OFFSET;
            OffHeap.putU8(limit, OffHeap.u8(limit) - 1);
            return;
        }
        int before = OffHeap.u16(packet + IpPacket.IPV4_TTL_OFFSET); // and the protocol behind it
        int after = before - 0x100;
        OffHeap.putU16(packet + IpPacket.IPV4_TTL_OFFSET, after);
        long field = packet + IpPacket.IPV4_CHECKSUM_OFFSET;
        long sum = (~OffHeap.u16(field) & 0xffffL) + (~before & 0xffff) + after; // RFC 1624
        OffHeap.putU16(field, ~Checksum.fold(sum) & 0xffff);
    }

    /** What makes it this packet and no other, whoever handed it on: all but traffic class, TTL and header checksum. */
    public static long digest(long packet, int bytes, int version) {
        long digest = bytes;
        if (version == 4) {
            digest = mix(digest, OffHeap.i32(packet + IpPacket.IPV4_ID_OFFSET));
            digest = mix(digest, OffHeap.u8(packet + IpPacket.IPV4_PROTOCOL_OFFSET));
            return rest(digest, packet + IpPacket.IPV4_SOURCE_OFFSET, packet + bytes);
        }
        digest = mix(digest, OffHeap.u8(packet + IpPacket.IPV6_NEXT_HEADER_OFFSET));
        return rest(digest, packet + IpPacket.IPV6_SOURCE_OFFSET, packet + bytes);
    }

    private static long rest(long digest, long from, long end) {
        long value = digest;
        long at = from;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            value = mix(value, OffHeap.nativeI64(at));
        }
        for (; at < end; at++) {
            value = mix(value, OffHeap.u8(at));
        }
        return value;
    }

    /** MurmurHash3's finish over the sum: spreads well; nobody gains by a collision but on his own LAN. */
    private static long mix(long value, long next) {
        long z = (value ^ next) + 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 33) * 0xff51afd7ed558ccdL;
        z = (z ^ z >>> 33) * 0xc4ceb9fe1a85ec53L;
        return z ^ z >>> 33;
    }
}
