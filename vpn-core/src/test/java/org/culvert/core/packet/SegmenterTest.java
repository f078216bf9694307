package org.culvert.core.packet;

import static org.culvert.core.packet.KernelModel.ECN;
import static org.culvert.core.packet.KernelModel.NEEDS_CSUM;
import static org.culvert.core.packet.KernelModel.TCPV4;
import static org.culvert.core.packet.KernelModel.TCPV6;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.culvert.tun.memory.OffHeap;
import org.junit.jupiter.api.Test;

class SegmenterTest {
    private static final long SEED = 0x5eed_5e65L;

    private final Segmenter segmenter = new Segmenter();

    @Test
    void cutsTcpAndUdpOfBothFamiliesAsTheKernelDoes() {
        byte[] payload = TestPacket.payload(5_000, 1);
        for (int gsoSize : new int[] {7, 48, 536, 999, 1000, 1399, 1400, 4999, 5000, 5001, 65_535}) {
            assertCut(TestPacket.tcp4(payload), gsoSize);
            assertCut(TestPacket.tcp6(payload), gsoSize);
            assertCut(TestPacket.udp4(payload), gsoSize);
            assertCut(TestPacket.udp6(payload), gsoSize);
        }
    }

    @Test
    void cutsTheLargestPacket() {
        TestPacket packet = TestPacket.tcp4(TestPacket.payload(65_535 - 40, 2));
        packet.flags |= TestPacket.PSH;
        assertCut(packet, 1448);
        assertCut(TestPacket.udp6(TestPacket.payload(65_535 - 48, 2)), 1452);
    }

    @Test
    void cutsRandomPacketsAsTheKernelDoes() {
        Random random = new Random(SEED);
        for (int i = 0; i < 3_000; i++) {
            TestPacket packet = randomPacket(random);
            int gsoSize = random.nextBoolean() ? 1 + random.nextInt(1460) : 1 + random.nextInt(60);
            if (packet.payload.length / gsoSize < Segmenter.MAX_SEGMENTS) {
                assertCut(packet, gsoSize, "seed " + SEED + " packet " + i + " gso_size " + gsoSize + " ");
            }
        }
    }

    private static TestPacket randomPacket(Random random) {
        TestPacket packet = TestPacket.tcp4(TestPacket.payload(random.nextInt(9_000), random.nextInt()));
        packet.protocol = random.nextBoolean() ? IpPacket.TCP : IpPacket.UDP;
        packet.id = random.nextInt(0x10000);
        packet.sequence = random.nextInt();
        packet.acknowledgement = random.nextInt();
        packet.flags = random.nextInt(0x1000);
        packet.window = random.nextInt(0x10000);
        packet.urgent = random.nextInt(0x10000);
        packet.tcpOptions = TestPacket.payload(4 * random.nextInt(11), random.nextInt());
        packet.trafficClass = random.nextInt(256);
        packet.sourcePort = random.nextInt(0x10000);
        packet.fragment = random.nextInt(4) << 14;
        if (random.nextBoolean()) {
            packet.ipv6();
            if (random.nextInt(4) == 0) {
                packet.extensionTypes = new int[] {0, 60};
                packet.extensions = new byte[][] {TestPacket.payload(6, 3), TestPacket.payload(14, 4)};
            }
        } else {
            packet.ipv4Options = TestPacket.payload(4 * random.nextInt(11), random.nextInt());
        }
        random.nextBytes(packet.source);
        random.nextBytes(packet.destination);
        return packet;
    }

    @Test
    void finAndPushStayOnTheLastAndCwrOnTheFirstSegment() {
        TestPacket packet = TestPacket.tcp4(TestPacket.payload(25, 1));
        packet.flags = 0xfff; // all the others on all
        try (Read read = new Read(KernelModel.readSuper(packet, 10))) {
            assertEquals(3, read.begin());
            assertEquals(0x5ff6, OffHeap.u16(segmenter.segment(0) + 32));
            assertEquals(0x5f76, OffHeap.u16(segmenter.segment(1) + 32));
            assertEquals(0x5f7f, OffHeap.u16(segmenter.segment(2) + 32));
        }
    }

    @Test
    void identificationAndSequenceWrapAround() {
        TestPacket packet = TestPacket.tcp4(TestPacket.payload(30, 1));
        packet.id = 0xffff;
        packet.sequence = -5;
        try (Read read = new Read(KernelModel.readSuper(packet, 10))) {
            assertEquals(3, read.begin());
            segmenter.segment(0);
            assertEquals(0, OffHeap.u16(segmenter.segment(1) + 4));
            long last = segmenter.segment(2);
            assertEquals(1, OffHeap.u16(last + 4));
            assertEquals(15, OffHeap.i32(last + 24));
        }
    }

