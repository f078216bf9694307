package org.culvert.core.packet;

import org.culvert.tun.memory.OffHeap;

/**
 * One read from the TUN, taken apart in place: a packet as it is, or a super-packet cut into segments as the kernel's own
 * segmentation (tcp_gso_segment, __udp_gso_segment, inet_gso_segment) would have cut it. One thread, reused; holds only
 * numbers between calls.
 *
 * <p>Payloads are never copied. Once segment i-1 is sealed, its bytes are dead, so the headers of segment i are written
 * over its tail, directly in front of payload i:
 *
 * <pre>
 *  read:        vnet | headers | payload 0 | payload 1 | payload 2 |
 *  segment 0:   [word| headers | payload 0 ]
 *  segment 1:               [word| headers | payload 1 ]
 *  segment 2:                          [word| headers | payload 2 ]
 * </pre>
 *
 * <p>Every segment of a super-packet has a partial transport checksum: the sum of its pseudo-header, which costs one
 * addition. A single packet has one only when our own parse finds its checksum exactly where the virtio_net_hdr says it
 * is; a virtual machine on the LAN chooses that place, and the far gateway would look in its own. Any other request to
 * finish a checksum (a tunnel inside the packet, say) is carried out here, within bounds.
 */
public final class Segmenter {
    /** Not a whole IP packet, or a virtio_net_hdr that contradicts it. */
    public static final int MALFORMED = -1;

    /**
     * Segments per read. A full super-packet at the smallest segment Linux makes (tcp_min_snd_mss, 48) has 1365; a virtual
     * machine asking for one-byte segments would turn a read into 65,000 datagrams.
     */
    static final int MAX_SEGMENTS = 2_048;

    private long packet;
    private int packetBytes;
    private int version;
    private boolean partial;
    private int segmentBytes;

    /** Payload per segment; 0 for a packet that is not cut. */
    private int gsoSize;

    private long transport;
    private int transportStart;
    private int headerBytes;
    /** The pseudo-header's sum without the length. */
    private int pseudoHeader;
    /** The IPv4 header's sum without total length, identification and checksum. */
    private int ipv4Header;

    private int ipv4Id;
    private int tcpSequence;
    private int tcpFlags;

    /**
     * Takes what a read from a TUN with virtio_net_hdr brought.
     *
     * @param header address of the virtio_net_hdr, the IP packet behind it. All of it may be overwritten
     * @param bytes of both
     * @return the number of segments, at least 1, or {@link #MALFORMED}
     */
    public int begin(long header, int bytes) {
        if (!check(header + VnetHeader.BYTES, bytes - VnetHeader.BYTES)) {
            return MALFORMED;
        }
        transport = IpPacket.transport(packet, packetBytes, version);
        return VnetHeader.gsoType(header) == VnetHeader.GSO_NONE ? beginSingle(header) : beginSuper(header);
    }

    /**
     * Takes what a read from a TUN without virtio_net_hdr brought.
     *
     * @param packet address of the IP packet; four bytes in front of it are the inner word's
     * @return 1, or {@link #MALFORMED}
     */
    public int beginPlain(long packet, int bytes) {
        return check(packet, bytes) ? 1 : MALFORMED;
    }

    private boolean check(long packet, int bytes) {
        this.packet = packet;
        packetBytes = bytes;
        version = IpPacket.check(packet, bytes);
        partial = false;
        gsoSize = 0;
        return version > 0;
    }

    private int beginSingle(long header) {
        if (!VnetHeader.needsChecksum(header)) {
            return 1;
        }
        partial = namesOwnTransport(header);
        return partial || finishChecksum(header) ? 1 : MALFORMED;
    }

    private boolean namesOwnTransport(long header) {
        return transport != 0
                && VnetHeader.checksumStart(header) == IpPacket.start(transport)
                && VnetHeader.checksumField(header) == IpPacket.checksumField(transport);
    }

    /** Never inside the IP header: whoever chose the place could make an address or a length of the sum. */
    private boolean finishChecksum(long header) {
        int start = VnetHeader.checksumStart(header);
        int field = VnetHeader.checksumField(header);
        int ipBytes = version == 4 ? IpPacket.ipv4HeaderBytes(packet) : IpPacket.IPV6_HEADER_BYTES;
        if (start < ipBytes || field + 2 > packetBytes) {
            return false;
        }
        Checksum.finish(packet, packetBytes, start, field);
        return true;
    }

    private int beginSuper(long header) {
        boolean needsChecksum = VnetHeader.needsChecksum(header);
        int size = VnetHeader.gsoSize(header);
        if (!isOfType(VnetHeader.gsoType(header)) || size == 0 || (needsChecksum && !namesOwnTransport(header))) {
            return MALFORMED;
        }
        headerBytes = IpPacket.headerBytes(packet, packetBytes, transport);
        if (headerBytes == 0 || !udpLengthIsExact()) {
            return MALFORMED;
        }
        int segments = Math.max(1, Math.ceilDiv(packetBytes - headerBytes, size));
        if (segments > MAX_SEGMENTS) {
            return MALFORMED;
        }
        gsoSize = size;
        partial = true;
        remember(needsChecksum);
        return segments;
    }

