package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Issuing;
import org.culvert.core.demo.Programs;
import org.culvert.core.lab.Certificates;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Office;
import org.culvert.core.lab.Pings;
import org.culvert.core.lab.Product;
import org.culvert.core.lab.Status;
import org.culvert.core.lab.ThreatReport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * False authentication. Birlinghoven has two peers: tokyo, and osaka, whose gateway is a forged one. It runs the true program and believes in
 * itself: its own configuration has a good certificate for its key. The one that birlinghoven was given for the same key is another CA's,
 * expired or revoked. That, and nothing else, keeps it out while tokyo's traffic goes on.
 */
class ForgedGatewayLabTest extends CrossingLab {
    private static final int PACKETS = 10;
    private static final Duration SOON = Duration.ofSeconds(30);

    private Office forger;

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping", "faketime");
    }

    @Override
    protected void serve() throws Exception {
        forger = new Office(sites.site("osaka", 3, "203.0.113"), folder);
        Certificates.issue(folder, "osaka", "osaka", List.of(forger.site().network4()));
        forger.configure(birlinghoven, "0.0.0.0:1640", "198.51.100.2:1640");
        // Until he is heard once he sends under static keys, too: announcements alone would be few.
        forger.reconfigure("[[peer]]\n", "[[peer]]\nforward-secrecy = \"preferred\"\n");
    }

    @AfterEach
    void fresh() throws Exception {
        stopBoth();
        forger.daemon().close();
        Certificates.copyTo(folder);
        Files.deleteIfExists(folder.resolve("osaka/culvert.state"));
        configureBoth();
    }

    /** So that it is known what the others lack. */
    @Test
    void withAGoodCertificateHeIsLetIn() throws Exception {
        birlinghovenBelieves("../osaka/host.crt");
        startBoth();
        forger.daemon().start().awaitReady();
        awaitReached(forger, birlinghoven);
    }

    /** It names osaka and osaka's networks, and is signed by a CA of the same name, but another key. */
    @Test
    void certificateOfAnotherAuthority() throws Exception {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Files.copy(
                folder.resolve("osaka/host.csr"), elsewhere.resolve("host.csr"), StandardCopyOption.REPLACE_EXISTING);
        Programs.runIn(folder, Issuing.makeAuthority(Product.CULVERT, "elsewhere-ca", "Big Bucks CA"))
                .succeeded();
        Programs.runIn(folder, Issuing.sign(Product.CULVERT, "elsewhere-ca", "elsewhere"))
                .succeeded();
        birlinghovenBelieves("../elsewhere/host.crt");

        assertNotLetIn("certificate of another CA", "does not carry the signature");
    }

    /** It ended a day ago. */
    @Test
    void expiredCertificate() throws Exception {
        birlinghovenBelieves("../old/host.crt");
        Certificates.expired(folder, "osaka");
        Files.writeString(
                folder.resolve("birlinghoven/both.crt"),
                Files.readString(folder.resolve("old-ca/ca.crt")) + Files.readString(folder.resolve("ca/ca.crt")));
        birlinghoven.reconfigure("../ca/ca.crt", "both.crt");

        assertNotLetIn("expired certificate", "expired");
    }

    @Test
    void revokedCertificate() throws Exception {
        birlinghovenBelieves("../osaka/host.crt");
        Programs.runIn(folder, List.of(Product.CULVERT, "ca", "revoke", "--dir", "ca", "osaka"))
                .succeeded();
        Programs.runIn(folder, List.of(Product.CULVERT, "ca", "crl", "--dir", "ca", "--out", "birlinghoven/ca.crl"))
                .succeeded();
        birlinghoven.reconfigure("trust       = ", "crl         = \"ca.crl\"\ntrust       = ");

        assertNotLetIn("revoked certificate", "revoked");
    }

    private void birlinghovenBelieves(String osakas) throws Exception {
        birlinghoven.befriend("osaka", osakas, "203.0.113.2:1640");
    }

    private void assertNotLetIn(String what, String reason) throws Exception {
        startBoth();
        awaitReached();
        String said = birlinghoven.daemon().said();
        assertTrue(said.matches("(?s).*peer osaka is down: [^\n]*" + reason + ".*"), said);
        try (Bystanders bystanders = Bystanders.of(tokyo, birlinghoven)) {
            Status before = birlinghoven.status();
            forger.daemon().start().awaitReady();

            Pings forged = forger.ping(birlinghoven, PACKETS, "-W", "1");

            assertEquals(0, forged.received(), forged.said());
            Await.until("each of his packets is refused", SOON, () -> {
                long sent = sent(forger);
                return sent > PACKETS && refused(before, sent).dropped("unknown_spi") == sent;
            });
            Pings others = bystanders.end();
            Status refused = refused(before, sent(forger));
            long strangers = refused.dropped("unknown_spi");
            assertEquals(strangers, refused.inboundDrops(), refused.drops().toString());
            assertEquals(
                    "none",
                    birlinghoven
                            .statusTree()
                            .path("peers")
                            .path(1)
                            .path("keys")
                            .path("kind")
                            .asText());
            ThreatReport.unharmed(
                    "forged gateway, %s: %d packets and %d messages of his own sent, unknown_spi %d"
                            .formatted(what, PACKETS, strangers - PACKETS, strangers),
                    others);
        }
    }

    /** What birlinghoven did not take of strangers, if they sent so much. */
    private Status refused(Status before, long sent) throws Exception {
        return withoutMessages(birlinghoven.status().since(before), sent, tokyo, birlinghoven);
    }

    /** Packets, and what a gateway says for itself. */
    private static long sent(Office gateway) throws Exception {
        return gateway.status().sentPackets()
                + gateway.peerStatus()
                        .path("way")
                        .path("control_sent")
                        .path("messages")
                        .asLong();
    }
}
