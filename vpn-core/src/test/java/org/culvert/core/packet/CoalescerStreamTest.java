package org.culvert.core.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

/** Random streams of several flows, each against the slow model; and both halves of this package against each other. */
class CoalescerStreamTest {
    private static final long SEED = 0x5eed_c0a1L;

    @Test
    void whatTheKernelDeliversIsWhatWasAddedForRandomStreams() {
        int merged = 0;
        for (int round = 0; round < 600; round++) {
            merged += runStream(SEED + round, new Random(SEED + round));
        }
        assertTrue(merged > 10_000, "the streams are no test: merged only " + merged);
    }

    private static int runStream(long seed, Random random) {
        Writes writes = new Writes();
        DeliveryCheck check = new DeliveryCheck();
        List<TestPacket> flows = flows(random);
        try (Region memory = new Region(64 * 2_048);
                Coalescer coalescer = new Coalescer(writes, true, random.nextInt(4) != 0)) {
            for (int i = 0; i < 300; i++) {
                if (i % 60 == 0) {
                    coalescer.flush();
                }
                byte[] packet = next(flows.get(random.nextInt(flows.size())), random);
                long at = memory.address() + (i % 60) * 2_048 + random.nextInt(8);
                OffHeap.copy(packet, 0, at, packet.length);
                int version = IpPacket.check(at, packet.length);
                long transport = IpPacket.transport(at, packet.length, version);
                boolean partial = transport != 0 && random.nextInt(3) == 0;
                if (partial) {
                    makePartial(at, packet.length, version, transport);
                    packet = bytes(at, packet.length);
                }
                check.in(packet, partial, version, transport);
                coalescer.add(at, packet.length, version, partial, transport);
            }
            coalescer.flush();
        }
        check.assertDelivered(writes.delivered(), "seed " + seed);
        return 300 - writes.all.size();
    }

    private static List<TestPacket> flows(Random random) {
        List<TestPacket> flows = new ArrayList<>();
        int count = 1 + random.nextInt(12);
        for (int i = 0; i < count; i++) {
            TestPacket flow = TestPacket.tcp4(TestPacket.payload(1 + random.nextInt(1400), i));
            flow.protocol = new int[] {IpPacket.TCP, IpPacket.TCP, IpPacket.UDP, 1}[random.nextInt(4)];
            flow.sourcePort = 1000 + i;
            flow.fragment = random.nextBoolean() ? TestPacket.DF : 0;
            flows.add(random.nextBoolean() ? flow : flow.ipv6());
        }
        return flows;
    }

    /** The flow's next packet, now and then with something that must not be merged. */
    private static byte[] next(TestPacket flow, Random random) {
        TestPacket packet = flow.copy();
        int luck = random.nextInt(100);
        switch (luck) {
            case 0 -> packet.flags |= 1 << random.nextInt(12);
            case 1 -> packet.payload = new byte[0];
            case 2 -> packet.payload = TestPacket.payload(random.nextInt(flow.payload.length + 1), random.nextInt());
            case 3 -> packet.trafficClass ^= 3;
            case 4 -> packet.hopLimit--;
            case 5 -> packet.sequence -= flow.payload.length;
            case 6 -> packet.acknowledgement++;
            case 7 -> packet.tcpOptions = new byte[] {1, 1, 1, (byte) random.nextInt(2)};
            case 8 -> packet.fragment ^= new int[] {TestPacket.DF, TestPacket.MF, 3}[random.nextInt(3)];
            case 9, 10, 11, 12 -> packet.flags |= TestPacket.PSH;
            case 13 -> flow.payload = TestPacket.payload(1 + random.nextInt(1400), random.nextInt());
            case 14 -> packet.ipv4Options = new byte[] {1, 1, 1, 0};
            default -> packet.payload = TestPacket.payload(flow.payload.length, random.nextInt());
        }
        flow.sequence = packet.sequence + packet.payload.length;
        flow.id = luck == 15 ? 7 : flow.id + (flow.sourcePort % 3 == 0 ? 0 : 1);
        byte[] bytes = packet.bytes();
        if (luck == 16) {
            bytes[random.nextInt(bytes.length - 20) + 20] ^= 1;
        }
        return bytes;
    }

    private static void makePartial(long packet, int bytes, int version, long transport) {
        int pseudo =
                Checksum.pseudoHeader(packet, version, IpPacket.protocol(transport), bytes - IpPacket.start(transport));
        OffHeap.putU16(packet + IpPacket.checksumField(transport), pseudo);
    }

    private static byte[] bytes(long address, int count) {
        byte[] copy = new byte[count];
        OffHeap.copy(address, copy, 0, count);
        return copy;
    }

    /** Cut by one gateway and merged by the other, a super-packet is the same again. */
    @Test
    void aSuperPacketSurvivesBothGateways() {
        Random random = new Random(SEED);
        Segmenter segmenter = new Segmenter();
        try (Region read = new Region(65_600);
                Region received = new Region(64 * 2_048)) {
            for (int i = 0; i < 500; i++) {
                int gsoSize = 100 + random.nextInt(1_300);
                TestPacket packet = randomSuper(random, 1 + random.nextInt(60) * gsoSize + random.nextInt(gsoSize));
                byte[] original = KernelModel.readSuper(packet, gsoSize);
                OffHeap.copy(original, 0, read.address(), original.length);
                int segments = segmenter.begin(read.address(), original.length);
                Writes writes = new Writes();
                try (Coalescer coalescer = new Coalescer(writes, true, true)) {
                    for (int s = 0; s < segments; s++) {
                        long at = received.address() + s * 2_048;
                        OffHeap.copy(segmenter.segment(s), at, segmenter.segmentBytes());
                        int bytes = segmenter.segmentBytes();
                        assertEquals(packet.version, IpPacket.check(at, bytes));
                        coalescer.add(
                                at,
                                bytes,
                                packet.version,
                                segmenter.partial(),
                                IpPacket.transport(at, bytes, packet.version));
                    }
                    coalescer.flush();
                }
                assertEquals(1, writes.all.size(), "seed " + SEED + " packet " + i + " segments " + segments);
                if (segments > 1) {
                    assertArrayEquals(original, writes.all.getFirst(), "seed " + SEED + " packet " + i);
                }
            }
        }
    }

    private static TestPacket randomSuper(Random random, int payloadBytes) {
        TestPacket packet = TestPacket.tcp4(TestPacket.payload(Math.min(payloadBytes, 65_000), random.nextInt()));
        packet.protocol = random.nextBoolean() ? IpPacket.TCP : IpPacket.UDP;
        packet.id = random.nextInt(0x10000);
        packet.sequence = random.nextInt();
        packet.flags = TestPacket.ACK | (random.nextBoolean() ? TestPacket.PSH : 0);
        packet.tcpOptions = random.nextBoolean() ? new byte[] {1, 1, 8, 10, 9, 8, 7, 6, 5, 4, 3, 2} : new byte[0];
        packet.fragment = random.nextBoolean() ? TestPacket.DF : 0;
        return random.nextBoolean() ? packet : packet.ipv6();
    }
}
