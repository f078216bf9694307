package org.culvert.core.packet;

import org.culvert.tun.memory.OffHeap;

/**
 * Reads IPv4 and IPv6 headers. {@link #check} is the door: after it, the header's fields and addresses may be read without
 * asking for lengths again. Static, any thread.
 */
public final class IpPacket {
    /** Neither IPv4 nor IPv6. */
    public static final int INNER_VERSION = -1;
    /** A header or total length that is not exactly what is there. */
    public static final int INNER_LENGTH = -2;

    public static final int TCP = 6;
    public static final int UDP = 17;

    /** An IPv4 header without options. */
    static final int IPV4_HEADER_BYTES = 20;

    static final int IPV6_HEADER_BYTES = 40;
    static final int TCP_HEADER_BYTES = 20;
    static final int UDP_HEADER_BYTES = 8;

    static final int IPV4_TOTAL_LENGTH_OFFSET = 2;
    static final int IPV4_ID_OFFSET = 4;
    static final int IPV4_FRAGMENT_OFFSET = 6;
    static final int IPV4_TTL_OFFSET = 8;
    static final int IPV4_PROTOCOL_OFFSET = 9;
    static final int IPV4_CHECKSUM_OFFSET = 10;
    static final int IPV4_SOURCE_OFFSET = 12;
    static final int IPV4_DESTINATION_OFFSET = 16;
    static final int IPV6_PAYLOAD_LENGTH_OFFSET = 4;
    static final int IPV6_NEXT_HEADER_OFFSET = 6;
    static final int IPV6_SOURCE_OFFSET = 8;
    static final int IPV6_DESTINATION_OFFSET = 24;

    static final int TCP_SEQUENCE_OFFSET = 4;
    static final int TCP_ACKNOWLEDGEMENT_OFFSET = 8;
    /** Sixteen bits: header length in words (4), reserved (3), AE, CWR, ECE, URG, ACK, PSH, RST, SYN, FIN. */
    static final int TCP_FLAGS_OFFSET = 12;

    static final int TCP_WINDOW_OFFSET = 14;
    static final int TCP_CHECKSUM_OFFSET = 16;
    static final int TCP_URGENT_OFFSET = 18;
    static final int TCP_FIN = 0x01;
    static final int TCP_PSH = 0x08;
    static final int TCP_ACK = 0x10;
    static final int TCP_CWR = 0x80;

    static final int UDP_LENGTH_OFFSET = 4;
    static final int UDP_CHECKSUM_OFFSET = 6;

    /** "More fragments" and the fragment offset; "don't fragment" and the reserved bit are left out. */
    private static final int IPV4_FRAGMENT_MASK = 0x3fff;

    private static final long V4_MAPPED = 0xffff_0000_0000L;

    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int DESTINATION_OPTIONS = 60;

    /**
     * More extension headers than that and the packet passes as one without a transport. RFC 8200 has use for five in
     * front of TCP; without a bound a sender could have us walk thousands.
     */
    private static final int MAX_EXTENSION_HEADERS = 8;

    private static final int OFFSET_BITS = 12;
    private static final int OFFSET_MASK = (1 << OFFSET_BITS) - 1;

    private IpPacket() {}

    /**
     * Checks version, header length, total length, and that IPv6 addresses are IPv6 addresses. Jumbograms have a length of 0 in the header and are refused: no UDP
     * datagram could carry one.
     *
     * @param bytes what is really there; the header must say exactly the same
     * @return 4 or 6, else {@link #INNER_VERSION} or {@link #INNER_LENGTH}
     */
    public static int check(long packet, int bytes) {
        if (bytes < 1) {
            return INNER_LENGTH;
        }
        return switch (OffHeap.u8(packet) >>> 4) {
            case 4 -> exactIpv4(packet, bytes) ? 4 : INNER_LENGTH;
            case 6 -> checkIpv6(packet, bytes);
            default -> INNER_VERSION;
        };
    }

    private static boolean exactIpv4(long packet, int bytes) {
        if (bytes < IPV4_HEADER_BYTES || OffHeap.u16(packet + IPV4_TOTAL_LENGTH_OFFSET) != bytes) {
            return false;
        }
        int headerBytes = ipv4HeaderBytes(packet);
        return headerBytes >= IPV4_HEADER_BYTES && headerBytes <= bytes;
    }

    private static int checkIpv6(long packet, int bytes) {
        if (!exactIpv6(packet, bytes)) {
            return INNER_LENGTH;
        }
        return hasMappedAddress(packet) ? INNER_VERSION : 6;
    }

    /**
     * Whether an IPv6 packet bears an IPv4 address in IPv6 form (::ffff:a.b.c.d), which no host sends (RFC 4291 section 2.5.5.2 is
     * for programs, not for the wire). Routes are looked up in that form, so such a packet could pass for IPv4 from or to a network
     * that its family does not have.
     *
     * @param packet at least 40 bytes
     */
    public static boolean hasMappedAddress(long packet) {
        return isMapped(packet + IPV6_SOURCE_OFFSET) || isMapped(packet + IPV6_DESTINATION_OFFSET);
    }

    private static boolean isMapped(long address) {
        return OffHeap.i64(address) == 0 && OffHeap.i32(address + 8) == 0xffff;
    }