    private boolean isOfType(int gsoType) {
        int protocol = IpPacket.protocol(transport); // 0 without a transport: of no type
        return switch (gsoType) {
            case VnetHeader.GSO_TCPV4, VnetHeader.GSO_TCPV4 | VnetHeader.GSO_ECN ->
                version == 4 && protocol == IpPacket.TCP;
            case VnetHeader.GSO_TCPV6, VnetHeader.GSO_TCPV6 | VnetHeader.GSO_ECN ->
                version == 6 && protocol == IpPacket.TCP;
            case VnetHeader.GSO_UDP_L4 -> protocol == IpPacket.UDP;
            default -> false;
        };
    }

    private boolean udpLengthIsExact() {
        int start = IpPacket.start(transport);
        return IpPacket.protocol(transport) != IpPacket.UDP
                || OffHeap.u16(packet + start + IpPacket.UDP_LENGTH_OFFSET) == packetBytes - start;
    }

    private void remember(boolean needsChecksum) {
        transportStart = IpPacket.start(transport);
        pseudoHeader = needsChecksum ? pseudoHeaderInField() : ownPseudoHeader();
        if (version == 4) {
            ipv4Id = OffHeap.u16(packet + IpPacket.IPV4_ID_OFFSET);
            ipv4Header = ipv4HeaderSum();
        }
        if (IpPacket.protocol(transport) == IpPacket.TCP) {
            tcpSequence = OffHeap.i32(packet + transportStart + IpPacket.TCP_SEQUENCE_OFFSET);
            tcpFlags = OffHeap.u16(packet + transportStart + IpPacket.TCP_FLAGS_OFFSET);
        }
    }

    /** The field less its own length, as the kernel does it: right also for a source route, whose last hop only it knows. */
    private int pseudoHeaderInField() {
        int field = OffHeap.u16(packet + IpPacket.checksumField(transport));
        return Checksum.fold((long) field + minus(packetBytes - transportStart));
    }

    /** Virtio asks for NEEDS_CSUM with every super-packet, but Linux lets a virtual machine get away without. */
    private int ownPseudoHeader() {
        return Checksum.pseudoHeader(packet, version, IpPacket.protocol(transport), 0);
    }

    private int ipv4HeaderSum() {
        long sum = Checksum.sum(packet, IpPacket.ipv4HeaderBytes(packet), 0);
        return Checksum.fold(
                sum + minus(packetBytes) + minus(ipv4Id) + minus(OffHeap.u16(packet + IpPacket.IPV4_CHECKSUM_OFFSET)));
    }

    /** In one's complement. */
    private static int minus(int word) {
        return ~word & 0xffff;
    }

    /** 4 or 6. */
    public int version() {
        return version;
    }

    /** The inner word's bit for all segments of this read. */
    public boolean partial() {
        return partial;
    }

    /** The IP header of the packet or super-packet, for the route and the source check before the first segment is cut. */
    public long packet() {
        return packet;
    }

    /**
     * Cuts a segment. In order 0, 1, 2 and so on, since each takes its headers from the one before, which may be read but
     * not changed until then and is partly overwritten by it.
     *
     * @return address of its IP header; the four bytes in front of it are the inner word's. Its length is
     *     {@link #segmentBytes()}
     */
    public long segment(int index) {
        if (gsoSize == 0) {
            segmentBytes = packetBytes;
            return packet;
        }
        int offset = index * gsoSize;
        long segment = packet + offset;
        if (index > 0) {
            OffHeap.copy(
                    segment - gsoSize, segment, headerBytes); // they overlap when segments are shorter than headers
        }
        int payloadBytes = packetBytes - headerBytes - offset;
        boolean last = payloadBytes <= gsoSize;
        segmentBytes = headerBytes + Math.min(payloadBytes, gsoSize);
        writeIpHeader(segment, index);
        writeTransportHeader(segment, offset, last);
        return segment;
    }

    private void writeIpHeader(long segment, int index) {
        if (version == 6) {
            OffHeap.putU16(segment + IpPacket.IPV6_PAYLOAD_LENGTH_OFFSET, segmentBytes - IpPacket.IPV6_HEADER_BYTES);
            return;
        }
        int id = (ipv4Id + index) & 0xffff;
        OffHeap.putU16(segment + IpPacket.IPV4_TOTAL_LENGTH_OFFSET, segmentBytes);
        OffHeap.putU16(segment + IpPacket.IPV4_ID_OFFSET, id);
        OffHeap.putU16(segment + IpPacket.IPV4_CHECKSUM_OFFSET, ~Checksum.fold((long) ipv4Header + segmentBytes + id));
    }

    private void writeTransportHeader(long segment, int offset, boolean last) {
        long header = segment + transportStart;
        int bytes = segmentBytes - transportStart;
        OffHeap.putU16(segment + IpPacket.checksumField(transport), Checksum.fold((long) pseudoHeader + bytes));
        if (IpPacket.protocol(transport) == IpPacket.UDP) {
            OffHeap.putU16(header + IpPacket.UDP_LENGTH_OFFSET, bytes);
            return;
        }
        OffHeap.putI32(header + IpPacket.TCP_SEQUENCE_OFFSET, tcpSequence + offset);
        int flags = last ? tcpFlags : tcpFlags & ~(IpPacket.TCP_FIN | IpPacket.TCP_PSH);
        OffHeap.putU16(header + IpPacket.TCP_FLAGS_OFFSET, offset == 0 ? flags : flags & ~IpPacket.TCP_CWR);
    }

    /** Length of the segment cut last, from its IP header to its end. */
    public int segmentBytes() {
        return segmentBytes;
    }
}