    /** On the forwarding path Linux sets it to the length of the whole first packet. */
    @Test
    void hdrLenIsIgnored() {
        TestPacket packet = TestPacket.tcp6(TestPacket.payload(300, 1));
        for (int hdrLen : new int[] {0, 1, 60, 61, 1500, 0xffff}) {
            byte[] bytes = packet.copy().partial().bytes();
            assertSegments(
                    KernelModel.read(NEEDS_CSUM, TCPV6, hdrLen, 100, 40, 16, bytes),
                    KernelModel.segments(packet, 100),
                    "hdr_len " + hdrLen + " ");
        }
    }

    @Test
    void theEcnBitMakesNoDifference() {
        TestPacket packet = TestPacket.tcp4(TestPacket.payload(300, 1));
        packet.flags |= TestPacket.CWR;
        assertSegments(
                KernelModel.read(
                        NEEDS_CSUM,
                        TCPV4 | ECN,
                        40,
                        100,
                        20,
                        16,
                        packet.copy().partial().bytes()),
                KernelModel.segments(packet, 100),
                "IPv4 ");
        packet.ipv6();
        assertSegments(
                KernelModel.read(
                        NEEDS_CSUM,
                        TCPV6 | ECN,
                        60,
                        100,
                        40,
                        16,
                        packet.copy().partial().bytes()),
                KernelModel.segments(packet, 100),
                "IPv6 ");
    }

    @Test
    void aSuperPacketNoLongerThanASegmentIsOneSegment() {
        for (int payloadBytes : new int[] {0, 1, 99, 100}) {
            TestPacket packet = TestPacket.tcp4(TestPacket.payload(payloadBytes, 1));
            packet.flags |= TestPacket.FIN | TestPacket.PSH | TestPacket.CWR;
            assertCut(packet, 100);
        }
    }

    /** With a source route the pseudo-header has the last destination, which only the sender's sum knows. */
    @Test
    void aPendingRoutingHeaderKeepsTheSendersPseudoHeader() {
        TestPacket packet = TestPacket.tcp6(TestPacket.payload(25, 1));
        packet.extensionTypes = new int[] {43};
        byte[] route = TestPacket.payload(22, 7);
        route[1] = 1; // segments left
        packet.extensions = new byte[][] {route};
        byte[] last = packet.destination;
        byte[] next = last.clone();
        next[15] ^= 0x5c;
        byte[] read = KernelModel.readSuper(packet, 10);
        System.arraycopy(next, 0, read, 10 + 24, 16);

        try (Read memory = new Read(read)) {
            assertEquals(3, memory.begin());
            List<TestPacket> expected = KernelModel.segments(packet, 10);
            for (int i = 0; i < 3; i++) {
                long at = segmenter.segment(i);
                long transport = IpPacket.transport(at, segmenter.segmentBytes(), 6);
                Checksum.finish(at, segmenter.segmentBytes(), transport);
                assertEquals(
                        TestPacket.get16(expected.get(i).bytes(), 40 + 24 + 16),
                        OffHeap.u16(at + 40 + 24 + 16),
                        "segment " + i);
            }
        }
    }

    @Test
    void aSuperPacketWithoutNeedsCsumGetsAPseudoHeaderOfOurOwn() {
        for (TestPacket packet : List.of(
                TestPacket.tcp4(TestPacket.payload(250, 1)),
                TestPacket.tcp6(TestPacket.payload(250, 1)),
                TestPacket.udp4(TestPacket.payload(250, 1)))) {
            byte[] read = KernelModel.readSuper(packet, 100);
            read[0] = 0;
            Arrays.fill(read, 6, 10, (byte) 0x77);
            TestPacket.set16(read, 10 + packet.transportStart() + (packet.protocol == IpPacket.TCP ? 16 : 6), 0x1234);
            assertSegments(read, KernelModel.segments(packet, 100), packet + " ");
        }
    }

    @Test
    void aSinglePacketWhoseOwnTransportIsNamedIsPartialAndUntouched() {
        for (TestPacket packet : samples()) {
            packet.partial();
            byte[] read = single(packet, packet.transportStart(), packet.protocol == IpPacket.TCP ? 16 : 6);
            assertSingle(read, true, packet.bytes(), packet.toString());
        }
    }

    @Test
    void aSinglePacketWithACompleteChecksumIsNotPartialAndUntouched() {
        for (TestPacket packet : samples()) {
            for (int flags : new int[] {0, 2, 4, 0xfe}) {
                byte[] read = KernelModel.read(flags, 0, 0x7777, 0x7777, 0x7777, 0x7777, packet.bytes());
                assertSingle(read, false, packet.bytes(), packet + " flags " + flags);
            }
        }
    }

