package org.culvert.core.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.culvert.tun.memory.OffHeap;

/** What must hold for any bytes at all; shared by the fuzz targets and the seeded test. */
final class PacketFuzz {
    private PacketFuzz() {}

    /** @param data a packet */
    static void ipPacket(byte[] data) {
        try (GuardedMemory memory = new GuardedMemory(data.length)) {
            readIpPacket(memory.putLast(data), data.length);
            memory.assertGuardsIntact("IpPacket");
        }
    }

    private static void readIpPacket(long at, int bytes) {
        int version = IpPacket.check(at, bytes);
        if (version < 0) {
            assertTrue(version == IpPacket.INNER_VERSION || version == IpPacket.INNER_LENGTH);
            return;
        }
        assertTrue(version == 4 || version == 6);
        IpPacket.sourceHigh(at, version);
        IpPacket.sourceLow(at, version);
        IpPacket.destinationHigh(at, version);
        IpPacket.destinationLow(at, version);
        long transport = IpPacket.transport(at, bytes, version);
        if (transport != 0) {
            readTransport(at, bytes, version, transport);
        }
    }

    private static void readTransport(long at, int bytes, int version, long transport) {
        int protocol = IpPacket.protocol(transport);
        int start = IpPacket.start(transport);
        assertTrue(protocol == IpPacket.TCP || protocol == IpPacket.UDP);
        assertTrue(start >= (version == 4 ? 20 : 40));
        assertTrue(start + (protocol == IpPacket.TCP ? 20 : 8) <= bytes);
        assertEquals(start + (protocol == IpPacket.TCP ? 16 : 6), IpPacket.checksumField(transport));
        int headerBytes = IpPacket.headerBytes(at, bytes, transport);
        assertTrue(headerBytes == 0 || headerBytes <= bytes);
        Checksum.valid(at, bytes, version, transport);
    }

    /** @param data a frame's payload, as a host of the LAN sent it to a group */
    static void groupPacket(byte[] data) {
        try (GuardedMemory memory = new GuardedMemory(data.length)) {
            long at = memory.putLast(data);
            int bytes = GroupPacket.bytes(at, data.length);
            assertTrue(bytes <= data.length, "more than is there");
            int version = IpPacket.check(at, bytes);
            if (version > 0) {
                GroupPacket.isOfLink(at, bytes, version);
                long digest = GroupPacket.digest(at, bytes, version);
                if (GroupPacket.mayHop(at, version)) {
                    hop(at, bytes, version);
                }
                assertEquals(digest, GroupPacket.digest(at, bytes, version), "another packet for one hop more");
            }
            memory.assertGuardsIntact("GroupPacket");
        }
    }

    private static void hop(long at, int bytes, int version) {
        int limit = OffHeap.u8(at + (version == 4 ? IpPacket.IPV4_TTL_OFFSET : 7));
        int header = version == 4 ? (OffHeap.u8(at) & 15) * 4 : 0;
        int before = Checksum.fold(Checksum.sum(at, header, 0));
        GroupPacket.hop(at, version);
        assertEquals(limit - 1, OffHeap.u8(at + (version == 4 ? IpPacket.IPV4_TTL_OFFSET : 7)));
        assertEquals(before % 0xffff, Checksum.fold(Checksum.sum(at, header, 0)) % 0xffff, "the header's sum");
        assertEquals(version, IpPacket.check(at, bytes), "no whole packet any more");
    }

    /** @param data what a read from the TUN brought: virtio_net_hdr and packet */
    static void segmenter(byte[] data) {
        try (GuardedMemory memory = new GuardedMemory(data.length + 16)) {
            long at = memory.putLast(data);
            cut(new Segmenter(), at, data.length);
            memory.assertUntouched(memory.address(), at, "in front of the read");
            memory.assertGuardsIntact("Segmenter");
        }
    }

