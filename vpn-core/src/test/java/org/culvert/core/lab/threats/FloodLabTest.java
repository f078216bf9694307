package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.time.Duration;
import org.culvert.core.demo.Await;
import org.culvert.core.lab.Status;
import org.culvert.core.lab.ThreatReport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Denial of service: each packet of the flood is accounted for, by the daemon or the kernel before it, and afterwards all is as it was.
 * What gets lost of others' traffic meanwhile is printed, and of floods at the gateway at most half may be: attacker, gateways and hosts share this
 * machine's cores.
 */
@Tag("alone")
class FloodLabTest extends FloodLab {
    private static final Duration SOON = Duration.ofSeconds(10);

    /** What the rules allow each host. */
    private static final int SYNS_PER_SECOND = 100;

    private static final int SYN_BURST = 100;

    @BeforeEach
    void linkWorks() throws Exception {
        startBoth();
        awaitReached();
    }

    /** None of it gets past the first look at version, type, SPI and length. */
    @Test
    void garbageFlood() throws Exception {
        Status refused = refused("garbage", atTheGateway(garbage()));
        assertEquals(
                refused.inboundDrops(),
                refused.dropped("short")
                        + refused.dropped("version")
                        + refused.dropped("type")
                        + refused.dropped("discovery_busy")
                        + refused.dropped("discovery_malformed")
                        + refused.dropped("unknown_spi"),
                refused.drops().toString());
    }

    /** A packet that is good but for its tag costs the gateway a whole decryption, and still nothing more. */
    @Test
    void floodOfBadTags() throws Exception {
        Status refused = refused("bad tags", atTheGateway(badTags()));
        assertEquals(
                refused.inboundDrops(), refused.dropped("auth"), refused.drops().toString());
    }

    private Status refused(String what, Sender sender) throws Exception {
        Status before = birlinghoven.status();
        long logBefore = Files.size(birlinghoven.daemon().log());
        Outcome outcome = during(sender, this::fetch);
        Await.until(
                "each was counted or found the socket full: " + outcome,
                SOON,
                () -> birlinghoven.status().since(before).inboundDrops() + outcome.socket() >= outcome.sent());
        Status refused = birlinghoven.status().since(before);
        ThreatReport.kept(
                "flood of %s: %d sent, %d found the socket full, %d reached the daemon: %s"
                        .formatted(what, outcome.sent(), outcome.socket(), refused.inboundDrops(), refused.counted()),
                outcome.pings());
        assertTrue(refused.inboundDrops() > KINDS, refused.drops().toString());
        assertTrue(refused.inboundDrops() <= outcome.sent(), refused.drops() + " of " + outcome.sent());
        assertTrue(Files.size(birlinghoven.daemon().log()) - logBefore < 5_000, "a stranger fills the log");
        assertEquals("192.0.2.2:1640", birlinghoven.status().endpoint());
        assertAllAnswered(tokyo.ping(birlinghoven, 5));
        return refused;
    }

    @Test
    void synsThroughTheTunnel() throws Exception {
        carried("TCP SYNs between the LANs", syns());
    }

    @Test
    void oneFlowThroughTheTunnel() throws Exception {
        carried("one flow between the LANs", oneFlow());
    }

    /** What the rules drop costs the tunnel nothing: of all SYNs it sees what they let through. */
    @Test
    void limitedPerHostSynsHardlyReachTheTunnel() throws Exception {
        long startNs = System.nanoTime();
        limit();
        Status here = tokyo.status();
        Outcome outcome = during(syns());
        long dropped = unlimit();
        double seconds = (System.nanoTime() - startNs) / 1e9;
        Await.until("each was dropped, sealed or found the TUN full: " + outcome + dropped, SOON, () -> {
            Status sealed = tokyo.status().since(here);
            return dropped + sealed.sentPackets() + sealed.allDrops() + outcome.tokyosTun() >= outcome.sent();
        });
        ThreatReport.kept(
                "flood of TCP SYNs between the LANs, limited: %d sent, %d dropped by the rules, %d found the TUN full"
                        .formatted(outcome.sent(), dropped, outcome.tokyosTun()),
                outcome.pings());
        long passed = outcome.sent() - dropped;
        double allowed = SYN_HOSTS * (SYN_BURST + SYNS_PER_SECOND * seconds);
        assertTrue(passed <= allowed, "%d passed, %.0f were allowed in %.1f s".formatted(passed, allowed, seconds));
        assertTrue(dropped > KINDS, dropped + " dropped of " + outcome.sent());
    }

    /** Culvert carries them as it carries whatever is allowed. */
    private void carried(String what, Sender sender) throws Exception {
        Status here = tokyo.status();
        Status there = birlinghoven.status();
        Outcome outcome = during(sender);
        Await.until("each was sealed or found the TUN full: " + outcome, SOON, () -> {
            Status sealed = tokyo.status().since(here);
            return sealed.sentPackets() + sealed.allDrops() + outcome.tokyosTun() >= outcome.sent();
        });
        Status sealed = tokyo.status().since(here);
        Status carried = birlinghoven.status().since(there);
        ThreatReport.alive(
                "flood of %s: %d sent, %d found the TUN full, %d sealed, %d delivered"
                        .formatted(
                                what,
                                outcome.sent(),
                                outcome.tokyosTun(),
                                sealed.sentPackets(),
                                carried.receivedPackets()),
                outcome.pings());
        assertTrue(carried.receivedPackets() > KINDS, carried.toString());
        assertEquals(0, carried.inboundDrops(), carried.drops().toString());
        Await.until(
                "what waits in the sockets is through, and pings again",
                SOON,
                () -> tokyo.ping(birlinghoven, 5, "-W", "1").received() == 5);
    }
}
