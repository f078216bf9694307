package org.culvert.core.packet;

import org.culvert.tun.memory.OffHeap;

/**
 * Packets of one flow that are to become one super-packet: the first whole, of the others the payload only. One thread,
 * reused; owns nothing but its array of iovecs.
 *
 * <p>The rule behind all rules: the kernel, cutting the super-packet, must give back the packets that came in, or ones
 * that RFC 6864 calls the same. So the headers must agree in everything that segmentation copies, and what it counts up
 * or sets on the last segment only must be so already:
 *
 * <ul>
 *   <li>no IPv4 options, no IPv6 extension headers, no fragments; TOS, TTL, DF and the reserved bit, traffic class, flow
 *       label, hop limit equal, and with them ECN; the IPv4 header checksum right
 *   <li>IPv4 identification: one more each time. With DF also the same each time, as Linux sends it from unconnected
 *       sockets and others always; those come out counted up, which means nothing in a packet that cannot be fragmented
 *       (RFC 6864 section 4.1) and is what the kernel's own GRO allows (inet_gro_flush)
 *   <li>TCP: sequence adjacent; acknowledgement, window, urgent pointer and options equal; no flag but ACK, and PSH, which
 *       ends the run
 *   <li>payloads not empty and equally long; a shorter one ends the run, a longer one begins another
 *   <li>transport checksum partial, or complete and verified: the super-packet gets a new one, which must not make a
 *       damaged packet good. UDP without a checksum would gain one and is not merged
 * </ul>
 */
final class Run {
    /**
     * As the kernel's own UDP_GRO_CNT_MAX. A UDP super-packet of more than UDP_MAX_SEGMENTS it refuses with EINVAL: 128, and 64
     * in older ones. 65,535 bytes are 47 packets of an Ethernet path.
     */
    static final int MAX_PACKETS = 64;

    static final int MAX_BYTES = 65_535;

    private static final int IOVEC_BYTES = 16;
    /** virtio_net_hdr, first packet, the other payloads. */
    private static final int MAX_IOVECS = 1 + MAX_PACKETS;

    /** An iovec array, and the virtio_net_hdr behind it, in whole cache lines. */
    static final long MEMORY_BYTES = (MAX_IOVECS * IOVEC_BYTES + VnetHeader.BYTES + 63) & -64;

    private static final int ALL_TCP_FLAGS = 0xfff;
    private static final int IPV4_DF = 0x4000;

    private final long iovecs;
    private final long vnetHeader;

    private long first;
    private int version;
    private long transport;
    private int ports;
    private int headerBytes;
    /** Of the first packet; the last may have less. */
    private int payloadBytes;

    private boolean partial;
    private boolean verified;

    private int packets;
    private int bytes;

    /** Lengths of the packets as they came, summed. */
    private int packetBytes;

    private int nextSequence;
    private boolean fixedId;
    /** Of the packet taken last. */
    private boolean push;

    private boolean complete;

    Run(long memory) {
        iovecs = memory;
        vnetHeader = memory + MAX_IOVECS * IOVEC_BYTES;
    }

    /**
     * Whether a packet may be part of a super-packet at all, looking at it alone.
     *
     * @return bytes of IP and transport header, 0 if it may not
     */
    static int mergeableHeaderBytes(long packet, int bytes, int version, long transport) {
        int start = IpPacket.start(transport);
        int headerBytes = IpPacket.headerBytes(packet, bytes, transport);
        if (start != (version == 4 ? IpPacket.IPV4_HEADER_BYTES : IpPacket.IPV6_HEADER_BYTES) || headerBytes == bytes) {
            return 0;
        }
        boolean plain = IpPacket.protocol(transport) == IpPacket.TCP
                ? isPlainTcp(packet + start)
                : OffHeap.u16(packet + start + IpPacket.UDP_LENGTH_OFFSET) == bytes - start;
        return plain ? headerBytes : 0;
    }

    private static boolean isPlainTcp(long header) {
        int flags = OffHeap.u16(header + IpPacket.TCP_FLAGS_OFFSET) & ALL_TCP_FLAGS;
        return (flags & ~IpPacket.TCP_PSH) == IpPacket.TCP_ACK;
    }

