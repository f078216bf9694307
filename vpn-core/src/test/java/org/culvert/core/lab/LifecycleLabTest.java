package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Gateway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Starts, stops and deaths: nothing stays behind, nothing leaves in clear, and a peer that comes back is there at once. */
class LifecycleLabTest extends TwoSiteLab {
    private String untouched = ""; // tokyo's gateway before any daemon ran there

    @Override
    void prepare() throws Exception {
        configureBoth();
        untouched = tokyo.network();
    }

    @BeforeEach
    void bothRun() throws Exception {
        configureBoth();
        startBoth();
    }

    @Test
    void sigtermEndsWithZeroAndLeavesNothing() throws Exception {
        assertNotEquals(untouched, tokyo.network());
        assertAllAnswered(tokyo.ping(birlinghoven, 3));

        long startNs = System.nanoTime();
        int code = tokyo.daemon().stop();

        report("SIGTERM to exit: %d ms", (System.nanoTime() - startNs) / 1_000_000);
        assertEquals(0, code, tokyo.daemon().said());
        assertEquals(untouched, tokyo.network());
    }

    @Test
    void killedPeerIsBackWithTheNextPacket() throws Exception {
        try (UdpPlace receiver =
                        UdpPlace.open(birlinghoven.host(), birlinghoven.site().host4());
                UdpPlace sender = UdpPlace.open(tokyo.host(), tokyo.site().host4())) {
            AtomicBoolean stopping = new AtomicBoolean();
            Thread stream = new Thread(() -> sendUntil(stopping, sender, receiver.address()));
            stream.start();
            try {
                receiver.receive();
                birlinghoven.daemon().kill();
                receiver.all(); // what was still in the queues
                long startNs = System.nanoTime();
                birlinghoven.daemon().start();
                receiver.receive(30_000);
                report(
                        "kill -9, start to first packet from the peer: %d ms",
                        (System.nanoTime() - startNs) / 1_000_000);
                birlinghoven.daemon().awaitReady();
            } finally {
                stopping.set(true);
                stream.join();
            }
        }
        assertAllAnswered(birlinghoven.ping(tokyo, 5));
    }

    private static void sendUntil(AtomicBoolean stopping, UdpPlace sender, InetSocketAddress to) {
        byte[] datagram = ByteBuffer.allocate(100).array();
        while (!stopping.get()) {
            try {
                sender.send(datagram, to);
                Thread.sleep(5);
            } catch (IOException e) {
                // A gateway that just died answers "unreachable"; the next one may pass.
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    @Test
    void killedDaemonLetsNothingLeaveInClear() throws Exception {
        Path pings = folder.resolve("pings");
        awaitReached(); // the streams would fill the queue of packets that wait for keys
        try (Capture onWan = Capture.start(sites.wan(), "tokyo")) {
            Process stream = tokyo.host().start(List.of("ping", "-n", "-i", "0.002", "10.2.0.12"), pings);
            Process stream6 = tokyo.host().start(List.of("ping", "-n", "-i", "0.002", "fd00:2::12"), pings);
            assertAllAnswered(tokyo.ping(birlinghoven, 3));

            tokyo.daemon().kill();
            Pings dead = tokyo.ping(birlinghoven, 50, "-W", "1");
            Pings dead6 = tokyo.ping6(birlinghoven, 50, "-W", "1");
            tokyo.daemon().start().awaitReady();
            awaitReached();
            assertAllAnswered(tokyo.ping(birlinghoven, 3));
            assertAllAnswered(tokyo.ping6(birlinghoven, 3));
            tokyo.daemon().kill();
            assertEquals(0, tokyo.ping(birlinghoven, 50, "-W", "1").received());
            stream.destroy();
            stream6.destroy();

            assertEquals(0, dead.received());
            assertEquals(0, dead6.received());
            assertNoClearFrames(onWan.stop());
        }
    }

    @Test
    void hostsAreToldThatAKilledGatewayHasNoWay() throws Exception {
        tokyo.daemon().kill();

        Pings ipv4 = tokyo.ping(birlinghoven, 1);
        Pings ipv6 = tokyo.ping6(birlinghoven, 1);

        assertTrue(ipv4.said().contains("From 10.1.0.1 icmp_seq=1 Destination Host Unreachable"), ipv4.said());
        assertTrue(ipv6.said().contains("From fd00:1::1 icmp_seq=1 Destination unreachable: No route"), ipv6.said());
    }

    @Test
    void lostRoutesAndLanAddressAreRestored() throws Exception {
        tokyo.gateway().ip("""
                route delete 10.2.0.0/24 dev culvert0
                route delete unreachable 10.2.0.0/24
                """);
        assertRestored();

        // Deleting the address takes every route with it that prefers it as source.
        tokyo.gateway().ip("""
                address delete 10.1.0.1/24 dev lan0
                address add 10.1.0.1/24 dev lan0
                """);
        assertRestored();
        assertTrue(tokyo.network().contains("src 10.1.0.1"), tokyo.network());
    }

    private void assertRestored() throws Exception {
        Await.until(
                "routes restored",
                Duration.ofSeconds(5),
                () -> tokyo.network().contains("unreachable 10.2.0.0/24")
                        && tokyo.network().contains("10.2.0.0/24 dev culvert0"));
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
    }

    @Test
    void startThatFailsLeavesNothing() throws Exception {
        tokyo.daemon().stop();
        try (UdpPlace inTheWay = UdpPlace.open(tokyo.gateway(), "0.0.0.0")) {
            int taken = inTheWay.address().getPort();
            tokyo.reconfigure("0.0.0.0:1640", "0.0.0.0:" + taken);

            int code = tokyo.daemon().start().awaitEnd();

            assertEquals(3, code, tokyo.daemon().said());
            assertTrue(
                    tokyo.daemon().said().contains("address already in use"),
                    tokyo.daemon().said());
            assertEquals(untouched, tokyo.network());
        }
    }

    @Test
    void secondDaemonOnTheSameInterfaceIsRefusedAndTheFirstGoesOn() throws Exception {
        Finished second = tokyo.gateway().run(tokyo.daemon().runCommand());

        assertEquals(3, second.code(), second.err());
        assertTrue(second.err().contains("culvert0"), second.err());
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
    }

    @Test
    void twoDaemonsMayShareAGateway() throws Exception {
        Path folder2 = folder.resolve("tokyo-second");
        Certificates.issue(folder, "tokyo-second", "tokyo-second", List.of("10.11.0.0/24"));
        Certificates.issue(folder, "osaka", "osaka", List.of("10.7.0.0/24"));
        Gateway second = new Gateway(Product.CULVERT, tokyo.gateway(), folder2);
        Files.writeString(
                second.config(),
                Files.readString(tokyo.daemon().config())
                                .replace("1640\"", "1641\"")
                                .replace("birlinghoven", "osaka")
                                .replace(folder.resolve("tokyo").toString(), folder2.toString())
                        + "\n[tun]\nname = \"culvert1\"\n");
        second.start().awaitReady();
        assertTrue(tokyo.network().contains("10.7.0.0/24 dev culvert1"), tokyo.network());

        assertEquals(0, second.stop(), second.said());

        assertFalse(tokyo.network().contains("10.7.0.0/24"), tokyo.network());
        assertTrue(tokyo.network().contains("unreachable 10.2.0.0/24"), tokyo.network());
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
    }
}
