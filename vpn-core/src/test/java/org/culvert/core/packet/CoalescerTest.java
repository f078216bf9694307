package org.culvert.core.packet;

import static org.culvert.core.packet.KernelModel.NEEDS_CSUM;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CoalescerTest {
    private final Region memory = new Region(1 << 20);
    private long free = memory.address();

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void mergesNeighboursOfBothProtocolsAndFamilies() {
        for (TestPacket first : firsts()) {
            List<TestPacket> stream = stream(first, 5);
            assertEquals(List.of(5), counts(stream), first::toString);
            assertDelivered(stream, stream);
        }
    }

    @Test
    void mergesPartialPacketsWithoutAskingForTheirSum() {
        for (TestPacket first : firsts()) {
            List<TestPacket> stream = stream(first.partial(), 5);
            assertEquals(List.of(5), counts(stream), first::toString);
            assertDelivered(stream, complete(stream));
        }
    }

    @Test
    void mergesPartialAndCompletePackets() {
        for (TestPacket first : firsts()) {
            List<TestPacket> stream = stream(first, 4);
            stream.get(0).partial();
            stream.get(2).partial();
            assertEquals(List.of(4), counts(stream), first::toString);
            assertDelivered(stream, complete(stream));
        }
    }

    @Test
    void theSuperPacketSaysWhatItIs() {
        List<TestPacket> stream = stream(TestPacket.tcp4(TestPacket.payload(100, 1)), 3);
        stream.get(2).flags |= TestPacket.PSH;
        stream.get(0).tcpOptions = stream.get(1).tcpOptions = stream.get(2).tcpOptions = new byte[] {1, 1, 1, 1};
        byte[] merged = add(stream).all.getFirst();

        TestPacket expected = stream.get(0).copy().partial();
        expected.flags |= TestPacket.PSH;
        expected.payload = new byte[300];
        for (int i = 0; i < 3; i++) {
            System.arraycopy(stream.get(i).payload, 0, expected.payload, 100 * i, 100);
        }
        assertArrayEquals(KernelModel.readSuper(expected, 100), merged);
    }

    @Test
    void aPacketAloneIsWrittenAsItCame() {
        for (TestPacket first : firsts()) {
            byte[] written = add(List.of(first)).all.getFirst();
            assertArrayEquals(KernelModel.read(0, 0, 0, 0, 0, 0, first.bytes()), written, first::toString);
        }
    }

    @Test
    void aPartialPacketAloneIsWrittenWithThePlaceOfItsChecksum() {
        TestPacket extended = TestPacket.udp6(TestPacket.payload(100, 1));
        extended.extensionTypes = new int[] {60};
        extended.extensions = new byte[][] {new byte[14]};
        List<TestPacket> singles = new ArrayList<>(firsts());
        singles.add(extended);
        for (TestPacket packet : singles) {
            packet.partial();
            int offset = packet.protocol == IpPacket.TCP ? 16 : 6;
            byte[] expected = KernelModel.read(NEEDS_CSUM, 0, 0, 0, packet.transportStart(), offset, packet.bytes());
            assertArrayEquals(expected, add(List.of(packet)).all.getFirst(), packet::toString);
        }
    }

    /** What segmentation copies from the first header must be equal, and what it counts must count. */
    @Test
    void neverMergesWhatTheKernelWouldNotCutIntoTheSamePackets() {
        for (TestPacket first :
                List.of(TestPacket.tcp4(TestPacket.payload(100, 1)), TestPacket.udp4(TestPacket.payload(100, 1)))) {
            assertApart(first, "TOS", second -> second.trafficClass ^= 0x80);
            assertApart(first, "ECN", second -> second.trafficClass ^= 0x03);
            assertApart(first, "TTL", second -> second.hopLimit--);
            assertApart(first, "DF", second -> second.fragment ^= TestPacket.DF);
            assertApart(first, "reserved bit", second -> second.fragment ^= 0x8000);
            assertApart(first, "identification too high", second -> second.id++);
            assertApart(first, "identification too low", second -> second.id -= 2);
            assertApart(first, "IPv4 options", second -> second.ipv4Options = new byte[] {1, 1, 1, 0});
            assertApart(first, "more fragments", second -> second.fragment |= TestPacket.MF);
            assertApart(first, "fragment offset", second -> second.fragment |= 1);
        }
        for (TestPacket first :
                List.of(TestPacket.tcp6(TestPacket.payload(100, 1)), TestPacket.udp6(TestPacket.payload(100, 1)))) {
            assertApart(first, "traffic class", second -> second.trafficClass ^= 0x80);
            assertApart(first, "ECN", second -> second.trafficClass ^= 0x03);
            assertApart(first, "flow label", second -> second.flowLabel ^= 1);
            assertApart(first, "hop limit", second -> second.hopLimit--);
            assertApart(first, "extension header", second -> {
                second.extensionTypes = new int[] {60};
                second.extensions = new byte[][] {new byte[6]};
            });
        }
    }

    /** Segmentation would give all of them the first one's. */
    @Test
    void neverMergesOptionsOrExtensionHeaders() {
        for (TestPacket first :
                List.of(TestPacket.tcp4(TestPacket.payload(100, 1)), TestPacket.udp4(TestPacket.payload(100, 1)))) {
            first.ipv4Options = new byte[] {1, 1, 1, 0};
            assertApart(first, "the same options", second -> {});
            assertApart(first, "other options", second -> second.ipv4Options = new byte[] {1, 1, 0, 0});
        }
        for (TestPacket first :
                List.of(TestPacket.tcp6(TestPacket.payload(100, 1)), TestPacket.udp6(TestPacket.payload(100, 1)))) {
            first.extensionTypes = new int[] {60};
            first.extensions = new byte[][] {new byte[6]};
            assertApart(first, "the same extension header", second -> {});
            assertApart(first, "another", second -> second.extensions = new byte[][] {{0, 0, 1, 2, 0, 0}});
        }
    }

    @Test
    void neverMergesAcrossFlows() {
        for (TestPacket first : firsts()) {
            assertApart(first, "source port", second -> second.sourcePort++);
            assertApart(first, "destination port", second -> second.destinationPort++);
            for (int i = 0; i < first.source.length; i++) {
                int at = i;
                assertApart(first, "source address, byte " + i, second -> second.source[at] ^= 1);
                assertApart(first, "destination address, byte " + i, second -> second.destination[at] ^= 1);
            }
        }
    }

    @Test
    void aFlowOfAnotherProtocolOrFamilyDoesNotEndARun() {
        List<TestPacket> tcp = stream(TestPacket.tcp4(TestPacket.payload(100, 1)), 2);
        List<TestPacket> udp = stream(TestPacket.udp4(TestPacket.payload(100, 2)), 2);
        assertEquals(List.of(2, 2), counts(List.of(tcp.get(0), udp.get(0), tcp.get(1), udp.get(1))));

        // an IPv6 address with both IPv4 addresses where the IPv4 header has them
        TestPacket tcp6 = TestPacket.tcp6(TestPacket.payload(100, 1));
        System.arraycopy(tcp.get(0).source, 0, tcp6.source, 4, 4);
        System.arraycopy(tcp.get(0).destination, 0, tcp6.source, 8, 4);
        assertEquals(List.of(2, 1), counts(List.of(tcp.get(0), tcp6, tcp.get(1))));
    }

    @Test
    void neverMergesWhatTcpWouldReadDifferently() {
        for (TestPacket plain :
                List.of(TestPacket.tcp4(TestPacket.payload(100, 1)), TestPacket.tcp6(TestPacket.payload(100, 1)))) {
            TestPacket first = plain.copy();
            first.tcpOptions = new byte[] {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8};
            assertApart(first, "gap", second -> second.sequence++);
            assertApart(first, "overlap", second -> second.sequence--);
            assertApart(first, "repeated", second -> second.sequence -= 100);
            assertApart(first, "in front", second -> second.sequence -= 200);
            assertApart(first, "acknowledgement", second -> second.acknowledgement++);
            assertApart(first, "window", second -> second.window++);
            assertApart(first, "urgent pointer", second -> second.urgent++);
            assertApart(first, "first option", second -> second.tcpOptions = with(second.tcpOptions, 1));
            assertApart(first, "last option", second -> second.tcpOptions = with(second.tcpOptions, 11));
            assertApart(first, "fewer options", second -> second.tcpOptions = new byte[8]);
            assertApart(first, "no options", second -> second.tcpOptions = new byte[0]);
            for (int flag = 1; flag <= 0x800; flag <<= 1) {
                if (flag != TestPacket.ACK && flag != TestPacket.PSH) {
                    int added = flag;
                    assertApart(first, "flag " + Integer.toHexString(flag), second -> second.flags |= added);
                    TestPacket flagged = first.copy();
                    flagged.flags |= flag;
                    assertApart(flagged, "flag " + Integer.toHexString(flag) + " on both", second -> {});
                }
            }
            TestPacket unacknowledged = first.copy();
            unacknowledged.flags = 0;
            assertApart(unacknowledged, "no ACK on both", second -> {});
        }
    }

    @Test
    void aPayloadThatLooksLikeTheMissingOptionsDoesNotReplaceThem() {
        TestPacket first = TestPacket.tcp4(TestPacket.payload(100, 1));
        first.tcpOptions = new byte[] {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8};
        assertApart(first, "options in the payload", second -> {
            System.arraycopy(first.tcpOptions, 0, second.payload, 0, 12);
            second.tcpOptions = new byte[0];
        });
    }

    private static byte[] with(byte[] options, int changed) {
        byte[] copy = options.clone();
        copy[changed] ^= 0x40;
        return copy;
    }

    @Test
    void pushEndsARun() {
        List<TestPacket> stream = stream(TestPacket.tcp4(TestPacket.payload(100, 1)), 5);
        stream.get(2).flags |= TestPacket.PSH;
        assertEquals(List.of(3, 2), counts(stream));
        assertDelivered(stream, stream);
        stream.get(0).flags |= TestPacket.PSH;
        assertEquals(List.of(1, 2, 2), counts(stream));
        assertDelivered(stream, stream);
    }

    /** Segmentation would set it on the last segment only. */
    @Test
    void aPacketWithPushIsWrittenAtOnceWhenItBeginsNothing() {
        TestPacket push = TestPacket.tcp4(TestPacket.payload(100, 1));
        push.flags |= TestPacket.PSH;
        Writes writes = new Writes();
        try (Coalescer coalescer = new Coalescer(writes, true, true)) {
            add(coalescer, push);
            assertEquals(1, writes.all.size());
        }
    }

    @Test
    void aShorterPayloadEndsARun() {
        for (TestPacket first : firsts()) {
            List<TestPacket> stream = stream(first, 3, 100, 99, 99);
            assertEquals(List.of(2, 1), counts(stream), first::toString);
            assertDelivered(stream, stream);
        }
    }

    @Test
    void aLongerPayloadBeginsAnotherRun() {
        for (TestPacket first : firsts()) {
            List<TestPacket> stream = stream(first, 4, 100, 100, 101, 101);
            assertEquals(List.of(2, 2), counts(stream), first::toString);
            assertDelivered(stream, stream);
        }
    }

    @Test
    void anEmptyPayloadIsNeverMerged() {
        for (TestPacket first : firsts()) {
            List<TestPacket> stream = stream(first, 4, 100, 100, 0, 100);
            assertEquals(List.of(2, 1, 1), counts(stream), first::toString);
            assertDelivered(stream, stream);
        }
    }

    @Test
    void aRunIsNeverLongerThanAPacketMayBe() {
        for (TestPacket first : firsts()) {
            int payloadBytes = (65_535 - first.headerBytes()) / 3;
            first.payload = TestPacket.payload(payloadBytes, 1);
            List<TestPacket> stream = stream(first, 4);
            assertEquals(List.of(3, 1), counts(stream), first::toString);
            assertDelivered(stream, stream);
            first.payload = TestPacket.payload(payloadBytes + 1, 1);
            assertEquals(List.of(2, 2), counts(stream(first, 4)), first::toString);
        }
    }

    @Test
    void aRunHas64PacketsAtMost() {
        for (TestPacket first : firsts()) {
            List<TestPacket> stream = stream(first, 130);
            assertEquals(List.of(64, 64, 2), counts(stream), first::toString);
            assertDelivered(stream, stream);
        }
    }

    @Test
    void identificationWrapsAround() {
        TestPacket first = TestPacket.tcp4(TestPacket.payload(100, 1));
        first.id = 0xfffe;
        List<TestPacket> stream = stream(first, 4);
        assertEquals(List.of(4), counts(stream));
        assertDelivered(stream, stream);
    }

    /** RFC 6864: without fragments the identification says nothing; Linux sends 0 from unconnected sockets. */
    @Test
    void aFixedIdentificationIsMergedWhenNothingMayFragment() {
        for (int id : new int[] {0, 0x4321}) {
            List<TestPacket> stream = stream(TestPacket.udp4(TestPacket.payload(100, 1)), 4);
            stream.forEach(packet -> packet.id = id);
            Writes writes = add(stream);
            assertEquals(List.of(4), writes.packets);
            List<TestPacket> countedUp = new ArrayList<>(stream);
            for (int i = 0; i < 4; i++) {
                countedUp.set(i, stream.get(i).copy());
                countedUp.get(i).id = id + i;
            }
            assertDelivered(stream, countedUp);
        }
    }

    @Test
    void aFixedIdentificationIsNotMergedWhereSomebodyMayFragment() {
        List<TestPacket> stream = stream(TestPacket.udp4(TestPacket.payload(100, 1)), 3);
        stream.forEach(packet -> {
            packet.id = 7;
            packet.fragment = 0;
        });
        assertEquals(List.of(1, 1, 1), counts(stream));
        assertDelivered(stream, stream);
    }

    @Test
    void anIdentificationIsFixedOrCountsUpAllAlong() {
        assertIds(List.of(2, 2, 2), 7, 7, 8, 9, 9, 9);
        assertIds(List.of(2, 1), 7, 7, 9);
        assertIds(List.of(2, 1), 7, 8, 7);
    }

    private void assertIds(List<Integer> counts, int... ids) {
        List<TestPacket> stream = stream(TestPacket.udp4(TestPacket.payload(100, 1)), ids.length);
        for (int i = 0; i < ids.length; i++) {
            stream.get(i).id = ids[i];
        }
        assertEquals(counts, counts(stream), Arrays.toString(ids));
    }

    @Test
    void aPacketWithAWrongChecksumIsNeverMergedAndStaysWrong() {
        for (TestPacket first : firsts()) {
            for (int wrong = 0; wrong < 4; wrong++) {
                List<byte[]> stream = bytes(stream(first, 4));
                byte[] damaged = stream.get(wrong);
                damaged[damaged.length - 1] ^= 1;
                Writes writes = addBytes(stream, false);
                // the one before it is written with what it had; the one after finds it damaged and begins anew
                assertEquals(
                        List.of(List.of(1, 3), List.of(1, 1, 2), List.of(2, 1, 1), List.of(3, 1))
                                .get(wrong),
                        writes.packets,
                        first + " wrong " + wrong);
                assertSame(stream, writes.delivered());
            }
        }
    }

    @Test
    void anIpv4HeaderWithAWrongChecksumIsNeverMergedAndStaysWrong() {
        for (boolean partial : new boolean[] {false, true}) {
            for (int wrong = 0; wrong < 2; wrong++) {
                TestPacket first = TestPacket.tcp4(TestPacket.payload(100, 1));
                first.partial = partial;
                List<byte[]> stream = bytes(stream(first, 2));
                stream.get(wrong)[11] ^= 1;
                Writes writes = addBytes(stream, partial);
                assertEquals(List.of(1, 1), writes.packets);
                assertArrayEquals(stream.get(wrong), Arrays.copyOfRange(writes.all.get(wrong), 10, 150));
            }
        }
    }

    /** Merged, it would gain a checksum that nobody had computed where the data came from. */
    @Test
    void udpWithoutAChecksumIsNeverMerged() {
        List<byte[]> stream = bytes(stream(TestPacket.udp4(TestPacket.payload(100, 1)), 3));
        for (byte[] packet : stream) {
            TestPacket.set16(packet, 26, 0);
        }
        Writes writes = addBytes(stream, false);
        assertEquals(List.of(1, 1, 1), writes.packets);
        assertSame(stream, writes.delivered());
    }

    @Test
    void udpWhoseLengthIsNotThePacketsIsNeverMerged() {
        for (TestPacket first :
                List.of(TestPacket.udp4(TestPacket.payload(100, 1)), TestPacket.udp6(TestPacket.payload(100, 1)))) {
            List<byte[]> stream = bytes(stream(first, 2));
            for (byte[] packet : stream) {
                TestPacket.set16(packet, first.transportStart() + 4, 107);
            }
            assertEquals(List.of(1, 1), addBytes(stream, true).packets, first::toString);
        }
    }

    @Test
    void aTcpHeaderThatIsTooShortOrTooLongIsNeverMerged() {
        for (int words : new int[] {0, 4, 15}) {
            List<byte[]> stream = bytes(stream(TestPacket.tcp4(TestPacket.payload(30, 1)), 2));
            for (byte[] packet : stream) {
                packet[32] = (byte) (words << 4);
            }
            assertEquals(List.of(1, 1), addBytes(stream, true).packets, "words " + words);
        }
    }

    @Test
    void udpIsNotMergedWhereTheKernelTakesNoUdpSuperPackets() {
        for (TestPacket first :
                List.of(TestPacket.udp4(TestPacket.payload(100, 1)), TestPacket.udp6(TestPacket.payload(100, 1)))) {
            List<TestPacket> stream = stream(first, 3);
            Writes writes = new Writes();
            try (Coalescer coalescer = new Coalescer(writes, true, false)) {
                stream.forEach(packet -> add(coalescer, packet));
                assertEquals(List.of(1, 1, 1), writes.packets);
                stream(TestPacket.tcp4(TestPacket.payload(100, 1)), 3).forEach(packet -> add(coalescer, packet));
                coalescer.flush();
                assertEquals(List.of(1, 1, 1, 3), writes.packets);
            }
        }
    }

    @Test
    void flowsThatAlternateAreMergedEach() {
        List<TestPacket> one = stream(TestPacket.tcp4(TestPacket.payload(100, 1)), 3);
        List<TestPacket> two = stream(TestPacket.udp6(TestPacket.payload(90, 2)), 3);
        List<TestPacket> mixed = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            mixed.add(one.get(i));
            mixed.add(two.get(i));
        }
        Writes writes = add(mixed);
        assertEquals(List.of(3, 3), writes.packets);
        List<TestPacket> expected = new ArrayList<>(one);
        expected.addAll(two);
        assertSame(bytes(expected), writes.delivered());
    }

    @Test
    void aPacketThatDoesNotFitIsWrittenAfterItsFlowsRun() {
        List<TestPacket> stream = stream(TestPacket.tcp4(TestPacket.payload(100, 1)), 3);
        TestPacket fin = stream.get(2);
        fin.flags |= TestPacket.FIN;
        TestPacket other = TestPacket.tcp6(TestPacket.payload(100, 1));
        Writes writes = new Writes();
        try (Coalescer coalescer = new Coalescer(writes, true, true)) {
            List.of(other, stream.get(0), stream.get(1), fin).forEach(packet -> add(coalescer, packet));
            assertEquals(List.of(2, 1), writes.packets, "the other flow is not disturbed");
            assertSame(bytes(stream), writes.delivered());
        }
    }

    @Test
    void whatBelongsToNoFlowPassesNobody() {
        TestPacket icmp = TestPacket.tcp4(TestPacket.payload(64, 9));
        icmp.protocol = 1;
        TestPacket fragment = TestPacket.udp4(TestPacket.payload(64, 9));
        fragment.fragment = TestPacket.MF;
        TestPacket esp = TestPacket.tcp6(TestPacket.payload(64, 9));
        esp.protocol = 50;
        for (TestPacket barrier : List.of(icmp, fragment, esp)) {
            List<TestPacket> one = stream(TestPacket.tcp4(TestPacket.payload(100, 1)), 2);
            List<TestPacket> two = stream(TestPacket.udp6(TestPacket.payload(90, 2)), 2);
            List<TestPacket> mixed = List.of(one.get(0), two.get(0), one.get(1), two.get(1), barrier);
            Writes writes = new Writes();
            try (Coalescer coalescer = new Coalescer(writes, true, true)) {
                mixed.forEach(packet -> add(coalescer, packet));
                assertEquals(List.of(2, 2, 1), writes.packets, barrier::toString);
                assertSame(bytes(List.of(one.get(0), one.get(1), two.get(0), two.get(1), barrier)), writes.delivered());
            }
        }
    }

    @Test
    void moreFlowsThanItHoldsPushOutTheOldest() {
        List<TestPacket> stream = new ArrayList<>();
        for (int flow = 0; flow < 2; flow++) {
            for (int port = 0; port < Coalescer.MAX_FLOWS + 1; port++) {
                TestPacket packet = TestPacket.udp4(TestPacket.payload(100, port));
                packet.id += flow;
                packet.sourcePort += port;
                stream.add(packet);
            }
        }
        Writes writes = new Writes();
        try (Coalescer coalescer = new Coalescer(writes, true, true)) {
            stream.subList(0, Coalescer.MAX_FLOWS).forEach(packet -> add(coalescer, packet));
            assertEquals(List.of(), writes.packets);
            add(coalescer, stream.get(Coalescer.MAX_FLOWS));
            assertEquals(List.of(1), writes.packets);
            assertArrayEquals(stream.get(0).bytes(), writes.delivered().getFirst());
            // the second to the ninth find their runs
            stream.subList(Coalescer.MAX_FLOWS + 2, stream.size()).forEach(packet -> add(coalescer, packet));
            coalescer.flush();
            assertEquals(List.of(1, 2, 2, 2, 2, 2, 2, 2, 2), writes.packets);
        }
    }

    @Test
    void flushesTheOldestFlowFirst() {
        List<TestPacket> opened = new ArrayList<>();
        for (int port = 0; port < 4; port++) {
            TestPacket packet = TestPacket.tcp4(TestPacket.payload(100, port));
            packet.sourcePort += port;
            opened.add(packet);
        }
        TestPacket fin = opened.get(0).copy();
        fin.flags |= TestPacket.FIN; // writes the first flow's run and itself
        List<TestPacket> expected = new ArrayList<>(opened);
        expected.add(1, fin);
        List<TestPacket> added = new ArrayList<>(opened);
        added.add(fin);
        assertSame(bytes(expected), add(added).delivered());
    }

    @Test
    void writesNothingBeforeItMustAndEverythingWhenFlushed() {
        Writes writes = new Writes();
        try (Coalescer coalescer = new Coalescer(writes, true, true)) {
            stream(TestPacket.tcp4(TestPacket.payload(100, 1)), 5).forEach(packet -> add(coalescer, packet));
            assertEquals(List.of(), writes.packets);
            coalescer.flush();
            assertEquals(List.of(5), writes.packets);
            coalescer.flush();
            assertEquals(List.of(5), writes.packets);
        }
    }

    @Test
    void withoutVnetHeaderEachPacketGoesAloneAndComplete() {
        for (TestPacket first : firsts()) {
            List<TestPacket> stream = stream(first, 3);
            stream.get(1).partial();
            Writes writes = new Writes();
            try (Coalescer coalescer = new Coalescer(writes, false, false)) {
                stream.forEach(packet -> add(coalescer, packet));
                assertEquals(List.of(1, 1, 1), writes.packets);
                assertSame(bytes(complete(stream)), writes.all);
            }
        }
    }

    /** The four kinds; payload of 100 bytes. */
    private static List<TestPacket> firsts() {
        return List.of(
                TestPacket.tcp4(TestPacket.payload(100, 1)),
                TestPacket.tcp6(TestPacket.payload(100, 1)),
                TestPacket.udp4(TestPacket.payload(100, 1)),
                TestPacket.udp6(TestPacket.payload(100, 1)));
    }

    private static List<TestPacket> stream(TestPacket first, int count, int... payloadBytes) {
        List<TestPacket> stream = new ArrayList<>();
        TestPacket next = first;
        for (int i = 0; i < count; i++) {
            TestPacket packet = next.copy();
            packet.payload = TestPacket.payload(payloadBytes.length > i ? payloadBytes[i] : first.payload.length, i);
            stream.add(packet);
            next = packet.copy();
            next.id = (packet.id + 1) & 0xffff;
            next.sequence = packet.sequence + packet.payload.length;
        }
        return stream;
    }

    /** Asserts that these two would be merged, and are not any more after the change; and come out as they went in. */
    private void assertApart(TestPacket first, String what, Consumer<TestPacket> change) {
        List<TestPacket> stream = stream(first, 2);
        change.accept(stream.get(1));
        List<TestPacket> partial =
                List.of(stream.get(0).copy().partial(), stream.get(1).copy().partial());
        for (List<TestPacket> pair : List.of(stream, partial)) {
            if ((pair.get(1).fragment & 0x3fff) != 0) {
                pair.get(1).partial = false; // IpPacket.transport finds none: the bit would have been refused
            }
            Writes writes = add(pair);
            assertEquals(List.of(1, 1), writes.packets, what + ": " + pair);
            assertSame(bytes(complete(pair)), writes.delivered());
        }
    }

    private void assertDelivered(List<TestPacket> added, List<TestPacket> expected) {
        assertSame(bytes(expected), add(added).delivered());
    }

    private static void assertSame(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "packet " + i);
        }
    }

    private static List<TestPacket> complete(List<TestPacket> stream) {
        return stream.stream()
                .map(packet -> {
                    TestPacket complete = packet.copy();
                    complete.partial = false;
                    return complete;
                })
                .toList();
    }

    private static List<byte[]> bytes(List<TestPacket> stream) {
        return new ArrayList<>(stream.stream().map(TestPacket::bytes).toList());
    }

    private List<Integer> counts(List<TestPacket> stream) {
        return add(stream).packets;
    }

    private Writes add(List<TestPacket> stream) {
        Writes writes = new Writes();
        try (Coalescer coalescer = new Coalescer(writes, true, true)) {
            stream.forEach(packet -> add(coalescer, packet));
            coalescer.flush();
        }
        return writes;
    }

    private Writes addBytes(List<byte[]> stream, boolean partial) {
        Writes writes = new Writes();
        try (Coalescer coalescer = new Coalescer(writes, true, true)) {
            stream.forEach(packet -> add(coalescer, packet, partial));
            coalescer.flush();
        }
        return writes;
    }

    private void add(Coalescer coalescer, TestPacket packet) {
        add(coalescer, packet.bytes(), packet.partial);
    }

    private void add(Coalescer coalescer, byte[] packet, boolean partial) {
        if (free + packet.length > memory.address() + memory.bytes()) {
            free = memory.address();
        }
        long at = free;
        free += packet.length + 3; // packets lie where they come to lie
        OffHeap.copy(packet, 0, at, packet.length);
        int version = IpPacket.check(at, packet.length);
        coalescer.add(at, packet.length, version, partial, IpPacket.transport(at, packet.length, version));
    }
}
