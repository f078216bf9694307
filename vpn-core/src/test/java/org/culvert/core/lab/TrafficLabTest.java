package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.FileClient;
import org.culvert.core.demo.FileServer;
import org.culvert.core.demo.Frames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything between the LANs crosses the WAN encrypted and arrives whole. IPv4 outside. */
@Tag("alone")
class TrafficLabTest extends TwoSiteLab {
    private static final int STREAMS = 50;

    @AfterEach
    void conserved() throws Exception {
        assertConserved();
    }

    @Test
    void pingsCrossBothWaysWithBothFamilies() throws Exception {
        assertAllAnswered(tokyo.ping(birlinghoven, 20));
        assertAllAnswered(birlinghoven.ping(tokyo, 20));
        assertAllAnswered(tokyo.ping6(birlinghoven, 20));
        assertAllAnswered(birlinghoven.ping6(tokyo, 20));
    }

    /** The MTU inside is 1420: 1392 and 1372 bytes of payload are the largest that fit, and beyond the kernel fragments. */
    @ParameterizedTest
    @ValueSource(ints = {16, 64, 1371, 1372, 1373, 1391, 1392, 1393, 1420, 3000, 20_000})
    void pingsOfAnySizeCross(int bytes) throws Exception {
        String size = Integer.toString(bytes);
        birlinghoven.ping6(tokyo, 1, "-s", "1400"); // IPv6 routers do not fragment: this one tells the host the MTU
        assertAllAnswered(tokyo.ping(birlinghoven, 5, "-M", "dont", "-s", size));
        assertAllAnswered(birlinghoven.ping6(tokyo, 5, "-s", size));
    }

    @Test
    void largestPacketMayForbidFragments() throws Exception {
        assertAllAnswered(tokyo.ping(birlinghoven, 5, "-M", "do", "-s", "1392"));
        assertAllAnswered(tokyo.ping6(birlinghoven, 5, "-M", "do", "-s", "1372"));
    }

    /** The gateway itself answers, in the LAN's words, so that path MTU discovery works for the hosts. */
    @Test
    void tooLargePacketThatForbidsFragmentsIsAnsweredWithTheMtu() throws Exception {
        Pings ipv4 = tokyo.ping(birlinghoven, 1, "-M", "do", "-s", "1393");
        Pings ipv6 = birlinghoven.ping6(tokyo, 1, "-M", "do", "-s", "1373");

        assertEquals(0, ipv4.received(), ipv4.said());
        assertEquals(0, ipv6.received(), ipv6.said());
        assertTrue(ipv4.said().contains("mtu=1420") || ipv4.said().contains("mtu = 1420"), ipv4.said());
        assertTrue(ipv6.said().contains("mtu=1420") || ipv6.said().contains("mtu: 1420"), ipv6.said());
    }

    @Test
    void filesCrossBothWaysWithBothFamilies() throws Exception {
        fetch(tokyo, birlinghoven, birlinghoven.site().host4());
        fetch(birlinghoven, tokyo, tokyo.site().host4());
        fetch(tokyo, birlinghoven, birlinghoven.site().host6());
        fetch(birlinghoven, tokyo, tokyo.site().host6());
    }

    private static void fetch(Office client, Office server, String address) throws Exception {
        byte[] file = noise(4_000_037, 5);
        try (FileServer serving = FileServer.start(server.host(), address, file)) {
            assertArrayEquals(file, FileClient.fetch(client.host(), serving.address()), address);
        }
    }