    /** Whether nothing may follow this packet: TCP's PSH, which segmentation sets on the last only. */
    static boolean ends(long packet, long transport) {
        return IpPacket.protocol(transport) == IpPacket.TCP && isPush(packet + IpPacket.start(transport));
    }

    private static boolean isPush(long tcpHeader) {
        return (OffHeap.u16(tcpHeader + IpPacket.TCP_FLAGS_OFFSET) & IpPacket.TCP_PSH) != 0;
    }

    /** Starts with a packet that is not verified yet: most likely it stays alone, and passes as it is. */
    void begin(long packet, int bytes, int version, boolean partial, long transport, int headerBytes) {
        this.first = packet;
        this.version = version;
        this.transport = transport;
        this.ports = OffHeap.nativeI32(packet + IpPacket.start(transport));
        this.headerBytes = headerBytes;
        this.payloadBytes = bytes - headerBytes;
        this.partial = partial;
        this.bytes = bytes;
        this.packetBytes = bytes;
        packets = 1;
        verified = false;
        nextSequence = OffHeap.i32(packet + IpPacket.start(transport) + IpPacket.TCP_SEQUENCE_OFFSET) + payloadBytes;
        setIovec(1, packet, bytes);
    }

    boolean isOfFlow(long packet, int version, long transport) {
        return this.version == version
                && ports == OffHeap.nativeI32(packet + IpPacket.start(transport))
                && IpPacket.protocol(this.transport) == IpPacket.protocol(transport)
                && hasSameAddresses(packet);
    }

    private boolean hasSameAddresses(long packet) {
        if (version == 4) {
            return equal64(packet, IpPacket.IPV4_SOURCE_OFFSET); // both are in it
        }
        return equal64(packet, IpPacket.IPV6_DESTINATION_OFFSET + 8)
                && equal64(packet, IpPacket.IPV6_DESTINATION_OFFSET)
                && equal64(packet, IpPacket.IPV6_SOURCE_OFFSET + 8)
                && equal64(packet, IpPacket.IPV6_SOURCE_OFFSET);
    }

    /**
     * Takes another packet of this flow.
     *
     * @param headerBytes what {@link #mergeableHeaderBytes} said, not 0
     * @return false when it does not fit; then the run is over
     */
    boolean append(long packet, int bytes, boolean partial, int headerBytes) {
        int payload = bytes - headerBytes;
        if (headerBytes != this.headerBytes
                || payload > payloadBytes
                || this.bytes + payload > MAX_BYTES
                || !continuesIp(packet)
                || !continuesTransport(packet)
                || !verifyFirst()
                || !hasGoodSums(packet, bytes, partial)) {
            return false;
        }
        if (packets == 1) {
            fixedId = isSameId(packet);
        }
        setIovec(1 + packets, packet + headerBytes, payload);
        packets++;
        this.bytes += payload;
        this.packetBytes += bytes;
        nextSequence += payload;
        push = ends(packet, transport);
        complete = push || payload < payloadBytes || packets == MAX_PACKETS;
        return true;
    }

    /** Whether it must be written now. */
    boolean complete() {
        return complete;
    }

    private boolean continuesIp(long packet) {
        if (version == 6) {
            return equal32(packet, 0) && equal16(packet, IpPacket.IPV6_NEXT_HEADER_OFFSET);
        }
        return equal16(packet, 0)
                && equal16(packet, IpPacket.IPV4_FRAGMENT_OFFSET)
                && equal16(packet, IpPacket.IPV4_TTL_OFFSET)
                && continuesId(packet);
    }

    private boolean continuesId(long packet) {
        if (packets == 1 ? isSameId(packet) : fixedId) {
            return isSameId(packet) && (OffHeap.u16(first + IpPacket.IPV4_FRAGMENT_OFFSET) & IPV4_DF) != 0;
        }
        int id = OffHeap.u16(packet + IpPacket.IPV4_ID_OFFSET);
        return id == ((OffHeap.u16(first + IpPacket.IPV4_ID_OFFSET) + packets) & 0xffff);
    }

    private boolean isSameId(long packet) {
        return version == 4 && equal16(packet, IpPacket.IPV4_ID_OFFSET);
    }

