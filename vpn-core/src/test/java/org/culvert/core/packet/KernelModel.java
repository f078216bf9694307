package org.culvert.core.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What Linux makes of one write to a TUN device with virtio_net_hdr: single packets get their checksum finished, super-packets
 * are checked as virtio_net_hdr_to_skb does and cut as its segmentation does. Over byte arrays, with every sum in full.
 * The other way round it builds what a read brings.
 */
final class KernelModel {
    static final int NEEDS_CSUM = 1;
    static final int TCPV4 = 1;
    static final int TCPV6 = 4;
    static final int UDP_L4 = 5;
    static final int ECN = 0x80;

    private KernelModel() {}

    /** A read: virtio_net_hdr and packet. */
    static byte[] read(int flags, int gsoType, int hdrLen, int gsoSize, int csumStart, int csumOffset, byte[] packet) {
        return ByteBuffer.allocate(10 + packet.length)
                .order(ByteOrder.nativeOrder())
                .put((byte) flags)
                .put((byte) gsoType)
                .putShort((short) hdrLen)
                .putShort((short) gsoSize)
                .putShort((short) csumStart)
                .putShort((short) csumOffset)
                .put(packet)
                .array();
    }

    /** A read of a super-packet, described as Linux describes it. */
    static byte[] readSuper(TestPacket packet, int gsoSize) {
        boolean tcp = packet.protocol == IpPacket.TCP;
        int type = tcp ? packet.version == 4 ? TCPV4 : TCPV6 : UDP_L4;
        byte[] bytes = packet.copy().partial().bytes();
        int start = packet.transportStart();
        return read(NEEDS_CSUM, type, packet.headerBytes(), gsoSize, start, tcp ? 16 : 6, bytes);
    }

    /** The packets of a super-packet, spelled out: each with headers, counters and sums of its own. */
    static List<TestPacket> segments(TestPacket packet, int gsoSize) {
        List<TestPacket> segments = new ArrayList<>();
        int at = 0;
        do {
            int end = Math.min(packet.payload.length, at + gsoSize);
            boolean last = end == packet.payload.length;
            TestPacket segment = packet.copy();
            segment.payload = Arrays.copyOfRange(packet.payload, at, end);
            segment.id = (packet.id + segments.size()) & 0xffff;
            segment.sequence = packet.sequence + at;
            segment.flags &= ~((last ? 0 : TestPacket.FIN | TestPacket.PSH) | (at == 0 ? 0 : TestPacket.CWR));
            segments.add(segment);
            at = end;
        } while (at < packet.payload.length);
        return segments;
    }

    /** The packets that one write delivers, with complete checksums. */
    static List<byte[]> deliver(byte[] write) {
        ByteBuffer header = ByteBuffer.wrap(write).order(ByteOrder.nativeOrder());
        int flags = header.get(0);
        int gsoType = header.get(1);
        byte[] packet = Arrays.copyOfRange(write, 10, write.length);
        int start = header.getShort(6) & 0xffff;
        int offset = header.getShort(8) & 0xffff;
        if (gsoType != 0) {
            return deliverSuper(packet, gsoType, header.getShort(2), header.getShort(4) & 0xffff, start, offset, flags);
        }
        assertEquals(0, header.getShort(4), "gso_size of a single packet");
        if (flags == NEEDS_CSUM) {
            finish(packet, start, start + offset);
        } else {
            assertEquals(
                    0, flags | start | offset | header.getShort(2), "a complete packet has an empty virtio_net_hdr");
        }
        return List.of(packet);
    }

