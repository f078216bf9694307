package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Programs;
import org.culvert.keymgmt.issue.Revocations;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whom running gateways believe: lists past their time, an intermediate CA that is taken back, keys of unlike kinds. */
class TrustLabTest extends TwoSiteLab {
    private static final Duration LONGEST = Duration.ofSeconds(20);

    @Override
    void prepare() {
        // Each test issues what it needs.
    }

    @BeforeEach
    void fromTheBeginning() throws Exception {
        tokyo.daemon().close();
        birlinghoven.daemon().close();
        for (String place : List.of("ca", "asia", "tokyo", "birlinghoven")) {
            Product.deleteTree(folder.resolve(place));
        }
        Certificates.copyTo(folder);
        configureBoth();
    }

    private Finished culvert(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(Product.CULVERT));
        command.addAll(List.of(words));
        return Programs.runIn(folder, command).succeeded();
    }

    private void withList(String more) throws IOException {
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure("listen ", "crl = \"../ca.crl\"\nlisten ");
        }
        tokyo.reconfigure("listen ", more + "listen ");
    }

    @Test
    void aListPastItsTimeEndsTheLinkOnlyWhereThatIsWanted() throws Exception {
        culvert("ca", "crl", "--dir", "ca", "--out", "ca.crl");
        withList("crl-stale = \"refuse\"\n");
        startBoth();
        assertAllAnswered(tokyo.ping(birlinghoven, 3));

        Instant end = Instant.now().plusSeconds(2);
        byte[] list = new Revocations(folder.resolve("ca"), InstantSource.fixed(end.minus(Duration.ofDays(1))))
                .list(1, unasked -> {
                    throw new AssertionError("the key has no passphrase");
                });
        Files.write(folder.resolve("ca.crl"), list);
        for (Office office : List.of(tokyo, birlinghoven)) {
            assertEquals(0, office.daemon().ask("reload").code());
        }
        tokyo.daemon().awaitLog("and crl-stale is \"refuse\"");

        assertEquals(0, tokyo.ping(birlinghoven, 2, "-W", "1").received());
        assertTrue(Instant.now().isAfter(end), "not before its time");
        assertTrue(tokyo.peerStatus().path("reason").asText().contains("crl-stale"), tokyo.peerStatus()::toString);
        assertTrue(birlinghoven.peerStatus().path("state").asText().equals("up"), "the other keeps it in force");
        String status = birlinghoven.daemon().ask("status").out().replaceAll("\\s+", " ");
        assertTrue(status.contains("the revocation list of 'Big Bucks CA' ended at"), status);

        culvert("ca", "crl", "--dir", "ca", "--out", "ca.crl");
        assertEquals(0, tokyo.daemon().ask("reload").code());
        Await.until(
                "the link is back",
                LONGEST,
                () -> tokyo.ping(birlinghoven, 1, "-W", "1").received() == 1);
    }

    /** Birlinghoven's certificate comes from a CA below the one that all trust. */
    private void issueBelow() throws IOException {
        culvert(
                "ca",
                "init",
                "--dir",
                "asia",
                "--name",
                "Asia CA",
                "--no-passphrase",
                "--parent",
                "ca",
                "--days",
                "900");
        culvert(
                "ca",
                "sign",
                "--dir",
                "asia",
                "--yes",
                "--force",
                "--out",
                "birlinghoven/host.crt",
                "birlinghoven/host.csr");
        lists();
    }

    private void lists() throws IOException {
        culvert("ca", "crl", "--dir", "ca", "--out", "root.crl");
        culvert("ca", "crl", "--dir", "asia", "--out", "asia.crl");
        Files.writeString(
                folder.resolve("ca.crl"),
                Files.readString(folder.resolve("root.crl")) + Files.readString(folder.resolve("asia.crl")));
    }

    @Test
    void anIntermediateCaThatIsTakenBackTakesItsHostsWithIt() throws Exception {
        issueBelow();
        withList("");
        startBoth();
        assertAllAnswered(tokyo.ping(birlinghoven, 3));

        culvert("ca", "revoke", "--dir", "ca", "--reason", "ca-compromise", "Asia CA");
        lists();
        Finished reload = tokyo.daemon().ask("reload");

        assertEquals(0, reload.code(), reload.err());
        assertEquals(0, tokyo.ping(birlinghoven, 2, "-W", "1").received());
        String reason = tokyo.peerStatus().path("reason").asText();
        assertTrue(reason.contains("'Asia CA' was revoked at") && reason.contains("ca compromise"), reason);
    }

    private void p256(String place, String network4, String network6) throws IOException {
        culvert(
                "host",
                "request",
                "--force",
                "--dir",
                place,
                "--name",
                place,
                "--key",
                "p256",
                "--network",
                network4,
                "--network",
                network6);
        culvert("ca", "sign", "--dir", "ca", "--yes", "--force", "--out", place + "/host.crt", place + "/host.csr");
    }

    @Test
    void keysOfUnlikeKindsAreNamedAndTwoP256KeysCarryTraffic() throws Exception {
        p256("birlinghoven", "10.2.0.0/24", "fd00:2::/64");
        String cause = "its key is P-256 and this gateway's is X25519: both must be of one kind to agree on a secret";
        Finished check = tokyo.daemon().ask("check");
        assertEquals(2, check.code(), check.out());
        assertTrue(check.err().contains("culvert.toml:") && check.err().contains(cause), check.err());

        startBoth();
        tokyo.daemon().awaitLog("peer birlinghoven is down: " + cause);
        birlinghoven.daemon().awaitLog("its key is X25519 and this gateway's is P-256");
        assertEquals(0, tokyo.ping(birlinghoven, 2, "-W", "1").received());

        p256("tokyo", "10.1.0.0/24", "fd00:1::/64");
        for (Office office : List.of(birlinghoven, tokyo)) {
            assertEquals(0, office.daemon().ask("reload").code());
        }
        Await.until(
                "both are up",
                LONGEST,
                () -> tokyo.peerStatus().path("state").asText().equals("up"));
        assertAllAnswered(tokyo.ping(birlinghoven, 5));
        assertAllAnswered(birlinghoven.ping6(tokyo, 5));
        assertEquals(0, tokyo.daemon().ask("check").code());
    }
}