    private boolean continuesTransport(long packet) {
        if (IpPacket.protocol(transport) == IpPacket.UDP) {
            return true;
        }
        int start = IpPacket.start(transport);
        return OffHeap.i32(packet + start + IpPacket.TCP_SEQUENCE_OFFSET) == nextSequence
                && equal32(packet, start + IpPacket.TCP_ACKNOWLEDGEMENT_OFFSET)
                && equal16(packet, start + IpPacket.TCP_WINDOW_OFFSET)
                && equal16(packet, start + IpPacket.TCP_URGENT_OFFSET)
                && hasSameOptions(packet, start + IpPacket.TCP_HEADER_BYTES);
    }

    private boolean hasSameOptions(long packet, int offset) {
        for (int at = offset; at < headerBytes; at += 4) {
            if (!equal32(packet, at)) {
                return false;
            }
        }
        return true;
    }

    private boolean equal16(long packet, int offset) {
        return OffHeap.nativeU16(packet + offset) == OffHeap.nativeU16(first + offset);
    }

    private boolean equal32(long packet, int offset) {
        return OffHeap.nativeI32(packet + offset) == OffHeap.nativeI32(first + offset);
    }

    private boolean equal64(long packet, int offset) {
        return OffHeap.nativeI64(packet + offset) == OffHeap.nativeI64(first + offset);
    }

    /** The first is looked at only when a second one wants to join it. */
    private boolean verifyFirst() {
        if (!verified) {
            verified = hasGoodSums(first, bytes, partial);
        }
        return verified;
    }

    private boolean hasGoodSums(long packet, int bytes, boolean partial) {
        return (version == 6 || Checksum.isIpv4HeaderValid(packet))
                && (partial || Checksum.valid(packet, bytes, version, transport));
    }

    /** Gives it to the sink: alone as it came, several as a super-packet. */
    void write(Coalescer.Sink sink) {
        if (packets > 1) {
            writeSuperHeaders();
        } else if (partial) {
            VnetHeader.writePartial(vnetHeader, transport);
        } else {
            VnetHeader.writePlain(vnetHeader);
        }
        setIovec(0, vnetHeader, VnetHeader.BYTES);
        sink.write(iovecs, 1 + packets, packetBytes, packets);
    }

    /** Gives a packet to a sink that wants no virtio_net_hdr. */
    void writePlain(Coalescer.Sink sink, long packet, int bytes) {
        setIovec(0, packet, bytes);
        sink.write(iovecs, 1, bytes, 1);
    }

    private void writeSuperHeaders() {
        int start = IpPacket.start(transport);
        int protocol = IpPacket.protocol(transport);
        writeIpLength();
        if (protocol == IpPacket.UDP) {
            OffHeap.putU16(first + start + IpPacket.UDP_LENGTH_OFFSET, bytes - start);
        } else if (push) {
            long flags = first + start + IpPacket.TCP_FLAGS_OFFSET;
            OffHeap.putU16(flags, OffHeap.u16(flags) | IpPacket.TCP_PSH);
        }
        int pseudoHeader = Checksum.pseudoHeader(first, version, protocol, bytes - start);
        OffHeap.putU16(first + IpPacket.checksumField(transport), pseudoHeader);
        VnetHeader.writeSuper(vnetHeader, gsoType(protocol), headerBytes, payloadBytes, transport);
    }

    private void writeIpLength() {
        if (version == 6) {
            OffHeap.putU16(first + IpPacket.IPV6_PAYLOAD_LENGTH_OFFSET, bytes - IpPacket.IPV6_HEADER_BYTES);
            return;
        }
        OffHeap.putU16(first + IpPacket.IPV4_TOTAL_LENGTH_OFFSET, bytes);
        OffHeap.putU16(first + IpPacket.IPV4_CHECKSUM_OFFSET, 0);
        int sum = Checksum.sum(first, IpPacket.IPV4_HEADER_BYTES, 0);
        OffHeap.putU16(first + IpPacket.IPV4_CHECKSUM_OFFSET, ~sum);
    }

    private int gsoType(int protocol) {
        if (protocol == IpPacket.UDP) {
            return VnetHeader.GSO_UDP_L4;
        }
        return version == 4 ? VnetHeader.GSO_TCPV4 : VnetHeader.GSO_TCPV6;
    }

    private void setIovec(int index, long address, int bytes) {
        OffHeap.putNativeI64(iovecs + (long) index * IOVEC_BYTES, address);
        OffHeap.putNativeI64(iovecs + (long) index * IOVEC_BYTES + 8, bytes);
    }
}