    private static List<byte[]> deliverSuper(
            byte[] packet, int gsoType, int hdrLen, int gsoSize, int start, int offset, int flags) {
        int version = (packet[0] & 0xff) >>> 4;
        boolean tcp = gsoType != UDP_L4;
        int headerBytes = start + (tcp ? ((packet[start + 12] & 0xff) >>> 4) * 4 : 8);
        assertEquals(NEEDS_CSUM, flags, "flags of a super-packet");
        assertEquals(version == 4 ? 20 : 40, start, "csum_start");
        assertEquals(tcp ? 16 : 6, offset, "csum_offset");
        assertEquals(tcp ? IpPacket.TCP : IpPacket.UDP, packet[version == 4 ? 9 : 6], "protocol");
        assertEquals(tcp ? version == 4 ? TCPV4 : TCPV6 : UDP_L4, gsoType, "gso_type");
        assertEquals(headerBytes, hdrLen, "hdr_len");
        assertTrue(gsoSize > 0 && packet.length > headerBytes + gsoSize, "more than one segment");
        assertTrue(packet.length <= 65_535, "a super-packet's length");
        assertLengthsAndSums(packet, version, start, offset, tcp);
        List<byte[]> segments = new ArrayList<>();
        for (int at = headerBytes; at < packet.length; at += gsoSize) {
            int end = Math.min(packet.length, at + gsoSize);
            segments.add(segment(packet, version, tcp, start, headerBytes, at, end, segments.size()));
        }
        return segments;
    }

    private static void assertLengthsAndSums(byte[] packet, int version, int start, int offset, boolean tcp) {
        if (version == 4) {
            assertEquals(packet.length, TestPacket.get16(packet, 2), "IPv4 total length");
            assertEquals(0xffff, SlowChecksum.sum(packet, 0, 20, 0), "IPv4 header checksum");
        } else {
            assertEquals(packet.length - 40, TestPacket.get16(packet, 4), "IPv6 payload length");
        }
        if (!tcp) {
            assertEquals(packet.length - start, TestPacket.get16(packet, start + 4), "UDP length");
        }
        assertEquals(pseudoHeader(packet, start), TestPacket.get16(packet, start + offset), "pseudo-header's sum");
    }

    private static byte[] segment(
            byte[] packet, int version, boolean tcp, int start, int headerBytes, int at, int end, int index) {
        byte[] segment = Arrays.copyOf(packet, headerBytes + end - at);
        System.arraycopy(packet, at, segment, headerBytes, end - at);
        if (version == 4) {
            TestPacket.set16(segment, 2, segment.length);
            TestPacket.set16(segment, 4, TestPacket.get16(packet, 4) + index);
            TestPacket.set16(segment, 10, 0);
            TestPacket.set16(segment, 10, ~SlowChecksum.sum(segment, 0, 20, 0));
        } else {
            TestPacket.set16(segment, 4, segment.length - 40);
        }
        if (tcp) {
            ByteBuffer.wrap(segment).putInt(start + 4, ByteBuffer.wrap(packet).getInt(start + 4) + at - headerBytes);
            segment[start + 13] &= (byte) ~(end == packet.length ? 0 : TestPacket.FIN | TestPacket.PSH);
            segment[start + 13] &= (byte) ~(index == 0 ? 0 : TestPacket.CWR);
        } else {
            TestPacket.set16(segment, start + 4, segment.length - start);
        }
        TestPacket.set16(segment, start + (tcp ? 16 : 6), pseudoHeader(segment, start));
        finish(segment, start, start + (tcp ? 16 : 6));
        return segment;
    }

    private static int pseudoHeader(byte[] packet, int start) {
        boolean ipv4 = (packet[0] & 0xff) >>> 4 == 4;
        int addresses = ipv4 ? 12 : 8;
        int addressBytes = ipv4 ? 4 : 16;
        return SlowChecksum.pseudoHeader(
                Arrays.copyOfRange(packet, addresses, addresses + addressBytes),
                Arrays.copyOfRange(packet, addresses + addressBytes, addresses + 2 * addressBytes),
                packet[ipv4 ? 9 : 6],
                packet.length - start);
    }

    /** As skb_checksum_help. */
    static void finish(byte[] packet, int start, int field) {
        int sum = ~SlowChecksum.sum(packet, start, packet.length, 0) & 0xffff;
        TestPacket.set16(packet, field, sum == 0 ? 0xffff : sum);
    }
}