    /** A virtual machine may name any place; the far gateway would look in its own. */
    @Test
    void aChecksumSomewhereElseIsFinishedHere() {
        TestPacket packet = TestPacket.udp4(TestPacket.payload(101, 1));
        for (int[] place :
                new int[][] {{20, 16}, {20, 8}, {22, 4}, {28, 6}, {21, 6}, {20, 127 - 20}, {127, 0}, {20, 0}}) {
            byte[] expected = packet.bytes();
            KernelModel.finish(expected, place[0], place[0] + place[1]);
            assertSingle(single(packet, place[0], place[1]), false, expected, Arrays.toString(place));
        }
    }

    @Test
    void theChecksumInsideATunnelIsFinishedHere() {
        TestPacket inner = TestPacket.tcp6(TestPacket.payload(77, 1));
        for (TestPacket outer : List.of(TestPacket.tcp4(), TestPacket.tcp6())) {
            outer.protocol = 41;
            outer.payload = inner.bytes();
            byte[] complete = outer.bytes();
            outer.payload = inner.copy().partial().bytes();
            int start = outer.transportStart() + 40;
            assertSingle(single(outer, start, 16), false, complete, outer.toString());
        }
    }

    @Test
    void theChecksumOfAFragmentIsFinishedHere() {
        TestPacket packet = TestPacket.udp4(TestPacket.payload(64, 1));
        packet.fragment = TestPacket.MF;
        byte[] complete = packet.bytes();
        packet.partial();
        assertSingle(single(packet, 20, 6), false, complete, "first fragment");
    }

    @Test
    void aSumOfZeroIsWrittenAsAllOnes() {
        TestPacket packet = TestPacket.udp4(new byte[64]);
        packet.protocol = 99;
        packet.payload = new byte[] {(byte) 0xf0, 0x0f, 0x0f, (byte) 0xf0, 0, 0};
        byte[] expected = packet.bytes();
        TestPacket.set16(expected, 24, 0xffff);
        assertSingle(single(packet, 20, 4), false, expected, "sum of all ones");
    }

    @Test
    void refusesToFinishAChecksumInTheIpHeaderOrBeyondThePacket() {
        TestPacket udp = TestPacket.udp4(TestPacket.payload(100, 1)); // 128 bytes
        TestPacket options = TestPacket.udp4(TestPacket.payload(100, 1));
        options.ipv4Options = new byte[] {1, 1, 1, 0};
        for (int[] place : new int[][] {{0, 10}, {0, 16}, {12, 0}, {18, 8}, {19, 7}, {19, 0}}) {
            assertRefused(single(udp, place[0], place[1]), "IPv4 " + Arrays.toString(place));
        }
        assertRefused(single(options, 23, 7), "IPv4 options");
        assertRefused(single(TestPacket.udp6(new byte[100]), 39, 7), "IPv6");
        TestPacket icmp = TestPacket.tcp4(new byte[64]);
        icmp.protocol = 1;
        assertRefused(single(icmp, 0, 0), "the place that a packet without transport seems to have");
        for (int[] place : new int[][] {{20, 107}, {20, 0xffff}, {0xffff, 0xffff}, {128, 0}, {127, 1}, {0xffff, 0}}) {
            assertRefused(single(udp, place[0], place[1]), "beyond the packet " + Arrays.toString(place));
        }
        try (Read read = new Read(single(udp, 20, 106))) {
            assertEquals(1, read.begin(), "the last two bytes are still inside");
        }
    }

    @Test
    void refusesWhatIsNoWholeIpPacket() {
        byte[] packet = TestPacket.tcp4(new byte[20]).bytes();
        for (int bytes = 0; bytes < packet.length; bytes++) {
            assertRefused(KernelModel.read(0, 0, 0, 0, 0, 0, Arrays.copyOf(packet, bytes)), "bytes " + bytes);
        }
        assertRefused(
                KernelModel.read(0, 0, 0, 0, 0, 0, Arrays.copyOf(packet, packet.length + 1)), "one byte too many");
        byte[] version5 = packet.clone();
        version5[0] = 0x55;
        assertRefused(KernelModel.read(0, 0, 0, 0, 0, 0, version5), "version 5");
    }

    @Test
    void refusesAReadShorterThanTheVnetHeader() {
        for (int bytes = 0; bytes <= VnetHeader.BYTES; bytes++) {
            assertRefused(new byte[bytes], "bytes " + bytes);
        }
    }

