package org.culvert.core.packet;

import org.culvert.tun.memory.OffHeap;

/**
 * Which flow a packet belongs to: addresses, protocol and ports, read with every length checked, since the packet may be a stranger's
 * work. One thread; reused for packet after packet.
 *
 * <p>An ICMP echo has its identifier as the asking side's port and 0 as the other's, so that an answer is the question turned round, as
 * with ports. Protocols without either have 0 for both.
 */
public final class FiveTuple {
    public static final int ICMP = 1;
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int ICMPV6 = 58;
    public static final int SCTP = 132;

    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int AUTHENTICATION = 51;
    private static final int DESTINATION_OPTIONS = 60;

    /** As {@link IpPacket}: a sender must not have us walk thousands. */
    private static final int MAX_EXTENSION_HEADERS = 8;

    /** IPv4 options that send a packet somewhere else than its header says (RFC 791). */
    private static final int LOOSE_SOURCE_ROUTE = 131;

    private static final int STRICT_SOURCE_ROUTE = 137;

    private static final int TCP_SYN = 0x02;
    private static final int TCP_RST = 0x04;

    private long packet;
    private int bytes;
    private int version;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    private int protocol;
    private int sourcePort;
    private int destinationPort;
    private int start;
    private int fragmentOffsetBytes;
    private boolean moreFragments;
    private int fragmentId;
    private int tcpFlags;
    private int icmpType;

    /** Reading what an ICMP error quotes: of TCP only the first 8 bytes need be there. */
    private boolean quoted;

    /**
     * The first packet of a flow that nobody has sent yet: a SYN, a datagram, a ping. Its source port is the lowest that programs get when
     * they ask for none (RFC 6335).
     *
     * @param destinationPort where the protocol has ports, else without meaning
     */
    public static FiveTuple question(
            long sourceHigh,
            long sourceLow,
            long destinationHigh,
            long destinationLow,
            int protocol,
            int destinationPort) {
        FiveTuple tuple = new FiveTuple();
        tuple.sourceHigh = sourceHigh;
        tuple.sourceLow = sourceLow;
        tuple.destinationHigh = destinationHigh;
        tuple.destinationLow = destinationLow;
        tuple.version = sourceHigh == 0 && sourceLow >>> 32 == 0xffff ? 4 : 6;
        tuple.protocol = protocol;
        boolean ports = hasPorts(protocol);
        tuple.sourcePort = ports ? 49_152 : 0;
        tuple.destinationPort = ports ? destinationPort : 0;
        boolean ping = protocol == (tuple.version == 4 ? ICMP : ICMPV6);
        tuple.icmpType = !ping ? -1 : tuple.version == 4 ? 8 : 128;
        return tuple;
    }

    /**
     * Reads a packet's flow.
     *
     * @param packet address of an IP header, with at least a fixed header's bytes there
     * @param bytes of the packet, or what is there of it
     * @param version 4 or 6, as the header says
     * @return false when it cannot be said to which flow it belongs: headers cut short, a route of its own (so that its destination is
     *     another), or a fragment that would write over a TCP header already looked at (RFC 3128)
     */
    public boolean read(long packet, int bytes, int version) {
        this.packet = packet;
        this.bytes = bytes;
        this.version = version;
        sourceHigh = IpPacket.sourceHigh(packet, version);
        sourceLow = IpPacket.sourceLow(packet, version);
        destinationHigh = IpPacket.destinationHigh(packet, version);
        destinationLow = IpPacket.destinationLow(packet, version);
        sourcePort = 0;
        destinationPort = 0;
        fragmentOffsetBytes = 0;
        moreFragments = false;
        tcpFlags = 0;
        icmpType = -1;
        return (version == 4 ? readIpv4() : readIpv6()) && readTransport();
    }

    private boolean readIpv4() {
        start = IpPacket.ipv4HeaderBytes(packet);
        if (start < IpPacket.IPV4_HEADER_BYTES || start > bytes || hasSourceRoute()) {
            return false;
        }
        int fragment = OffHeap.u16(packet + IpPacket.IPV4_FRAGMENT_OFFSET);
        fragmentOffsetBytes = (fragment & 0x1fff) * 8;
        moreFragments = (fragment & 0x2000) != 0;
        fragmentId = OffHeap.u16(packet + IpPacket.IPV4_ID_OFFSET);
        protocol = OffHeap.u8(packet + IpPacket.IPV4_PROTOCOL_OFFSET);
        return true;
    }

    private boolean hasSourceRoute() {
        for (int at = IpPacket.IPV4_HEADER_BYTES; at < start; ) {
            int option = OffHeap.u8(packet + at);
            if (option == LOOSE_SOURCE_ROUTE || option == STRICT_SOURCE_ROUTE) {
                return true;
            }
            if (option == 0) {
                return false;
            }
            int length = option == 1 ? 1 : at + 1 < start ? OffHeap.u8(packet + at + 1) : 0;
            if (length < 1) {
                return true; // an option that never ends: nobody can say what stands behind it
            }
            at += length;
        }
        return false;
    }

    private boolean readIpv6() {
        start = IpPacket.IPV6_HEADER_BYTES;
        protocol = OffHeap.u8(packet + IpPacket.IPV6_NEXT_HEADER_OFFSET);
        for (int i = 0; isExtension(protocol) && fragmentOffsetBytes == 0; i++) {
            if (i == MAX_EXTENSION_HEADERS || start + 8 > bytes || hasSegmentsLeft()) {
                return false;
            }
            skipExtension();
        }
        return true;
    }

    private static boolean isExtension(int header) {
        return header == HOP_BY_HOP
                || header == ROUTING
                || header == FRAGMENT
                || header == AUTHENTICATION
                || header == DESTINATION_OPTIONS;
    }