    private static void cut(Segmenter segmenter, long read, int bytes) {
        int segments = segmenter.begin(read, bytes);
        if (segments == Segmenter.MALFORMED) {
            return;
        }
        assertTrue(segments >= 1 && segments <= Segmenter.MAX_SEGMENTS);
        long end = read + bytes;
        long payload = 0;
        int headerBytes = 0;
        for (int i = 0; i < segments; i++) {
            long at = segmenter.segment(i);
            OffHeap.putI32(at - 4, -1);
            int segmentBytes = segmenter.segmentBytes();
            assertTrue(at >= read + VnetHeader.BYTES && at + segmentBytes <= end);
            assertEquals(segmenter.version(), IpPacket.check(at, segmentBytes), "a segment is a whole packet");
            long transport = IpPacket.transport(at, segmentBytes, segmenter.version());
            assertTrue(!segmenter.partial() || transport != 0, "the far gateway would refuse the bit");
            if (segments > 1) {
                headerBytes = IpPacket.headerBytes(at, segmentBytes, transport);
                payload += segmentBytes - headerBytes;
            }
        }
        if (segments > 1) {
            assertEquals(bytes - VnetHeader.BYTES, headerBytes + payload, "all of the payload, once");
        }
    }

    /**
     * Runs packets through a coalescer and the model of the kernel.
     *
     * @param data five bytes per packet: flow and length, where to change a byte, to what, how. What does not pass
     *     {@link IpPacket#check} is left out, as Inbound does
     */
    static void coalescer(byte[] data) {
        Writes writes = new Writes();
        DeliveryCheck check = new DeliveryCheck();
        TestPacket[] flows = new TestPacket[16];
        int packets = Math.min(200, data.length / 5);
        try (GuardedMemory memory = new GuardedMemory(packets * 256);
                Coalescer coalescer = new Coalescer(writes, true, packets % 5 != 0)) {
            for (int i = 0; i < packets; i++) {
                add(
                        coalescer,
                        check,
                        memory.address() + i * 256L + 256,
                        flows,
                        Arrays.copyOfRange(data, 5 * i, 5 * i + 5));
            }
            coalescer.flush();
            memory.assertGuardsIntact("Coalescer");
        }
        check.assertDelivered(writes.delivered(), Arrays.toString(data));
    }

    private static void add(Coalescer coalescer, DeliveryCheck check, long end, TestPacket[] flows, byte[] how) {
        byte[] packet = nextOfFlow(flows, how[0] & 0xff);
        long at = end - packet.length; // the last one ends at the end of memory
        change(packet, how);
        OffHeap.copy(packet, 0, at, packet.length);
        int version = IpPacket.check(at, packet.length);
        if (version < 0) {
            return;
        }
        long transport = IpPacket.transport(at, packet.length, version);
        boolean partial = transport != 0 && (how[4] & 3) == 1;
        if (partial) {
            int transportBytes = packet.length - IpPacket.start(transport);
            int pseudo = Checksum.pseudoHeader(at, version, IpPacket.protocol(transport), transportBytes);
            OffHeap.putU16(at + IpPacket.checksumField(transport), pseudo);
            OffHeap.copy(at, packet, 0, packet.length);
        }
        check.in(packet, partial, version, transport);
        coalescer.add(at, packet.length, version, partial, transport);
    }

    private static byte[] nextOfFlow(TestPacket[] flows, int selector) {
        int flow = selector & 0xf;
        if (flows[flow] == null) {
            flows[flow] = TestPacket.tcp4();
            flows[flow].protocol = (flow & 1) == 0 ? IpPacket.TCP : IpPacket.UDP;
            flows[flow].sourcePort = 5000 + flow;
            if ((flow & 2) != 0) {
                flows[flow].ipv6();
            }
        }
        TestPacket next = flows[flow];
        next.payload = TestPacket.payload(selector >>> 4 == 1 ? 27 : 32, selector);
        byte[] bytes = next.bytes();
        next.sequence += next.payload.length;
        next.id++;
        return bytes;
    }

    /** Changes one byte, most often of the headers, and repairs the IPv4 header's checksum in half of the cases. */
    private static void change(byte[] packet, byte[] how) {
        if ((how[4] & 4) != 0) {
            packet[(how[1] & 0xff) % packet.length] = how[2];
        }
        if ((how[4] & 8) != 0 && (packet[0] & 0xff) == 0x45) {
            TestPacket.set16(packet, 10, 0);
            TestPacket.set16(packet, 10, ~SlowChecksum.sum(packet, 0, 20, 0));
        }
    }
}