    @Test
    void refusesEverySegmentationTypeThatDoesNotFitThePacket() {
        for (TestPacket packet : List.of(
                TestPacket.tcp4(new byte[300]),
                TestPacket.tcp6(new byte[300]),
                TestPacket.udp4(new byte[300]),
                TestPacket.udp6(new byte[300]))) {
            byte[] good = KernelModel.readSuper(packet, 100);
            for (int type = 1; type < 256; type++) {
                byte[] read = good.clone();
                read[1] = (byte) type;
                boolean fits = type == (good[1] & 0xff) || (packet.protocol == IpPacket.TCP && type == (good[1] | ECN));
                try (Read memory = new Read(read)) {
                    assertEquals(fits ? 3 : Segmenter.MALFORMED, memory.begin(), packet + " gso_type " + type);
                }
            }
        }
    }

    @Test
    void refusesSegmentsOfNothing() {
        for (TestPacket packet : samples()) {
            assertRefused(KernelModel.readSuper(packet, 0), packet.toString());
        }
    }

    @Test
    void refusesASuperPacketWhoseChecksumIsSomewhereElse() {
        TestPacket packet = TestPacket.tcp4(new byte[300]).partial();
        for (int[] place : new int[][] {{20, 6}, {20, 17}, {24, 16}, {24, 12}, {0, 36}, {0, 0}}) {
            assertRefused(
                    KernelModel.read(NEEDS_CSUM, TCPV4, 40, 100, place[0], place[1], packet.bytes()),
                    Arrays.toString(place));
        }
    }

    @Test
    void refusesASuperPacketThatIsAFragment() {
        TestPacket packet = TestPacket.udp4(new byte[300]);
        packet.fragment = TestPacket.MF;
        assertRefused(KernelModel.readSuper(packet, 100), "first fragment");
        packet.fragment = 1;
        assertRefused(KernelModel.readSuper(packet, 100), "later fragment");
    }

    @Test
    void refusesASuperPacketOfAnotherProtocol() {
        TestPacket packet = TestPacket.tcp4(new byte[300]);
        byte[] read = KernelModel.readSuper(packet, 100);
        read[10 + 9] = (byte) 132;
        assertRefused(read, "SCTP");
    }

    @Test
    void refusesATcpHeaderBelowTwentyBytesOrBeyondThePacket() {
        TestPacket packet = TestPacket.tcp4(new byte[24]);
        for (int words = 0; words < 16; words++) {
            byte[] read = KernelModel.readSuper(packet, 10);
            read[10 + 32] = (byte) (words << 4);
            int payload = 44 - 4 * words;
            int expected = words < 5 || payload < 0 ? Segmenter.MALFORMED : Math.max(1, (payload + 9) / 10);
            try (Read memory = new Read(read)) {
                assertEquals(expected, memory.begin(), "header of words " + words);
            }
        }
    }

    @Test
    void refusesAUdpLengthThatIsNotThePackets() {
        for (TestPacket packet : List.of(TestPacket.udp4(new byte[300]), TestPacket.udp6(new byte[300]))) {
            for (int lie : new int[] {0, 8, 108, 307, 309, 0xffff}) {
                byte[] read = KernelModel.readSuper(packet, 100);
                TestPacket.set16(read, 10 + packet.transportStart() + 4, lie);
                assertRefused(read, packet + " says " + lie);
            }
        }
    }

    @Test
    void refusesMoreSegmentsThanAnyHonestSenderMakes() {
        TestPacket packet = TestPacket.tcp4(TestPacket.payload(Segmenter.MAX_SEGMENTS * 3, 1));
        try (Read read = new Read(KernelModel.readSuper(packet, 3))) {
            assertEquals(Segmenter.MAX_SEGMENTS, read.begin());
        }
        packet.payload = TestPacket.payload(Segmenter.MAX_SEGMENTS * 3 + 1, 1);
        assertRefused(KernelModel.readSuper(packet, 3), "one more");
        assertRefused(KernelModel.readSuper(TestPacket.udp4(new byte[60_000]), 1), "a datagram per byte");
    }

    @Test
    void withoutVnetHeaderAPacketIsOneSegmentAsItStands() {
        for (TestPacket packet : samples()) {
            byte[] bytes = packet.bytes();
            try (GuardedMemory memory = new GuardedMemory(bytes.length)) {
                long at = memory.putLast(bytes);
                assertEquals(1, segmenter.beginPlain(at, bytes.length));
                assertEquals(packet.version, segmenter.version());
                assertFalse(segmenter.partial());
                assertEquals(at, segmenter.packet());
                assertEquals(at, segmenter.segment(0));
                assertEquals(bytes.length, segmenter.segmentBytes());
                assertArrayEquals(bytes, memory.bytes(at, bytes.length));
                assertEquals(Segmenter.MALFORMED, segmenter.beginPlain(at, bytes.length - 1));
            }
        }
    }