    @Test
    void fiftyStreamsInParallelArriveWhole() throws Exception {
        byte[] there = noise(300_007, 6);
        byte[] back = noise(200_003, 7);
        try (FileServer far = FileServer.start(
                        birlinghoven.host(), birlinghoven.site().host4(), there);
                FileServer near = FileServer.start(tokyo.host(), tokyo.site().host6(), back);
                var threads = Executors.newFixedThreadPool(STREAMS)) {
            List<Future<byte[]>> fromFar = new ArrayList<>();
            List<Future<byte[]>> fromNear = new ArrayList<>();
            for (int i = 0; i < STREAMS / 2; i++) {
                fromFar.add(threads.submit(() -> FileClient.fetch(tokyo.host(), far.address())));
                fromNear.add(threads.submit(() -> FileClient.fetch(birlinghoven.host(), near.address())));
            }
            for (Future<byte[]> fetched : fromFar) {
                assertArrayEquals(there, fetched.get());
            }
            for (Future<byte[]> fetched : fromNear) {
                assertArrayEquals(back, fetched.get());
            }
        }
    }

    @Test
    void nothingOfTheLansIsSeenOnTheWan() throws Exception {
        byte[] secret = noise(48, 8);
        byte[] file = noise(500_000, 9);
        for (int start = 0; start + secret.length <= file.length; start += 1000) {
            System.arraycopy(secret, 0, file, start, secret.length);
        }
        List<byte[]> wan;
        List<byte[]> lan;
        try (FileServer server = FileServer.start(
                        birlinghoven.host(), birlinghoven.site().host6(), file);
                Capture onLan = Capture.start(tokyo.gateway(), "lan0");
                Capture onWan = Capture.start(sites.wan(), "tokyo")) {
            assertArrayEquals(file, FileClient.fetch(tokyo.host(), server.address()));
            assertAllAnswered(tokyo.ping(birlinghoven, 3));
            lan = onLan.stop();
            wan = onWan.stop();
        }

        assertTrue(lan.stream().anyMatch(frame -> Frames.holds(frame, secret)), "a blind capture");
        assertTrue(wan.stream().mapToLong(frame -> frame.length).sum() > file.length, "a blind capture");
        assertFalse(wan.stream().anyMatch(frame -> Frames.holds(frame, secret)));
        assertNoClearFrames(wan);
    }

    @Test
    void everyCounterIsExactAfterTenPings() throws Exception {
        Status tokyoBefore = tokyo.status();
        Status birlinghovenBefore = birlinghoven.status();

        assertAllAnswered(tokyo.ping(birlinghoven, 10));

        Status atTokyo = tokyo.status().since(tokyoBefore);
        Status atBirlinghoven = birlinghoven.status().since(birlinghovenBefore);
        int inner = 10 * (20 + 8 + 56);
        int outer = inner + 10 * (32 + 4 + 16);
        for (Status status : List.of(atTokyo, atBirlinghoven)) {
            assertEquals(10, status.sentPackets());
            assertEquals(10, status.receivedPackets());
            assertEquals(inner, status.sentBytes());
            assertEquals(inner, status.receivedBytes());
            assertEquals(outer, status.sentOuterBytes());
            assertEquals(outer, status.receivedOuterBytes());
            assertEquals(0, status.allDrops());
        }
    }

    @Test
    void oneUdpDatagramIsOneDatagramOnTheWan() throws Exception {
        byte[] payload = noise(333, 10);
        try (UdpPlace receiver =
                        UdpPlace.open(birlinghoven.host(), birlinghoven.site().host4());
                UdpPlace sender = UdpPlace.open(tokyo.host(), tokyo.site().host4());
                Capture onWan = Capture.start(sites.wan(), "birlinghoven")) {
            Status before = tokyo.status();
            sender.send(payload, receiver.address());
            assertArrayEquals(payload, receiver.receive());
            int sealed = 20 + 8 + 333 + 32 + 4 + 16; // what gateways say to each other meanwhile has other lengths
            assertEquals(
                    1,
                    onWan.await(1, frame -> Frames.isUdp(frame, PORT) && Frames.udpPayload(frame).length == sealed)
                            .size());
            Await.until(
                    "it is counted",
                    Duration.ofSeconds(10),
                    () -> tokyo.status().since(before).sentPackets() > 0);
            assertEquals(1, tokyo.status().since(before).sentPackets());
        }
    }

    static byte[] noise(int bytes, long seed) {
        byte[] noise = new byte[bytes];
        new Random(seed).nextBytes(noise);
        return noise;
    }
}
