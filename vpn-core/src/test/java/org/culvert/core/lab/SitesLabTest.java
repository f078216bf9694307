package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.FileClient;
import org.culvert.core.demo.FileServer;
import org.culvert.core.demo.Frames;
import org.culvert.core.demo.TwoSites;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The lab itself, without Culvert: the WAN is given routes to the LANs, so everything crosses it in clear. What other
 * tests do not see on the WAN is seen here, or their captures prove nothing.
 */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SitesLabTest {
    private static final byte[] SECRET = "seen by everybody".getBytes(StandardCharsets.US_ASCII);

    private TwoSites sites;

    @BeforeAll
    void build() throws Exception {
        LabMachine.require("ping/iputils-ping");
        sites = TwoSites.create("cv" + ProcessHandle.current().pid());
        sites.wan().ip("""
                route add 10.1.0.0/24 via 192.0.2.2
                route add 10.2.0.0/24 via 198.51.100.2
                route add fd00:1::/64 via 2001:db8:1::2
                route add fd00:2::/64 via 2001:db8:2::2
                """);
    }

    @AfterAll
    void remove() throws IOException {
        if (sites != null) {
            sites.close();
        }
    }

    @Test
    void hostsReachEachOtherThroughTheWan() throws Exception {
        assertEquals(
                3,
                Pings.send(sites.tokyo().host(), sites.birlinghoven().host4(), 3)
                        .received());
        assertEquals(
                3,
                Pings.send(sites.birlinghoven().host(), sites.tokyo().host6(), 3)
                        .received());
    }

    @Test
    void captureSeesClearTextOnTheWan() throws Exception {
        byte[] file = new byte[100_000];
        System.arraycopy(SECRET, 0, file, 77_777, SECRET.length);
        List<byte[]> frames;
        try (FileServer server = FileServer.start(
                        sites.birlinghoven().host(), sites.birlinghoven().host4(), file);
                Capture capture = Capture.start(sites.wan(), "tokyo")) {
            assertArrayEquals(file, FileClient.fetch(sites.tokyo().host(), server.address()));
            frames = capture.stop();
        }

        InetAddress lan = InetAddress.getByName("10.2.0.0");
        assertEquals(
                1, frames.stream().filter(frame -> Frames.holds(frame, SECRET)).count());
        assertTrue(
                frames.stream().filter(frame -> Frames.touches(frame, lan, 24)).count() > 4);
        InetAddress elsewhere = InetAddress.getByName("10.3.0.0");
        assertFalse(frames.stream().anyMatch(frame -> Frames.touches(frame, elsewhere, 24)));
    }

    /** What the relay says it did is what the server saw. */
    @Test
    void relayCountsWhatItHarms() throws Exception {
        Harm harm = Harm.seeded(20_260_116)
                .losing(0.1)
                .duplicating(0.2)
                .truncating(0.1)
                .reordering(0.2, 9)
                .delaying(3);
        try (UdpPlace server = UdpPlace.open(sites.birlinghoven().gateway(), "198.51.100.2");
                UdpPlace client = UdpPlace.open(sites.tokyo().gateway(), "192.0.2.2");
                Relay relay = Relay.start(
                        sites.wan(),
                        new InetSocketAddress("192.0.2.1", 4500),
                        "198.51.100.1",
                        server.address(),
                        harm)) {
            for (int i = 0; i < 500; i++) {
                client.send(new byte[100], new InetSocketAddress("192.0.2.1", 4500));
            }
            Await.until(
                    "all relayed",
                    Duration.ofSeconds(10),
                    () -> relay.forth().taken.get() == 500);
            relay.forth().awaitEmpty();
            List<byte[]> seen = server.all();

            long lost = relay.forth().lost.get();
            long doubled = relay.forth().duplicated.get();
            long cut = relay.forth().truncated.get();
            assertEquals(500 - lost + doubled, seen.size());
            assertEquals(
                    cut, seen.stream().filter(datagram -> datagram.length < 100).count());
            assertTrue(
                    lost > 20
                            && doubled > 50
                            && cut > 20
                            && relay.forth().reordered.get() > 50,
                    "a harmless relay");
        }
    }

    @Test
    void nothingIsLeftAfterClosing() throws Exception {
        String prefix = "cv" + ProcessHandle.current().pid() + "x";
        TwoSites others = TwoSites.create(prefix);
        Process sleeper = others.wan().start(List.of("sleep", "1000"), Path.of("/dev/null"));

        others.close();

        sleeper.waitFor();
        assertFalse(Files.exists(Path.of("/run/netns", prefix + "-wan")));
        assertFalse(Files.exists(Path.of("/run/netns", prefix + "-tokyo")));
    }

    @Test
    void saysWhatIpRefused() {
        assertThrows(IOException.class, () -> sites.tokyo().host().ip("route add 10.9.0.0/24 via 172.16.0.1"));
    }
}
