package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Frames;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Office;
import org.culvert.core.lab.Pings;
import org.culvert.core.lab.Status;
import org.culvert.core.lab.ThreatReport;
import org.culvert.core.lab.UdpPlace;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An order, recorded on the WAN, is sent again: at once, after either gateway started anew, hours later. */
class ReplayLabTest extends CrossingLab {
    private static final int ORDERS = 20;
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int UDP_CHECKSUM = 14 + 20 + 6;

    @Override
    protected List<String> needs() {
        return List.of("faketime", "ping/iputils-ping");
    }

    @BeforeEach
    void linkWorks() throws Exception {
        startBoth();
        awaitReached();
    }

    /** The keys depend on nothing but certificates and hours: what is told apart is told by windows, floors and clocks. */
    private void withStaticKeys(Scenario scenario) throws Exception {
        stopBoth();
        withMode("off");
        try {
            startBoth();
            awaitReached();
            scenario.run();
        } finally {
            stopBoth();
            configureBoth();
        }
    }

    @Test
    void withoutCulvertAnOrderSentAgainArrivesAgain() throws Exception {
        stopBoth();
        byte[] order = "buy 1000".getBytes(StandardCharsets.US_ASCII);
        try (UdpPlace broker =
                        UdpPlace.open(birlinghoven.host(), birlinghoven.site().host4());
                UdpPlace customer = UdpPlace.open(tokyo.host(), tokyo.site().host4());
                Attacker attacker = Attacker.at(sites.wan(), "birlinghoven")) {
            customer.send(order, broker.address());
            assertArrayEquals(order, broker.receive());
            byte[] recorded = attacker.awaitFrame(
                    frame -> Frames.isUdp(frame, broker.address().getPort()));
            recorded[UDP_CHECKSUM] = 0; // the sender left the sum to its network card; 0 is "none"
            recorded[UDP_CHECKSUM + 1] = 0;
            attacker.send(recorded);
            assertArrayEquals(order, broker.receive());
        }
    }

    @Test
    void atOnce() throws Exception {
        List<byte[]> recorded = orders();
        assertRefused("replay", recorded, "replayed at once");
    }

    @Test
    void afterTheReceiverStartedAnew() throws Exception {
        List<byte[]> recorded = orders();
        birlinghoven.daemon().kill();
        startBoth();
        awaitReached();
        assertRefused("unknown_spi", recorded, "replayed after the receiver was killed and started");
    }

    @Test
    void afterTheReceiverStartedAnewWithStaticKeys() throws Exception {
        withStaticKeys(() -> {
            List<byte[]> recorded = orders();
            birlinghoven.daemon().kill();
            startBoth();
            assertRefused("before_floor", recorded, "replayed after the receiver was killed and started, static keys");
        });
    }

    @Test
    void afterTheSenderStartedAnew() throws Exception {
        List<byte[]> recorded = orders();
        tokyo.daemon().kill();
        startBoth();
        awaitReached();
        // Ten seconds after the first packet under the new keys those of before are erased.
        Outcome outcome = replay(recorded);
        Status refused = outcome.refused;
        assertEquals(
                ORDERS,
                refused.dropped("replay") + refused.dropped("unknown_spi"),
                refused.drops().toString());
        assertNothingElse(outcome, "replayed after the sender was killed and started");
    }

    @Test
    @Tag("nightly")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void hoursLater() throws Exception {
        hoursLater("unknown_spi");
    }

    @Test
    @Tag("nightly")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void hoursLaterWithStaticKeys() throws Exception {
        withStaticKeys(() -> hoursLater("before_floor"));
    }

    /**
     * Both gateways read a clock that the test sets (libfaketime). An hour later, keys of the last hour still open, and the
     * window knows the packets; started anew, there is no epoch key left, or the floor refuses them. Three hours later no key of that
     * hour is left.
     */
    private void hoursLater(String startedAnew) throws Exception {
        stopBoth();
        Office tokyoNow = tokyo;
        Office birlinghovenNow = birlinghoven;
        var clock = new Clock(folder, "clock");
        tokyo = clock.readBy(tokyo);
        birlinghoven = clock.readBy(birlinghoven);
        try {
            startBoth();
            awaitReached();
            List<byte[]> recorded = orders();

            clock.set("+1h");
            for (Office office : List.of(tokyo, birlinghoven)) {
                office.daemon().awaitLog("clock");
            }
            assertRefused("replay", recorded, "replayed an hour later");

            stopBoth();
            startBoth();
            awaitReached();
            assertRefused(startedAnew, recorded, "replayed an hour later, both started anew");

            stopBoth();
            clock.set("+3h");
            startBoth();
            awaitReached();
            assertRefused("unknown_spi", recorded, "replayed three hours later");
        } finally {
            stopBoth();
            tokyo = tokyoNow;
            birlinghoven = birlinghovenNow;
            Files.deleteIfExists(folder.resolve("tokyo/culvert.state"));
            Files.deleteIfExists(folder.resolve("birlinghoven/culvert.state"));
        }
    }

    private void assertRefused(String reason, List<byte[]> recorded, String what) throws Exception {
        Outcome outcome = replay(recorded);
        Status refused = outcome.refused;
        assertEquals(ORDERS, refused.dropped(reason), refused.drops().toString());
        assertNothingElse(outcome, what);
    }

    private static void assertNothingElse(Outcome outcome, String what) {
        Status refused = outcome.refused;
        long packets = refused.allDrops()
                - refused.dropped("control_full"); // announcements that came faster than they are looked at
        assertEquals(ORDERS, packets, refused.drops().toString());
        ThreatReport.unharmed("%s: %d, %s".formatted(what, ORDERS, refused.counted()), outcome.others);
    }

    /** What tokyo's gateway sends for so many datagrams of its LAN. */
    private List<byte[]> orders() throws Exception {
        InetAddress source = InetAddress.getByName(tokyo.site().wan4());
        try (Capture capture = Capture.start(sites.wan(), "birlinghoven")) {
            assertAllAnswered(tokyo.pingOneByOne(birlinghoven, ORDERS));
            return sealed(capture.stop(), source).limit(ORDERS).toList();
        }
    }

    private static Stream<byte[]> sealed(List<byte[]> frames, InetAddress source) {
        return frames.stream()
                .filter(frame -> isSealed(frame, PING_BYTES))
                .filter(frame -> {
                    try {
                        return Frames.source(frame).equals(source);
                    } catch (UnknownHostException e) {
                        return false;
                    }
                })
                .map(Frames::udpPayload);
    }

    /** What birlinghoven's gateway counted, and what others sent meanwhile. */
    private record Outcome(Status refused, Pings others) {}

    /** Sends them to birlinghoven's gateway from the WAN. */
    private Outcome replay(List<byte[]> recorded) throws Exception {
        assertEquals(ORDERS, recorded.size());
        try (UdpPlace attacker = UdpPlace.open(sites.wan(), "198.51.100.1");
                Bystanders others = Bystanders.of(tokyo, birlinghoven)) {
            Status before = birlinghoven.status();
            attacker.sendAll(recorded, new InetSocketAddress(birlinghoven.site().wan4(), PORT));
            Await.until(
                    "all counted",
                    SOON,
                    () -> birlinghoven.status().since(before).allDrops() >= ORDERS);
            Pings pings = others.end();
            return new Outcome(birlinghoven.status().since(before), pings);
        }
    }
}