    private static boolean exactIpv6(long packet, int bytes) {
        return bytes >= IPV6_HEADER_BYTES
                && OffHeap.u16(packet + IPV6_PAYLOAD_LENGTH_OFFSET) == bytes - IPV6_HEADER_BYTES;
    }

    /** Upper half of the source address; 0 for IPv4, which is written v4-mapped (::ffff:a.b.c.d). */
    public static long sourceHigh(long packet, int version) {
        return version == 4 ? 0 : OffHeap.i64(packet + IPV6_SOURCE_OFFSET);
    }

    public static long sourceLow(long packet, int version) {
        return version == 4
                ? V4_MAPPED | OffHeap.u32(packet + IPV4_SOURCE_OFFSET)
                : OffHeap.i64(packet + IPV6_SOURCE_OFFSET + 8);
    }

    public static long destinationHigh(long packet, int version) {
        return version == 4 ? 0 : OffHeap.i64(packet + IPV6_DESTINATION_OFFSET);
    }

    public static long destinationLow(long packet, int version) {
        return version == 4
                ? V4_MAPPED | OffHeap.u32(packet + IPV4_DESTINATION_OFFSET)
                : OffHeap.i64(packet + IPV6_DESTINATION_OFFSET + 8);
    }

    /**
     * Finds the header of an unfragmented TCP or UDP packet, where the kernel would put csum_start. Behind IPv6 it walks
     * hop-by-hop, routing and destination options, nothing else: what is under AH or ESP is none of our business, and a
     * fragment has no transport, the first one and RFC 6946's "atomic" one included, because its checksum covers what is
     * not there, or could be.
     *
     * @param packet passed {@link #check}
     * @return 0 when there is none, else to be read with {@link #protocol}, {@link #start} and {@link #checksumField}
     */
    public static long transport(long packet, int bytes, int version) {
        return version == 4 ? ipv4Transport(packet, bytes) : ipv6Transport(packet, bytes);
    }

    /** {@link #TCP} or {@link #UDP}. */
    public static int protocol(long transport) {
        return (int) (transport >>> (2 * OFFSET_BITS));
    }

    /** Where the transport header starts, in bytes from the packet's start: the kernel's csum_start. */
    public static int start(long transport) {
        return (int) (transport >>> OFFSET_BITS) & OFFSET_MASK;
    }

    /** Where its checksum stands, in bytes from the packet's start: the kernel's csum_start + csum_offset. */
    public static int checksumField(long transport) {
        return (int) transport & OFFSET_MASK;
    }

    private static long ipv4Transport(long packet, int bytes) {
        if ((OffHeap.u16(packet + IPV4_FRAGMENT_OFFSET) & IPV4_FRAGMENT_MASK) != 0) {
            return 0;
        }
        return transportAt(ipv4HeaderBytes(packet), OffHeap.u8(packet + IPV4_PROTOCOL_OFFSET), bytes);
    }

    private static long ipv6Transport(long packet, int bytes) {
        int next = OffHeap.u8(packet + IPV6_NEXT_HEADER_OFFSET);
        int start = IPV6_HEADER_BYTES;
        for (int i = 0; isWalked(next); i++) {
            if (i == MAX_EXTENSION_HEADERS || start + 8 > bytes) {
                return 0;
            }
            next = OffHeap.u8(packet + start);
            start += (OffHeap.u8(packet + start + 1) + 1) * 8; // at least 8: the walk always advances
        }
        return transportAt(start, next, bytes);
    }

    private static boolean isWalked(int nextHeader) {
        return nextHeader == HOP_BY_HOP || nextHeader == ROUTING || nextHeader == DESTINATION_OPTIONS;
    }

    private static long transportAt(int start, int protocol, int bytes) {
        if (protocol == TCP && start + TCP_HEADER_BYTES <= bytes) {
            return encode(protocol, start, start + TCP_CHECKSUM_OFFSET);
        }
        if (protocol == UDP && start + UDP_HEADER_BYTES <= bytes) {
            return encode(protocol, start, start + UDP_CHECKSUM_OFFSET);
        }
        return 0;
    }

    private static long encode(int protocol, int start, int checksumField) {
        if (checksumField > OFFSET_MASK) {
            return 0; // behind 4 KB of extension headers
        }
        return (long) protocol << (2 * OFFSET_BITS) | (long) start << OFFSET_BITS | checksumField;
    }

    static int ipv4HeaderBytes(long packet) {
        return (OffHeap.u8(packet) & 0xf) * 4;
    }

    /**
     * IP and transport header together.
     *
     * @param transport of this packet, not 0
     * @return 0 when the TCP header says it is shorter than 20 bytes or longer than the packet
     */
    static int headerBytes(long packet, int bytes, long transport) {
        int start = start(transport);
        if (protocol(transport) == UDP) {
            return start + UDP_HEADER_BYTES;
        }
        int tcpBytes = (OffHeap.u8(packet + start + TCP_FLAGS_OFFSET) >>> 4) * 4;
        return tcpBytes < TCP_HEADER_BYTES || start + tcpBytes > bytes ? 0 : start + tcpBytes;
    }
}
