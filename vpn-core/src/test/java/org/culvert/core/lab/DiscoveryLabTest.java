package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Gateways that know of each other name and endpoint and nothing else. Each test goes on where the one before it ended. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DiscoveryLabTest extends TwoSiteLab {
    private static final Duration SOON = Duration.ofSeconds(20);

    @Override
    void prepare() throws Exception {
        configureBoth();
        tokyo.reconfigure("certificate = \"../birlinghoven/host.crt\"\n", "");
        birlinghoven.reconfigure("certificate = \"../tokyo/host.crt\"\n", "");
    }

    @Test
    @Order(1)
    void checkSaysThatTheCertificateWillBeFetched() throws Exception {
        Finished checked = tokyo.daemon().ask("check").succeeded();

        assertTrue(
                checked.out()
                        .contains(
                                "peer birlinghoven at 198.51.100.2:1640: all networks of its certificate, which is fetched from there"),
                checked.out());
        assertTrue(checked.out().contains("peer birlinghoven: no certificate yet"), checked.out());
    }

    @Test
    @Order(2)
    void waitsForAPeerThatIsNotThereAndSaysSo() throws Exception {
        tokyo.daemon().start().awaitReady();

        assertEquals("down", tokyo.peerStatus().path("state").asText());
        assertEquals("none", tokyo.peerStatus().path("certificate_source").asText());
        String reason = tokyo.peerStatus().path("reason").asText();
        assertTrue(reason.contains("198.51.100.2:1640 was asked for its certificate and has not sent it"), reason);
        assertFalse(tokyo.network().contains("10.2.0.0/24"), "no route before there is a certificate");
    }

    @Test
    @Order(3)
    void nameAndEndpointAreEnough() throws Exception {
        birlinghoven.daemon().start().awaitReady();
        awaitSource(tokyo, "fetched");
        awaitSource(birlinghoven, "fetched");

        awaitReached();
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        assertAllAnswered(birlinghoven.ping(tokyo, 3));
        assertTrue(tokyo.network().contains("10.2.0.0/24 dev culvert0"), tokyo.network());
        assertEquals(List.of(), certificateDrops(tokyo));
        awaitKept();
        Finished shown = tokyo.gateway()
                .run(Product.CULVERT, "cert", "show", kept(tokyo, birlinghoven).toString())
                .succeeded();
        assertTrue(shown.out().contains("birlinghoven"), shown.out());
    }

    /** What was fetched serves the next start, peer or no peer. */
    @Test
    @Order(4)
    void keptCertificateServesTheNextStart() throws Exception {
        birlinghoven.daemon().stop();
        tokyo.daemon().stop();
        tokyo.daemon().start().awaitReady();

        assertEquals("up", tokyo.peerStatus().path("state").asText());
        assertEquals("kept", tokyo.peerStatus().path("certificate_source").asText());
        birlinghoven.daemon().start().awaitReady();
        awaitReached();
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
    }

    /** A file that nobody wrote by hand is no reason not to start. */
    @Test
    @Order(5)
    void damagedCacheIsFetchedAgain() throws Exception {
        tokyo.daemon().stop();
        Files.writeString(kept(tokyo, birlinghoven), "-----BEGIN CERTIFICATE-----\nAAAA\n");
        tokyo.daemon().start().awaitReady();

        awaitSource(tokyo, "fetched");
        awaitReached();
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        assertTrue(
                tokyo.daemon().said().contains("it will be fetched again"),
                tokyo.daemon().said());
        awaitKept();
    }

    /** The peer's networks are free here or its certificate is refused, and everything else goes on. */
    @Test
    @Order(6)
    void networksThatAreNotFreeAreRefusedWithTheReason() throws Exception {
        tokyo.daemon().stop();
        Files.delete(kept(tokyo, birlinghoven));
        tokyo.gateway().ip("address add 10.2.0.77/24 dev lan0");
        try {
            tokyo.daemon().start().awaitReady();
            tokyo.daemon().awaitLog("sent is refused: peer birlinghoven: 10.2.0.0/24");

            String reason = tokyo.peerStatus().path("reason").asText();
            assertTrue(reason.contains("198.51.100.2:1640 sent is refused"), reason);
            assertTrue(tokyo.status().dropped("discovery_refused") > 0);
        } finally {
            tokyo.gateway().ip("address delete 10.2.0.77/24 dev lan0");
        }
        awaitSource(tokyo, "fetched");
        awaitReached();
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        awaitKept();
    }

    @Test
    @Order(7)
    void whoHandsOutNothingIsSilent() throws Exception {
        birlinghoven.daemon().stop();
        birlinghoven.reconfigure("listen ", "discovery   = false\nlisten ");
        birlinghoven.daemon().start().awaitReady();
        tokyo.daemon().stop();
        Files.delete(kept(tokyo, birlinghoven));
        tokyo.daemon().start().awaitReady();

        Await.until(
                "birlinghoven counts the request",
                SOON,
                () -> birlinghoven.status().dropped("discovery_off") > 0);
        assertEquals("none", tokyo.peerStatus().path("certificate_source").asText());
    }

    private static List<String> certificateDrops(Office office) throws Exception {
        return office.status().drops().entrySet().stream()
                .filter(drop -> drop.getKey().startsWith("discovery_") && drop.getValue() > 0)
                .map(drop -> drop.getKey() + " " + drop.getValue())
                .toList();
    }

    private Path kept(Office of, Office peer) {
        return folder.resolve(of.name()).resolve("culvert.fetched").resolve(peer.name() + ".crt");
    }

    /** What came stands aside until birlinghoven was heard with it. */
    private void awaitKept() throws Exception {
        Path kept = kept(tokyo, birlinghoven);
        Path aside = kept.resolveSibling("birlinghoven.crt.next");
        Await.until("tokyo keeps the certificate", SOON, () -> Files.exists(kept) && !Files.exists(aside));
    }

    private static void awaitSource(Office office, String source) throws Exception {
        Await.until(
                office.name() + " has its peer's certificate " + source,
                SOON,
                () -> office.peerStatus().path("certificate_source").asText().equals(source));
    }
}