    private boolean hasSegmentsLeft() {
        return protocol == ROUTING && OffHeap.u8(packet + start + 3) != 0;
    }

    private void skipExtension() {
        int next = OffHeap.u8(packet + start);
        int length = OffHeap.u8(packet + start + 1);
        if (protocol == FRAGMENT) {
            int fragment = OffHeap.u16(packet + start + 2);
            fragmentOffsetBytes = fragment & 0xfff8;
            moreFragments = (fragment & 1) != 0;
            fragmentId = OffHeap.i32(packet + start + 4);
            start += 8;
        } else {
            start += protocol == AUTHENTICATION ? (length + 2) * 4 : (length + 1) * 8;
        }
        protocol = next;
    }

    private boolean readTransport() {
        if (fragmentOffsetBytes > 0) {
            return protocol != TCP || fragmentOffsetBytes >= IpPacket.TCP_HEADER_BYTES;
        }
        return switch (protocol) {
            case TCP -> readTcp();
            case UDP, SCTP -> readPorts();
            case ICMP -> version != 4 || readIcmp(8, 0);
            case ICMPV6 -> version != 6 || readIcmp(128, 129);
            default -> start <= bytes;
        };
    }

    private boolean readTcp() {
        if (quoted) {
            return readPorts();
        }
        if (start + IpPacket.TCP_HEADER_BYTES > bytes) {
            return false;
        }
        tcpFlags = OffHeap.u8(packet + start + IpPacket.TCP_FLAGS_OFFSET + 1);
        return readPorts();
    }

    private boolean readPorts() {
        if (start + 8 > bytes) {
            return false;
        }
        sourcePort = OffHeap.u16(packet + start);
        destinationPort = OffHeap.u16(packet + start + 2);
        return true;
    }

    private boolean readIcmp(int question, int answer) {
        if (start + 8 > bytes) {
            return false;
        }
        icmpType = OffHeap.u8(packet + start);
        int identifier = OffHeap.u16(packet + start + 4);
        if (icmpType == question) {
            sourcePort = identifier;
        } else if (icmpType == answer) {
            destinationPort = identifier;
        }
        return true;
    }

    /**
     * Reads the packet that an ICMP error quotes.
     *
     * @param error read before
     * @return false when it is no error, or what it quotes was not sent by the error's destination, or does not reach as far as the ports
     */
    public boolean readQuoted(FiveTuple error) {
        int at = error.start + 8;
        if (!error.isIcmpError() || at + headerBytes(error.version) > error.bytes) {
            return false;
        }
        long inner = error.packet + at;
        if (OffHeap.u8(inner) >>> 4 != error.version) {
            return false;
        }
        quoted = true;
        boolean read = read(inner, error.bytes - at, error.version);
        quoted = false;
        return read
                && fragmentOffsetBytes == 0
                && sourceHigh == error.destinationHigh
                && sourceLow == error.destinationLow;
    }

    private static int headerBytes(int version) {
        return version == 4 ? IpPacket.IPV4_HEADER_BYTES : IpPacket.IPV6_HEADER_BYTES;
    }

    /** Unreachable, too big, time exceeded or a bad header: what a router or host says of a packet it had to drop. Never a redirect. */
    public boolean isIcmpError() {
        if (version == 4) {
            return protocol == ICMP && (icmpType == 3 || icmpType == 11 || icmpType == 12);
        }
        return protocol == ICMPV6 && icmpType >= 1 && icmpType <= 4;
    }

    /** The question of a ping. */
    public boolean isEchoRequest() {
        return version == 4 ? protocol == ICMP && icmpType == 8 : protocol == ICMPV6 && icmpType == 128;
    }

    /** Whether its sender may await an answer: of ICMP only for the question of a ping. */
    public boolean mayAsk() {
        return icmpType < 0 || isEchoRequest();
    }

    /** Whether it may answer something: what opens a TCP connection never does, and of ICMP only the answer to a ping. */
    public boolean mayAnswer() {
        return icmpType < 0 ? !opensTcp() : icmpType == (version == 4 ? 0 : 129);
    }

    public static boolean hasPorts(int protocol) {
        return protocol == TCP || protocol == UDP || protocol == SCTP;
    }

    /** Whether it is the first fragment of several. */
    public boolean isFirstFragment() {
        return moreFragments && fragmentOffsetBytes == 0;
    }

    /** A fragment without the transport header: its ports are unknown, and 0 here. */
    public boolean isLaterFragment() {
        return fragmentOffsetBytes > 0;
    }

    public int fragmentId() {
        return fragmentId;
    }

    /** Opens a TCP connection: SYN without ACK. */
    public boolean opensTcp() {
        return protocol == TCP && (tcpFlags & (TCP_SYN | IpPacket.TCP_ACK)) == TCP_SYN;
    }

    /** Ends a TCP connection: FIN or RST. */
    public boolean endsTcp() {
        return protocol == TCP && (tcpFlags & (IpPacket.TCP_FIN | TCP_RST)) != 0;
    }

    public int version() {
        return version;
    }

    public long sourceHigh() {
        return sourceHigh;
    }

    /** IPv4 is v4-mapped. */
    public long sourceLow() {
        return sourceLow;
    }

    public long destinationHigh() {
        return destinationHigh;
    }

    public long destinationLow() {
        return destinationLow;
    }

    /** What follows the IP header and the extension headers that are walked. */
    public int protocol() {
        return protocol;
    }

    public int sourcePort() {
        return sourcePort;
    }

    public int destinationPort() {
        return destinationPort;
    }
}