    @Test
    void nothingOfOneReadLeaksIntoTheNext() {
        TestPacket big = TestPacket.udp6(TestPacket.payload(300, 1));
        TestPacket small = TestPacket.tcp4(TestPacket.payload(30, 2));
        assertCut(big, 100);
        assertSingle(KernelModel.read(0, 0, 0, 0, 0, 0, small.bytes()), false, small.bytes(), "after a super-packet");
        assertCut(big, 100);
        byte[] plain = small.bytes();
        try (GuardedMemory memory = new GuardedMemory(plain.length)) {
            long at = memory.putLast(plain);
            assertEquals(1, segmenter.beginPlain(at, plain.length));
            assertFalse(segmenter.partial());
            segmenter.segment(0);
            assertArrayEquals(plain, memory.bytes(at, plain.length));
        }
    }

    private static List<TestPacket> samples() {
        TestPacket options = TestPacket.tcp4(TestPacket.payload(64, 4));
        options.ipv4Options = new byte[] {1, 1, 1, 0};
        TestPacket extended = TestPacket.udp6(TestPacket.payload(64, 5));
        extended.extensionTypes = new int[] {60};
        extended.extensions = new byte[][] {new byte[14]};
        return new ArrayList<>(List.of(
                TestPacket.tcp4(TestPacket.payload(63, 1)),
                TestPacket.tcp6(TestPacket.payload(64, 2)),
                TestPacket.udp4(TestPacket.payload(65, 3)),
                TestPacket.udp6(TestPacket.payload(66, 3)),
                options,
                extended));
    }

    private static byte[] single(TestPacket packet, int csumStart, int csumOffset) {
        return KernelModel.read(NEEDS_CSUM, 0, 0, 0, csumStart, csumOffset, packet.bytes());
    }

    private void assertSingle(byte[] read, boolean partial, byte[] expected, String what) {
        try (Read memory = new Read(read)) {
            assertEquals(1, memory.begin(), what);
            assertEquals(partial, segmenter.partial(), what);
            assertArrayEquals(expected, memory.segment(0), what);
        }
    }

    private void assertRefused(byte[] read, String what) {
        try (Read memory = new Read(read)) {
            assertEquals(Segmenter.MALFORMED, memory.begin(), what);
        }
    }

    private void assertCut(TestPacket packet, int gsoSize) {
        assertCut(packet, gsoSize, "gso_size " + gsoSize + " ");
    }

    private void assertCut(TestPacket packet, int gsoSize, String what) {
        assertSegments(
                KernelModel.readSuper(packet, gsoSize), KernelModel.segments(packet, gsoSize), what + packet + " ");
    }

    /** Segments are compared with their partial sums, and again with finished ones. */
    private void assertSegments(byte[] read, List<TestPacket> expected, String what) {
        try (Read memory = new Read(read)) {
            assertEquals(expected.size(), memory.begin(), what);
            assertTrue(segmenter.partial(), what);
            assertEquals(expected.getFirst().version, segmenter.version(), what);
            for (int i = 0; i < expected.size(); i++) {
                TestPacket segment = expected.get(i);
                byte[] partial = memory.segment(i);
                assertArrayEquals(segment.copy().partial().bytes(), partial, what + "segment " + i);
                KernelModel.finish(
                        partial,
                        segment.transportStart(),
                        segment.transportStart() + (segment.protocol == IpPacket.TCP ? 16 : 6));
                assertArrayEquals(segment.bytes(), partial, what + "segment " + i + " finished");
            }
        }
    }

    /** A read from the TUN, at the end of guarded memory. */
    private final class Read implements AutoCloseable {
        private final GuardedMemory memory;
        private final long address;
        private final int bytes;

        Read(byte[] content) {
            bytes = content.length;
            memory = new GuardedMemory(bytes + 32);
            address = memory.putLast(content);
        }

        int begin() {
            return segmenter.begin(address, bytes);
        }

        /** As Outbound uses it: inner word in front, then all of it copied away (sealed). */
        byte[] segment(int index) {
            long at = segmenter.segment(index);
            OffHeap.putI32(at - 4, 0x7e7e7e7e);
            return memory.bytes(at, segmenter.segmentBytes());
        }

        @Override
        public void close() {
            memory.assertGuardsIntact("read");
            memory.assertUntouched(memory.address(), address, "in front of the read");
            memory.close();
        }
    }
}
