package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Frames;
import org.culvert.core.lab.Certificates;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Pings;
import org.culvert.core.lab.Status;
import org.culvert.core.lab.ThreatReport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may speak, and for what: a certificate unknown to the peer, and networks beyond what is allowed. */
class IdentityLabTest extends CrossingLab {
    /** Unlike the pings of others. */
    private static final String SPOOFED_BYTES = "300";

    private static final int SEALED_SPOOFED_BYTES = 28 + 300 + 52;

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping");
    }

    @Override
    protected void serve() throws Exception {
        fresh();
    }

    @AfterEach
    void fresh() throws Exception {
        stopBoth();
        Certificates.copyTo(folder);
        configureBoth();
        tokyo.neverAsk();
        birlinghoven.neverAsk();
    }

    /** The same CA, the same name, but a key that birlinghoven was never told about. */
    @Test
    void certificateUnknownToThePeerIsRefused() throws Exception {
        Certificates.issue(folder, "tokyo-new", "tokyo", List.of(tokyo.site().network4()));
        tokyo.reconfigure("\"host.key\"", "\"../tokyo-new/host.key\"");
        tokyo.reconfigure("\"host.crt\"", "\"../tokyo-new/host.crt\"");
        startBoth();
        Status before = birlinghoven.status();

        assertEquals(0, tokyo.ping(birlinghoven, 10, "-W", "1").received());
        Await.until(
                "an announcement is refused",
                Duration.ofSeconds(10),
                () -> birlinghoven.status().since(before).dropped("unknown_spi") > 0);

        Status refused = birlinghoven.status().since(before);
        assertEquals(
                refused.allDrops(),
                refused.dropped("unknown_spi"),
                refused.drops().toString());
        assertEquals(0, refused.receivedPackets());
        assertEquals(0, tokyo.status().sentPackets(), "they wait for keys that nobody makes with it");
    }

    /** Birlinghoven's certificate names two networks; tokyo lets it speak for one. */
    @Test
    void sourceBeyondWhatThePeerAllowsIsRefused() throws Exception {
        Certificates.issue(folder, "wide", "birlinghoven", List.of("10.2.0.0/24", "10.22.0.0/24"));
        birlinghoven.reconfigure("\"host.key\"", "\"../wide/host.key\"");
        birlinghoven.reconfigure("\"host.crt\"", "\"../wide/host.crt\"");
        tokyo.reconfigure("../birlinghoven/host.crt\"", "../wide/host.crt\"\nnetworks = [\"10.2.0.0/24\"]");
        startBoth();
        birlinghoven.host().ip("address add 10.22.0.5/24 dev eth0");
        try {
            assertAllAnswered(birlinghoven.ping(tokyo, 3));
            Status before = tokyo.status();
            Pings spoofed;
            Pings others;
            try (Bystanders bystanders = Bystanders.of(tokyo, birlinghoven)) {
                spoofed = birlinghoven.ping(tokyo, 10, "-I", "10.22.0.5", "-W", "1");
                others = bystanders.end();
            }

            assertEquals(0, spoofed.received());
            Status refused = withoutMessages(Bystanders.counted(tokyo, before, others), 10, birlinghoven, tokyo);
            assertEquals(10, refused.dropped("inner_source"));
            assertEquals(10, refused.allDrops());
            assertEquals(others.received(), refused.receivedPackets());
            assertEquals(others.sent(), refused.sentPackets());
            ThreatReport.unharmed("source beyond what the peer allows: inner_source 10 of 10", others);
        } finally {
            birlinghoven.host().ip("address delete 10.22.0.5/24 dev eth0");
        }
    }

    /** What the own certificate does not name never leaves, neither encrypted nor in clear. */
    @Test
    void sourceOutsideTheOwnCertificateIsRefusedAtHome() throws Exception {
        startBoth();
        awaitReached();
        tokyo.host().ip("address add 10.1.9.9/32 dev eth0");
        try (Capture capture = Capture.start(sites.wan(), "tokyo")) {
            Status before = tokyo.status();

            Pings others;
            try (Bystanders bystanders = Bystanders.of(tokyo, birlinghoven)) {
                assertEquals(
                        0,
                        tokyo.ping(birlinghoven, 10, "-I", "10.1.9.9", "-s", SPOOFED_BYTES, "-W", "1")
                                .received());
                others = bystanders.end();
            }

            Status refused = Bystanders.counted(tokyo, before, others);
            assertEquals(10, refused.dropped("tx_source"));
            assertEquals(others.sent(), refused.sentPackets());
            // Several of one length may cross the WAN in one uncut frame.
            assertFalse(capture.stop().stream()
                    .anyMatch(frame -> Frames.isUdp(frame, PORT)
                            && Frames.udpPayload(frame).length > 0
                            && Frames.udpPayload(frame).length % SEALED_SPOOFED_BYTES == 0));
            ThreatReport.unharmed("source beyond the own certificate: tx_source 10 of 10", others);
        } finally {
            tokyo.host().ip("address delete 10.1.9.9/32 dev eth0");
        }
    }

    /** Birlinghoven believes tokyo to have a second network; tokyo's own certificate does not name it. */
    @Test
    void destinationThatIsNotOursIsRefused() throws Exception {
        Path wide = Files.createDirectories(folder.resolve("tokyo-wide"));
        Files.copy(folder.resolve("tokyo/host.key"), wide.resolve("host.key"));
        Certificates.renew(folder, "tokyo-wide", "tokyo", List.of("10.1.0.0/24", "10.11.0.0/24"));
        birlinghoven.reconfigure("../tokyo/host.crt", "../tokyo-wide/host.crt");
        startBoth();
        awaitReached();
        Status before = tokyo.status();

        Pings pings = Pings.send(birlinghoven.host(), "10.11.0.8", 10);

        assertEquals(0, pings.received());
        Status refused = withoutMessages(tokyo.status().since(before), 10, birlinghoven, tokyo);
        assertEquals(10, refused.dropped("not_for_us"));
        assertEquals(10, refused.allDrops());
    }
}
