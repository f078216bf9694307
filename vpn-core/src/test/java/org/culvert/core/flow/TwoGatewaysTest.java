package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.culvert.core.crypto.Suite;
import org.culvert.core.flow.TestGateway.TestClock;
import org.culvert.core.packet.IpPacket;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.core.replay.PeerReplay;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.Refusal;
import org.culvert.core.wire.SkipTime;
import org.culvert.tun.Endpoint;
import org.culvert.tun.Errno;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two (where needed three) whole gateways in the test's thread: the real flows, with TUN, socket and clocks in memory. Every guard of
 * design.md section 4 has its test here, with its exact counter.
 */
class TwoGatewaysTest extends TwoGateways {
    private static final String TOKYO_HOST = "10.1.0.5";
    private static final String BONN_HOST = "10.2.0.9";

    private static byte[] toBonn(int payload, int seed) {
        return Packets.udp(TOKYO_HOST, BONN_HOST, payload, seed);
    }

    private List<byte[]> toBonnDatagrams(int count) {
        List<byte[]> datagrams = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            datagrams.addAll(tokyo.seal(toBonn(100 + i % 7, i)));
        }
        return datagrams;
    }

    private static void assertPackets(List<byte[]> actual, byte[]... expected) {
        assertEquals(expected.length, actual.size(), "packets delivered");
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i], actual.get(i), "packet " + i);
        }
    }

    private void assertAllCounted(TestGateway gateway, long received) {
        long ok = gateway.peers.values().stream()
                .mapToLong(peer -> peer.counters().receivedPackets())
                .sum();
        assertEquals(
                received,
                ok + gateway.handedToDiscovery + gateway.inboundDropsBut(),
                "every datagram is delivered or counted once");
    }

    // What arrives

    @ParameterizedTest
    @EnumSource(Suite.class)
    void everySuiteCarriesPacketsBothWays(Suite suite) throws Exception {
        link(true, suite);
        byte[] there = toBonn(333, 1);
        byte[] back = Packets.udp(BONN_HOST, TOKYO_HOST, 77, 2);
        assertPackets(bonn.open(tokyo.address, tokyo.seal(there).getFirst()), there);
        assertPackets(tokyo.open(bonn.address, bonn.seal(back).getFirst()), back);
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void onlyTheIntegritySuiteShowsThePacketOnTheWire(Suite suite) throws Exception {
        link(true, suite);
        byte[] packet = toBonn(333, 1);
        String wire = new String(tokyo.seal(packet).getFirst(), StandardCharsets.ISO_8859_1);
        String inside = new String(packet, 20, 100, StandardCharsets.ISO_8859_1);
        assertEquals(!suite.encrypts(), wire.contains(inside));
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void everySuiteReadsAsTheProtocolDocumentSays(Suite suite) throws Exception {
        link(true, suite);
        byte[] packet = toBonn(211, 1);
        byte[] datagram = tokyo.seal(packet).getFirst();
        byte[] plaintext = SpecReader.open(bonn, tokyo, SkipTime.hour(clock.ticks), datagram);
        ByteBuffer word = ByteBuffer.wrap(plaintext, 0, 4);
        assertEquals(SkipTime.timeInHour(clock.ticks) << 5 | 1, word.getInt());
        assertArrayEquals(packet, Arrays.copyOfRange(plaintext, 4, plaintext.length));
        assertEquals(tokyo.instance, ByteBuffer.wrap(datagram).getShort(2) & 0xffff);
    }

    @Test
    void carriesIpv6() {
        byte[] packet = Packets.udp("fd01::5", "fd02::9", 512, 3);
        assertPackets(bonn.open(tokyo.address, tokyo.seal(packet).getFirst()), packet);
    }

    @Test
    void worksWithoutVnetHeader() throws Exception {
        link(false);
        byte[] packet = toBonn(999, 5);
        assertPackets(bonn.open(tokyo.address, tokyo.seal(packet).getFirst()), packet);
    }

    @Test
    void datagramHasTheOverheadTheDesignSays() {
        byte[] packet = toBonn(100, 1);
        assertEquals(packet.length + 32 + 4 + 16, tokyo.seal(packet).getFirst().length);
    }

    @Test
    void superPacketLeavesAsOneSendAndArrivesAsOneWrite() {
        byte[] superPacket = Packets.tcpSuper(TOKYO_HOST, BONN_HOST, 1380, 1380 * 30 + 411);
        tokyo.tun.toRead.add(superPacket);
        while (tokyo.outbound.runOnce()) {}
        assertEquals(31, tokyo.link.sent.size());
        assertEquals(1, tokyo.link.sendSizes.size(), "sendmsg calls");
        byte[][] datagrams = tokyo.link.sent.stream().map(FakeLink.Sent::bytes).toArray(byte[][]::new);
        bonn.link.arrive(tokyo.address, datagrams);
        while (bonn.inbound.runOnce()) {}
        assertEquals(1, bonn.tun.written.size(), "writes to the TUN");
        byte[] written = bonn.tun.written.getFirst();
        assertArrayEquals(
                Arrays.copyOfRange(superPacket, 50, superPacket.length),
                Arrays.copyOfRange(written, 50, written.length));
        assertEquals(31, bonn.peer(tokyo).counters().receivedPackets());
    }

    @Test
    void superPacketAboveOneSendIsSplitOverTwo() {
        tokyo.tun.toRead.add(Packets.tcpSuper(TOKYO_HOST, BONN_HOST, 1380, 1380 * 46));
        while (tokyo.outbound.runOnce()) {}
        assertEquals(46, tokyo.link.sent.size());
        assertEquals(2, tokyo.link.sendSizes.size());
        assertTrue(tokyo.link.sendSizes.stream().allMatch(bytes -> bytes <= 65_507));
    }

    @Test
    void restOfASuperPacketLeavesWithTheNextOne() {
        for (int i = 0; i < 3; i++) {
            tokyo.tun.toRead.add(Packets.tcpSuper(TOKYO_HOST, BONN_HOST, 1380, 1380 * 47));
        }
        while (tokyo.outbound.runOnce()) {}
        assertEquals(3 * 47, tokyo.link.sent.size());
        assertEquals(4, tokyo.link.sendSizes.size(), "three full sends and the rest, not two for each super-packet");
    }

    @Test
    void openRunIsSentBeforeTheThreadEnds() {
        tokyo.tun.toRead.add(Packets.tcpSuper(TOKYO_HOST, BONN_HOST, 1380, 1380 * 30));
        assertTrue(tokyo.outbound.runOnce(), "the TUN may have more");
        tokyo.outbound.stop();
        tokyo.outbound.run();
        assertEquals(30, tokyo.link.sent.size());
        assertEquals(30, tokyo.peer(bonn).counters().sentPackets());
    }

    @Test
    void smallPacketsOfOneReadLeaveInOneSend() throws Exception {
        link(false); // so that they are not merged on arrival
        byte[][] packets = new byte[40][];
        for (int i = 0; i < packets.length; i++) {
            packets[i] = toBonn(64, i);
        }
        List<byte[]> datagrams = tokyo.seal(packets);
        assertEquals(1, tokyo.link.sendSizes.size());
        assertPackets(bonn.open(tokyo.address, datagrams.toArray(byte[][]::new)), packets);
    }

    @Test
    void packetsOfMixedSizesKeepTheirOrder() {
        byte[][] packets = new byte[50][];
        Random random = new Random(7);
        for (int i = 0; i < packets.length; i++) {
            packets[i] = toBonn(1 + random.nextInt(1300), i);
        }
        List<byte[]> delivered = new ArrayList<>();
        for (byte[] datagram : tokyo.seal(packets)) {
            delivered.addAll(bonn.open(tokyo.address, datagram));
        }
        assertPackets(delivered, packets);
    }

    @Test
    void packetsForTwoPeersInOneBatchGoToEach() throws Exception {
        TestGateway oslo = new TestGateway("oslo", "203.0.113.3", clock, true, "10.3.0.0/24");
        try (oslo) {
            tokyo.knows(oslo);
            oslo.knows(tokyo);
            tokyo.publish();
            oslo.publish();
            byte[][] packets = new byte[20][];
            for (int i = 0; i < 20; i++) {
                packets[i] = Packets.udp(TOKYO_HOST, i % 2 == 0 ? BONN_HOST : "10.3.0.9", 64, i);
            }
            tokyo.seal(packets);
            assertEquals(2, tokyo.link.sendSizes.size(), "one send per peer");
            assertEquals(10, tokyo.peer(bonn).counters().sentPackets());
            assertEquals(10, tokyo.peer(oslo).counters().sentPackets());
        }
    }

    @Test
    void countersAreExact() {
        byte[] packet = toBonn(84 - 28, 1);
        for (int i = 0; i < 10; i++) {
            bonn.open(tokyo.address, tokyo.seal(packet).getFirst());
        }
        assertEquals(10, tokyo.peer(bonn).counters().sentPackets());
        assertEquals(840, tokyo.peer(bonn).counters().sentInnerBytes());
        assertEquals(1360, tokyo.peer(bonn).counters().sentOuterBytes());
        assertEquals(10, bonn.peer(tokyo).counters().receivedPackets());
        assertEquals(840, bonn.peer(tokyo).counters().receivedInnerBytes());
        assertEquals(1360, bonn.peer(tokyo).counters().receivedOuterBytes());
    }

    // Keys

    @Test
    void everyPacketHasItsOwnWrappedKey() {
        Set<String> wrapped = new HashSet<>();
        for (byte[] datagram : toBonnDatagrams(300)) {
            assertTrue(wrapped.add(Arrays.toString(Arrays.copyOfRange(datagram, 16, 32))), "a traffic key repeats");
        }
    }

    @Test
    void keptKeyServesAsManyPacketsAsThePolicySays() throws Exception {
        unlink();
        tokyo = new TestGateway("tokyo", "192.0.2.1", clock, true, "10.1.0.0/24");
        bonn = new TestGateway("bonn", "198.51.100.2", clock, true, "10.2.0.0/24");
        tokyo.knows(bonn, new TrafficKeyPolicy(5, Long.MAX_VALUE, Long.MAX_VALUE), Suite.AES_256_GCM);
        bonn.knows(tokyo, Suite.AES_256_GCM);
        tokyo.publish();
        bonn.publish();
        clock.advanceSeconds(1);
        List<byte[]> datagrams = toBonnDatagrams(12);
        List<String> wrapped = datagrams.stream()
                .map(datagram -> Arrays.toString(Arrays.copyOfRange(datagram, 16, 48)))
                .toList();
        assertEquals(
                List.of(5, 5, 2),
                wrapped.stream()
                        .distinct()
                        .map(key -> Collections.frequency(wrapped, key))
                        .toList());
        assertEquals(0x12, datagrams.getFirst()[0], "version 1, type 2");
        for (byte[] datagram : datagrams) {
            assertEquals(1, bonn.open(tokyo.address, datagram).size());
        }
    }

    @Test
    void keptKeyDiesWithItsHourItsInstanceAndItsTime() throws Exception {
        unlink();
        tokyo = new TestGateway("tokyo", "192.0.2.1", clock, true, "10.1.0.0/24");
        bonn = new TestGateway("bonn", "198.51.100.2", clock, true, "10.2.0.0/24");
        tokyo.knows(bonn, new TrafficKeyPolicy(1000, 1 << 20, 60_000_000_000L));
        bonn.knows(tokyo);
        tokyo.publish();
        bonn.publish();
        List<String> wrapped = new ArrayList<>();
        Runnable seal = () -> wrapped.add(
                Arrays.toString(Arrays.copyOfRange(tokyo.seal(toBonn(10, 1)).getFirst(), 16, 32)));
        seal.run();
        seal.run();
        clock.advanceSeconds(61);
        seal.run();
        tokyo.instance = 0x1357;
        tokyo.publish();
        seal.run();
        clock.advanceSeconds(3600);
        tokyo.publish();
        seal.run();
        assertEquals(wrapped.get(0), wrapped.get(1));
        assertEquals(4, new HashSet<>(wrapped).size());
    }

    // Refusals

    @Test
    void replayedDatagramsAreRefusedAndCountedExactly() {
        List<byte[]> datagrams = toBonnDatagrams(100);
        for (byte[] datagram : datagrams) {
            assertEquals(1, bonn.open(tokyo.address, datagram).size());
        }
        Collections.shuffle(datagrams, new Random(3));
        for (byte[] datagram : datagrams) {
            assertPackets(bonn.open(tokyo.address, datagram));
        }
        assertEquals(100, bonn.dropped(DropReason.REPLAY));
        assertAllCounted(bonn, 200);
    }

    @Test
    void duplicateWithinOneReceiveIsRefused() {
        byte[] datagram = tokyo.seal(toBonn(50, 1)).getFirst();
        assertEquals(
                1,
                bonn.open(tokyo.address, datagram, datagram.clone(), datagram.clone())
                        .size());
        assertEquals(2, bonn.dropped(DropReason.REPLAY));
    }

    @ParameterizedTest
    @EnumSource(Suite.class)
    void everyFlippedBitIsRefused(Suite suite) throws Exception {
        link(true, suite);
        byte[] good = tokyo.seal(toBonn(24, 1)).getFirst();
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            assertPackets(bonn.open(tokyo.address, bad));
        }
        assertAllCounted(bonn, good.length * 8L);
        assertEquals(1, bonn.open(tokyo.address, good).size(), "the genuine one still passes: nothing was marked");
    }

    @Test
    void everyTruncationAndExtensionIsRefused() {
        byte[] good = tokyo.seal(toBonn(24, 1)).getFirst();
        for (int length = 0; length <= good.length + 64; length++) {
            if (length != good.length) {
                assertPackets(bonn.open(tokyo.address, Arrays.copyOf(good, length)));
            }
        }
        assertAllCounted(bonn, good.length + 64L);
        assertEquals(1, bonn.open(tokyo.address, good).size());
    }

    @Test
    void headerOfOnePacketWithBodyOfAnotherIsRefused() {
        List<byte[]> datagrams = tokyo.seal(toBonn(24, 1), toBonn(24, 2));
        byte[] spliced = datagrams.get(0).clone();
        System.arraycopy(datagrams.get(1), 32, spliced, 32, spliced.length - 32);
        assertPackets(bonn.open(tokyo.address, spliced));
        assertEquals(1, bonn.dropped(DropReason.AUTH));
    }

    @Test
    void ownPacketsSentBackAreRefused() {
        byte[] datagram = tokyo.seal(toBonn(24, 1)).getFirst();
        assertPackets(tokyo.open(bonn.address, datagram));
        assertEquals(1, tokyo.dropped(DropReason.UNKNOWN_SPI));
    }

    @Test
    void garbageIsCountedByReasonAndNeverAnswered() {
        Random random = new Random(11);
        for (int i = 0; i < 2000; i++) {
            byte[] garbage = new byte[random.nextInt(200)];
            random.nextBytes(garbage);
            assertPackets(bonn.open(tokyo.address, garbage));
        }
        assertAllCounted(bonn, 2000);
        assertTrue(bonn.dropped(DropReason.VERSION) > 0 && bonn.dropped(DropReason.SHORT) > 0);
        assertTrue(bonn.link.sent.isEmpty());
    }

    @Test
    void unknownTypeAndVersionAreRefused() {
        byte[] type = tokyo.seal(toBonn(24, 1)).getFirst();
        type[0] = 0x15;
        byte[] version = tokyo.seal(toBonn(24, 1)).getFirst();
        version[0] = 0x21;
        bonn.open(tokyo.address, type);
        bonn.open(tokyo.address, version);
        assertEquals(1, bonn.dropped(DropReason.TYPE));
        assertEquals(1, bonn.dropped(DropReason.VERSION));
    }

    @Test
    void suiteOtherThanTheSpiSaysIsRefused() {
        byte[] datagram = tokyo.seal(toBonn(24, 1)).getFirst();
        datagram[1] = 2;
        bonn.open(tokyo.address, datagram);
        assertEquals(1, bonn.dropped(DropReason.SUITE));
    }

    @Test
    void suiteThatIsNotAcceptedIsRefused() throws Exception {
        unlink();
        tokyo = new TestGateway("tokyo", "192.0.2.1", clock, true, "10.1.0.0/24");
        bonn = new TestGateway("bonn", "198.51.100.2", clock, true, "10.2.0.0/24");
        tokyo.knows(bonn, Suite.AES_128_GMAC);
        bonn.knows(tokyo, Suite.AES_256_GCM, Suite.AES_128_GCM);
        tokyo.publish();
        bonn.publish();
        assertPackets(bonn.open(tokyo.address, tokyo.seal(toBonn(24, 1)).getFirst()));
        assertEquals(1, bonn.dropped(DropReason.UNKNOWN_SPI));
    }

    @Test
    void secondAcceptedSuiteIsReceived() throws Exception {
        unlink();
        tokyo = new TestGateway("tokyo", "192.0.2.1", clock, true, "10.1.0.0/24");
        bonn = new TestGateway("bonn", "198.51.100.2", clock, true, "10.2.0.0/24");
        tokyo.knows(bonn, Suite.CHACHA20_POLY1305);
        bonn.knows(tokyo, Suite.AES_256_GCM, Suite.CHACHA20_POLY1305);
        tokyo.publish();
        bonn.publish();
        clock.advanceSeconds(1);
        assertEquals(
                1,
                bonn.open(tokyo.address, tokyo.seal(toBonn(24, 1)).getFirst()).size());
    }

    @Test
    void sourceOutsideTheSendersNetworksIsRefused() {
        bonn.narrows(tokyo, "10.1.0.0/28");
        bonn.publish();
        assertPackets(bonn.open(
                tokyo.address,
                tokyo.seal(Packets.udp("10.1.0.77", BONN_HOST, 10, 1)).getFirst()));
        assertEquals(1, bonn.dropped(DropReason.INNER_SOURCE));
        Refusal.Detail noted = bonn.peer(tokyo).refused().take(Refusal.INNER_SOURCE);
        assertEquals(0xffff_0a01_004dL, noted.sourceLow(), "the first one is kept for the control thread");
        assertEquals(17, noted.number() >>> 16);
        assertNull(bonn.peer(tokyo).refused().take(Refusal.INNER_SOURCE));
        assertEquals(
                1,
                bonn.open(tokyo.address, tokyo.seal(toBonn(10, 3)).getFirst()).size());
        assertAllCounted(bonn, 2);
    }

    @Test
    void moreSpecificPrefixOfAnotherPeerTakesTheSourceAway() throws Exception {
        TestGateway oslo = new TestGateway("oslo", "203.0.113.3", clock, true, "10.1.0.4/30");
        try (oslo) {
            bonn.knows(oslo);
            bonn.publish();
            assertPackets(bonn.open(tokyo.address, tokyo.seal(toBonn(10, 1)).getFirst()));
            assertEquals(1, bonn.peer(tokyo).counters().dropped(DropReason.INNER_SOURCE));
        }
    }

    @Test
    void destinationThatIsNotOursIsRefusedUnlessTransitIsOn() throws Exception {
        TestGateway oslo = new TestGateway("oslo", "203.0.113.3", clock, true, "10.3.0.0/24");
        try (oslo) {
            // Tokyo reaches Oslo's network through Bonn, as a spoke does through its hub.
            tokyo.narrows(bonn, "10.2.0.0/24", "10.3.0.0/24");
            bonn.knows(oslo);
            tokyo.publish();
            bonn.publish();
            byte[] packet = Packets.udp(TOKYO_HOST, "10.3.0.9", 10, 1);
            assertPackets(bonn.open(tokyo.address, tokyo.seal(packet).getFirst()));
            assertEquals(1, bonn.dropped(DropReason.NOT_FOR_US));
            bonn.transit = true;
            bonn.publish();
            assertPackets(bonn.open(tokyo.address, tokyo.seal(packet).getFirst()), packet);
        }
    }

    /** IPv6 on the wire with IPv4 addresses inside: it must not pass for the IPv4 network of that prefix. */
    private static byte[] mappedIpv6() {
        byte[] packet = Packets.udp("fd01::5", "fd02::9", 64, 3);
        byte[] source = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 1, 0, 5};
        byte[] destination = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 2, 0, 9};
        System.arraycopy(source, 0, packet, 8, 16);
        System.arraycopy(destination, 0, packet, 24, 16);
        return packet;
    }

    @Test
    void ipv4AddressesInIpv6FormAreRefusedOnTheWayOut() {
        assertTrue(tokyo.seal(mappedIpv6()).isEmpty());
        assertEquals(1, tokyo.dropped(DropReason.TX_MALFORMED));
    }

    @Test
    void ipv4AddressesInIpv6FormAreRefusedOnTheWayIn() {
        try (Region memory = new Region(128)) {
            byte[] packet = mappedIpv6();
            OffHeap.copy(packet, 0, memory.address(), packet.length);
            assertEquals(IpPacket.INNER_VERSION, IpPacket.check(memory.address(), packet.length));
        }
    }

    @Test
    void outboundSourceOutsideOurOwnCertificateIsRefused() {
        assertTrue(tokyo.seal(Packets.udp("192.168.7.7", BONN_HOST, 10, 1)).isEmpty());
        assertEquals(1, tokyo.peer(bonn).counters().dropped(DropReason.TX_SOURCE));
    }

    @Test
    void outboundDropsAreCountedByReason() {
        tokyo.seal(Packets.udp(TOKYO_HOST, "203.0.113.77", 10, 1));
        tokyo.seal(Packets.udp(TOKYO_HOST, "224.0.0.5", 10, 1));
        tokyo.seal(Packets.udp(TOKYO_HOST, "127.0.0.9", 10, 1));
        tokyo.seal(new byte[] {0x10, 2, 3});
        assertEquals(1, tokyo.unattributed.dropped(DropReason.TX_NO_ROUTE));
        assertEquals(2, tokyo.unattributed.dropped(DropReason.TX_LOCAL));
        assertEquals(1, tokyo.unattributed.dropped(DropReason.TX_MALFORMED));
    }

    @Test
    void peerWithoutEndpointIsCountedAndSpokenToOnceItSpoke() throws Exception {
        unlink();
        tokyo = new TestGateway("tokyo", "192.0.2.1", clock, true, "10.1.0.0/24");
        bonn = new TestGateway("bonn", "198.51.100.2", clock, true, "10.2.0.0/24");
        tokyo.knowsWithoutEndpoint(bonn);
        bonn.knows(tokyo);
        tokyo.publish();
        bonn.publish();
        clock.advanceSeconds(1);
        assertTrue(tokyo.seal(toBonn(10, 1)).isEmpty());
        assertEquals(1, tokyo.dropped(DropReason.TX_NO_ENDPOINT));
        tokyo.open(
                bonn.address,
                bonn.seal(Packets.udp(BONN_HOST, TOKYO_HOST, 10, 2)).getFirst());
        assertEquals(1, tokyo.seal(toBonn(10, 3)).size());
    }

    /** F32: it ends the thread and with it the daemon. Nothing is sealed under a key nobody drew, and no kept key does for another. */
    @Test
    void withoutRandomBytesNothingIsSent() {
        tokyo.noEntropy = true;
        tokyo.tun.toRead.add(Packets.withVnetHeader(toBonn(10, 1)));
        assertThrows(IllegalStateException.class, tokyo.outbound::runOnce);
        assertEquals(0, tokyo.link.sent.size());
        tokyo.noEntropy = false;
        assertEquals(1, tokyo.seal(toBonn(10, 2)).size());
    }

    // Endpoints

    private static Endpoint at(String address, int port) {
        return Endpoint.of(new InetSocketAddress(address, port));
    }

    @Test
    void endpointFollowsTheNewestPacket() {
        List<byte[]> datagrams = toBonnDatagrams(3);
        Endpoint moved = at("192.0.2.99", 4321);
        bonn.open(moved, datagrams.get(1));
        assertEquals(moved, bonn.peer(tokyo).endpoint());
        bonn.open(tokyo.address, datagrams.get(0));
        assertEquals(moved, bonn.peer(tokyo).endpoint(), "an older packet does not move it back");
        bonn.open(at("203.0.113.66", 666), datagrams.get(1));
        assertEquals(moved, bonn.peer(tokyo).endpoint(), "a replay does not move it");
        bonn.open(tokyo.address, datagrams.get(2));
        assertEquals(tokyo.address, bonn.peer(tokyo).endpoint());
    }

    @Test
    void heldEndpointStaysForAMomentWhateverComes() {
        List<byte[]> datagrams = toBonnDatagrams(2);
        Endpoint held = at("192.0.2.55", 1640);
        bonn.peer(tokyo).hold(held, bonn.clock.nanoTime() + 1_000_000_000L);
        bonn.open(tokyo.address, datagrams.get(0));
        assertEquals(held, bonn.peer(tokyo).endpoint());
        bonn.clock.advanceSeconds(1);
        bonn.open(tokyo.address, datagrams.get(1));
        assertEquals(tokyo.address, bonn.peer(tokyo).endpoint());
    }

    @Test
    void endpointMovesThoughThePayloadIsRefused() {
        bonn.narrows(tokyo, "10.1.0.0/30");
        bonn.publish();
        Endpoint moved = at("192.0.2.99", 4321);
        bonn.open(moved, tokyo.seal(toBonn(10, 1)).getFirst());
        assertEquals(1, bonn.dropped(DropReason.INNER_SOURCE));
        assertEquals(moved, bonn.peer(tokyo).endpoint());
    }

    @Test
    void forgedPacketsNeverMoveTheEndpoint() {
        byte[] bad = tokyo.seal(toBonn(10, 1)).getFirst();
        bad[bad.length - 1] ^= 1;
        bonn.open(at("203.0.113.66", 666), bad);
        assertEquals(tokyo.address, bonn.peer(tokyo).endpoint());
    }

    @ParameterizedTest
    @ValueSource(strings = {"224.0.0.9", "127.0.0.5", "198.51.100.2", "10.1.0.77"})
    void endpointNeverMovesWhereItMustNot(String address) {
        bonn.open(at(address, 1640), tokyo.seal(toBonn(10, 1)).getFirst());
        assertEquals(tokyo.address, bonn.peer(tokyo).endpoint());
    }

    @Test
    void repliesLeaveFromTheAddressThePeerSpokeTo() {
        Endpoint from = new Endpoint(0, 0xffff_c000_0201L, 1640, 0, 0, 0xffff_c633_6403L, 7);
        bonn.open(from, tokyo.seal(toBonn(10, 1)).getFirst());
        bonn.tun.toRead.add(Packets.withVnetHeader(Packets.udp(BONN_HOST, TOKYO_HOST, 10, 2)));
        while (bonn.outbound.runOnce()) {}
        assertEquals(0xffff_c633_6403L, bonn.link.sent.getFirst().to().localLow());
    }

    @Test
    void sourcePortZeroIsNotAnEndpoint() {
        bonn.link.arrive(tokyo.address, tokyo.seal(toBonn(10, 1)).getFirst());
        bonn.link.remotePortOverride = 0;
        while (bonn.inbound.runOnce()) {}
        assertEquals(tokyo.address, bonn.peer(tokyo).endpoint());
    }

    // Time

    @Test
    void changeOfHourLosesNothingEitherWay() {
        clock.ticks = (START / SkipTime.TICKS_PER_HOUR + 1) * SkipTime.TICKS_PER_HOUR - 5L * SkipTime.TICKS_PER_SECOND;
        List<byte[]> inFlight = new ArrayList<>();
        int delivered = 0;
        for (int second = 0; second < 12; second++) {
            inFlight.addAll(tokyo.seal(toBonn(40, second)));
            if (second >= 3) { // three seconds under way
                delivered += bonn.open(tokyo.address, inFlight.get(second - 3)).size();
            }
            clock.advanceSeconds(1);
            if (second == 7) {
                bonn.publish(); // each turns its keys at another moment, and late
            }
            if (second == 9) {
                tokyo.publish();
            }
        }
        assertEquals(9, delivered);
        assertEquals(0, bonn.inboundDropsBut());
        assertEquals(0, tokyo.dropped(DropReason.TX_NO_KEYS));
    }

    @Test
    void receiverWhoseClockIsNearlyAnHourBehindStillHears() throws Exception {
        unlink();
        TestClock behind = new TestClock(START - 3000L * SkipTime.TICKS_PER_SECOND);
        tokyo = new TestGateway("tokyo", "192.0.2.1", clock, true, "10.1.0.0/24");
        bonn = new TestGateway("bonn", "198.51.100.2", behind, true, "10.2.0.0/24");
        tokyo.knows(bonn);
        bonn.knows(tokyo);
        tokyo.publish();
        bonn.publish();
        assertEquals(
                1,
                bonn.open(tokyo.address, tokyo.seal(toBonn(10, 1)).getFirst()).size());
        assertEquals(clock.ticks - behind.ticks, bonn.peer(tokyo).skew().newestTicks());
    }

    @Test
    void windowsOfHoursThatAreOverGoAndWhatTheyKnewStaysRefused() {
        byte[] old = tokyo.seal(toBonn(10, 1)).getFirst();
        bonn.open(tokyo.address, old);
        PeerReplay replay = bonn.peer(tokyo).replay();
        assertEquals(1, replay.instances());
        clock.advanceSeconds(3600);
        bonn.publish();
        bonn.inbound.runOnce();
        assertEquals(1, replay.instances(), "the hour before is still accepted");
        clock.advanceSeconds(3600);
        bonn.publish();
        bonn.inbound.runOnce();
        assertEquals(0, replay.instances());
        assertEquals(START + SkipTime.TICKS_PER_SECOND, replay.floor(), "the newest time the window had accepted");
    }

    @Test
    void packetOfAFarHourIsNotDeliveredButNamed() {
        byte[] datagram = tokyo.seal(toBonn(10, 1)).getFirst();
        clock.advanceSeconds(5 * 3600);
        bonn.publish();
        assertPackets(bonn.open(tokyo.address, datagram));
        assertEquals(1, bonn.dropped(DropReason.UNKNOWN_SPI));
        Peer.StrangeClock strange = bonn.peer(tokyo).strangeClock();
        assertNotNull(strange);
        assertEquals(-5 * 3600, strange.aheadTicks() / SkipTime.TICKS_PER_SECOND);
    }

    @Test
    void garbageUnderAFarHoursSpiSaysNothingOfTheClock() {
        byte[] datagram = tokyo.seal(toBonn(10, 1)).getFirst();
        datagram[40] ^= 4;
        clock.advanceSeconds(5 * 3600);
        bonn.publish();
        bonn.open(tokyo.address, datagram);
        assertNull(bonn.peer(tokyo).strangeClock());
    }

    @Test
    void staleTableDoesNotAcceptAnHourThatIsOver() {
        byte[] datagram = tokyo.seal(toBonn(10, 1)).getFirst();
        clock.advanceSeconds(3 * 3600); // bonn's control thread has not run since
        assertPackets(bonn.open(tokyo.address, datagram));
        assertEquals(1, bonn.dropped(DropReason.UNKNOWN_SPI));
    }

    @Test
    void recordingsFromBeforeARestartAreRefused() throws Exception {
        List<byte[]> recorded = toBonnDatagrams(20);
        for (byte[] datagram : recorded) {
            assertEquals(1, bonn.open(tokyo.address, datagram).size());
        }
        clock.advanceSeconds(1);
        bonn.close();
        TestGateway restarted = new TestGateway("bonn", "198.51.100.2", clock, true, bonn.keyPair, "10.2.0.0/24");
        bonn = restarted;
        bonn.knows(tokyo);
        bonn.publish();
        for (byte[] datagram : recorded) {
            assertPackets(bonn.open(tokyo.address, datagram));
        }
        assertEquals(20, bonn.dropped(DropReason.BEFORE_FLOOR));
        clock.advanceSeconds(1);
        assertEquals(
                1,
                bonn.open(tokyo.address, tokyo.seal(toBonn(10, 1)).getFirst()).size(),
                "fresh ones pass at once");
    }

    @Test
    void packetHeldBackForMoreThanAMinuteIsLate() {
        List<byte[]> datagrams = toBonnDatagrams(2);
        clock.advanceSeconds(30);
        byte[] newer = tokyo.seal(toBonn(10, 9)).getFirst();
        bonn.open(tokyo.address, newer);
        bonn.open(tokyo.address, datagrams.get(0));
        assertEquals(0, bonn.dropped(DropReason.LATE), "within a minute it is only out of order");
        clock.advanceSeconds(90);
        bonn.open(tokyo.address, datagrams.get(1));
        assertEquals(1, bonn.dropped(DropReason.LATE));
    }

    // A bad network

    @ParameterizedTest
    @ValueSource(longs = {1, 42, 20260719})
    void lossReorderingAndDuplicatesDeliverEachPacketOnceAndNothingElse(long seed) {
        Random random = new Random(seed);
        List<byte[]> wire = new ArrayList<>();
        Set<String> expected = new HashSet<>();
        for (int i = 0; i < 3000; i++) {
            byte[] packet = toBonn(20 + random.nextInt(200), i);
            byte[] datagram = tokyo.seal(packet).getFirst();
            if (random.nextInt(10) == 0) {
                continue; // lost
            }
            expected.add(Arrays.toString(packet));
            for (int copies = random.nextInt(8) == 0 ? 3 : 1; copies > 0; copies--) {
                wire.add(Math.max(0, wire.size() - random.nextInt(1000)), datagram);
            }
        }
        Set<String> delivered = new HashSet<>();
        for (byte[] datagram : wire) {
            for (byte[] packet : bonn.open(tokyo.address, datagram)) {
                assertTrue(delivered.add(Arrays.toString(packet)), "delivered twice, seed " + seed);
            }
        }
        assertEquals(expected, delivered, "seed " + seed);
        assertEquals(wire.size() - expected.size(), bonn.dropped(DropReason.REPLAY), "seed " + seed);
    }

    // The machine's errors

    @Test
    void eioSwitchesSegmentationOffAndLosesNothing() {
        tokyo.link.sendErrnos.add(Errno.EIO);
        tokyo.tun.toRead.add(Packets.tcpSuper(TOKYO_HOST, BONN_HOST, 1380, 1380 * 10));
        while (tokyo.outbound.runOnce()) {}
        assertFalse(tokyo.link.segmentation());
        assertEquals(10, tokyo.link.sent.size());
        assertEquals(10, tokyo.peer(bonn).counters().sentPackets());
    }

    @Test
    void datagramTooLargeForThePathIsCountedAndTheOthersGoOut() {
        tokyo.link.sendErrnos.addAll(List.of(Errno.EMSGSIZE, Errno.EMSGSIZE, 0, Errno.EMSGSIZE));
        tokyo.tun.toRead.add(Packets.tcpSuper(TOKYO_HOST, BONN_HOST, 1380, 1380 * 10));
        while (tokyo.outbound.runOnce()) {}
        assertEquals(2, tokyo.dropped(DropReason.TX_TOO_BIG));
        assertEquals(8, tokyo.link.sent.size());
        assertTrue(tokyo.link.segmentation());
    }

    @Test
    void sendErrorsAreCountedAndRemembered() {
        tokyo.link.sendErrnos.addAll(List.of(Errno.ENETUNREACH, Errno.EAGAIN, Errno.EAGAIN));
        tokyo.seal(toBonn(10, 1));
        assertEquals(Errno.ENETUNREACH, tokyo.peer(bonn).lastSendErrno());
        tokyo.seal(toBonn(10, 2));
        assertEquals(1, tokyo.dropped(DropReason.TX_SOCKET));
        assertEquals(1, tokyo.dropped(DropReason.TX_BUSY));
        assertEquals(1, tokyo.seal(toBonn(10, 3)).size());
        assertEquals(0, tokyo.peer(bonn).lastSendErrno());
    }

    @ParameterizedTest
    @ValueSource(ints = {Errno.ENETUNREACH, Errno.EINVAL})
    void localAddressThatIsGoneIsLeftToTheKernel(int errno) {
        Endpoint from = new Endpoint(0, 0xffff_c000_0201L, 1640, 0, 0, 0xffff_c633_6403L, 0);
        bonn.open(from, tokyo.seal(toBonn(10, 1)).getFirst());
        bonn.link.sendErrnos.add(errno);
        bonn.tun.toRead.add(Packets.withVnetHeader(Packets.udp(BONN_HOST, TOKYO_HOST, 10, 2)));
        while (bonn.outbound.runOnce()) {}
        assertEquals(from.fromAnyLocal(), bonn.link.sent.getFirst().to());
        assertEquals(0, bonn.dropped(DropReason.TX_SOCKET));
    }

    @Test
    void tunThatRefusesAWriteIsCounted() {
        bonn.tun.writeErrno = Errno.EIO;
        bonn.open(tokyo.address, tokyo.seal(toBonn(10, 1)).getFirst());
        assertEquals(1, bonn.dropped(DropReason.TUN_WRITE));
        assertEquals(0, bonn.inbound.failure());
        bonn.tun.writeErrno = Errno.EBADFD;
        bonn.open(tokyo.address, tokyo.seal(toBonn(10, 1)).getFirst());
        assertEquals(Errno.EBADFD, bonn.inbound.failure());
    }

    @Test
    void keysOfTwoPeersUnderOneSpiAreBothTried() throws Exception {
        TestGateway oslo = new TestGateway("oslo", "203.0.113.3", clock, true, "10.3.0.0/24");
        try (oslo) {
            bonn.knows(oslo);
            oslo.knows(bonn);
            oslo.publish();
            byte[] fromTokyo = tokyo.seal(toBonn(10, 1)).getFirst();
            byte[] fromOslo =
                    oslo.seal(Packets.udp("10.3.0.9", BONN_HOST, 10, 2)).getFirst();
            bonn.collidingSpi = 0x0badcafe;
            bonn.publish();
            for (byte[] datagram : List.of(fromTokyo, fromOslo)) {
                ByteBuffer.wrap(datagram).putInt(4, 0x0badcafe);
            }
            // The SPI is authenticated, so the changed packets do not open: exactly one failure each is counted, none
            // delivered.
            bonn.open(tokyo.address, fromTokyo);
            bonn.open(oslo.address, fromOslo);
            assertAllCounted(bonn, 2);
            assertNotEquals(0, bonn.dropped(DropReason.AUTH));
        }
    }
}
