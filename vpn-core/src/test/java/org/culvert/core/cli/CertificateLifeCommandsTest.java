package org.culvert.core.cli;

import static org.culvert.core.cli.CommandRun.culvert;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Renewal, revocation and rotation as an administrator types them. */
class CertificateLifeCommandsTest {
    @TempDir
    private Path folder;

    private Path ca;

    @BeforeEach
    void oneCaTwoHosts() {
        ca = folder.resolve("ca");
        run(0, "ca", "init", "--dir", ca, "--name", "Example CA", "--no-passphrase");
        issue("tokyo", "10.1.0.0/24");
        issue("bonn", "10.2.0.0/24");
    }

    private void issue(String name, String network) {
        run(0, "host", "request", "--dir", folder.resolve(name), "--name", name, "--network", network);
        run(
                0,
                "ca",
                "sign",
                "--dir",
                ca,
                "--yes",
                "--out",
                crt(name),
                folder.resolve(name).resolve("host.csr"));
    }

    private Path crt(String name) {
        return folder.resolve(name).resolve("host.crt");
    }

    private static CommandRun run(int code, Object... words) {
        CommandRun run = culvert(words);
        assertEquals(code, run.code(), () -> List.of(words) + " " + run);
        return run;
    }

    private CommandRun verify(int code, String name, Object... more) {
        List<Object> words = new ArrayList<>(List.of("cert", "verify", "--trust", ca.resolve("ca.crt")));
        words.addAll(List.of(more));
        words.add(crt(name));
        return run(code, words.toArray());
    }

    @Test
    void verifySaysGoodOrListsEverything() throws Exception {
        assertTrue(verify(0, "tokyo", "--name", "tokyo", "--network", "10.1.0.128/25")
                .out()
                .startsWith("good: "));
        CommandRun bad =
                verify(1, "tokyo", "--at", "2099-01-01T00:00:00Z", "--name", "bonn", "--network", "10.2.0.0/24");
        for (String part : List.of(
                "the certificate of tokyo expired at",
                "the CA 'Example CA' expired at",
                "not for bonn",
                "[10.2.0.0/24]")) {
            assertTrue(bad.out().contains(part), bad::toString);
        }
        assertEquals(4, bad.out().lines().count());
        JsonNode json = new ObjectMapper()
                .readTree(verify(1, "tokyo", "--json", "--name", "bonn").out());
        assertEquals("name", json.get("problems").get(0).get("kind").asText());
        assertEquals(false, json.get("good").asBoolean());
    }

    @Test
    void verifyTellsARefusedFileFromOneThatIsNotThere() throws Exception {
        String pem = Files.readString(crt("tokyo"));
        Files.writeString(crt("tokyo"), pem.substring(0, 80) + "AAAA" + pem.substring(84));
        assertTrue(verify(1, "tokyo").out().startsWith("refused: "));
        Files.delete(crt("tokyo"));
        assertTrue(verify(2, "tokyo").err().contains("no such file"));
    }

    @Test
    void aRevokedHostIsRefusedWithTheList() {
        Path crl = folder.resolve("ca.crl");
        run(0, "ca", "crl", "--dir", ca, "--out", crl);
        verify(0, "tokyo", "--crl", crl);
        assertTrue(run(2, "ca", "revoke", "--dir", ca, "--reason", "lost", "tokyo")
                .err()
                .contains("key-compromise"));
        assertTrue(run(0, "ca", "revoke", "--dir", ca, "--reason", "key-compromise", "tokyo")
                .out()
                .contains("revoked: tokyo"));
        run(0, "ca", "crl", "--dir", ca, "--out", crl);
        assertTrue(verify(1, "tokyo", "--crl", crl).out().contains("was revoked at"));
        verify(0, "bonn", "--crl", crl);
        assertTrue(verify(
                        0,
                        "bonn",
                        "--crl",
                        crl,
                        "--at",
                        Instant.now().plus(Duration.ofDays(40)).toString())
                .err()
                .contains("was to be replaced by"));
        assertTrue(run(0, "cert", "show", crl).out().contains("1 certificate"));
        assertTrue(run(2, "ca", "revoke", "--dir", ca, "tokyo").err().contains("no live certificate"));
    }

    @Test
    void listShowsWhatIsLiveAndOnRequestAll() throws Exception {
        run(0, "ca", "revoke", "--dir", ca, "tokyo");
        assertEquals(1, run(0, "ca", "list", "--dir", ca).out().lines().count());
        assertEquals(2, run(0, "ca", "list", "--dir", ca, "--all").out().lines().count());
        assertEquals(
                0,
                run(0, "ca", "list", "--dir", ca, "--expiring", "30d")
                        .out()
                        .lines()
                        .count());
        assertEquals(
                1,
                run(0, "ca", "list", "--dir", ca, "--expiring", "366d")
                        .out()
                        .lines()
                        .count());
        JsonNode json = new ObjectMapper()
                .readTree(run(0, "ca", "list", "--dir", ca, "--all", "--json").out());
        assertEquals("revoked", json.get("certificates").get(0).get("state").asText());
        assertEquals("valid", json.get("certificates").get(1).get("state").asText());
    }

    @Test
    void theLogVerifiesUntilSomebodyTouchesIt() throws Exception {
        String first = run(0, "ca", "log", "--dir", ca, "--verify").out();
        String head = first.substring(first.lastIndexOf(' ') + 1).strip();
        issue("lima", "10.3.0.0/24");
        run(0, "ca", "log", "--dir", ca, "--verify", "--head", head);
        assertEquals(4, run(0, "ca", "log", "--dir", ca).out().lines().count());
        Path journal = ca.resolve("journal");
        List<String> lines = Files.readAllLines(journal);
        Files.write(journal, lines.subList(0, 2));
        assertTrue(run(1, "ca", "log", "--dir", ca, "--verify", "--head", head)
                .err()
                .contains("its end was cut off"));
        Files.write(journal, List.of(lines.get(0), lines.get(1).replace("tokyo", "osaka"), lines.get(2)));
        assertTrue(run(1, "ca", "log", "--dir", ca, "--verify").err().contains("line 2 was changed"));
    }

    @Test
    void aHostRenewsWithTheSameKeyOrANewOne() throws Exception {
        Path dir = folder.resolve("tokyo");
        String before = run(0, "cert", "show", crt("tokyo")).out();
        run(0, "host", "renew", "--dir", dir);
        run(0, "ca", "sign", "--dir", ca, "--yes", "--force", "--out", crt("tokyo"), dir.resolve("host.csr"));
        String after = run(0, "cert", "show", crt("tokyo")).out();
        assertEquals(row(before, "key"), row(after, "key"));
        assertTrue(!row(before, "serial").equals(row(after, "serial")));
        String told = run(0, "host", "renew", "--dir", dir, "--new-key").out();
        assertTrue(
                told.contains("key = [\"host.key\", \"host.new.key\"], certificate = [\"host.crt\", \"host.new.crt\"]"),
                told);
        assertTrue(told.contains("culvert ca revoke " + row(after, "serial").replaceFirst(".* ", "")), told);
        run(0, "ca", "sign", "--dir", ca, "--yes", "--out", dir.resolve("host.new.crt"), dir.resolve("host.csr"));
        assertTrue(!row(before, "key")
                .equals(row(run(0, "cert", "show", dir.resolve("host.new.crt")).out(), "key")));
        verify(0, "tokyo");
    }

    private static String row(String sheet, String label) {
        return sheet.lines()
                .filter(line -> line.startsWith("  " + label + " "))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void needsRenewalAnswersByItsExitCode() {
        run(1, "cert", "needs-renewal", crt("tokyo"));
        run(1, "cert", "needs-renewal", "--within", "300d", crt("tokyo"));
        assertTrue(run(0, "cert", "needs-renewal", "--within", "366d", crt("tokyo"))
                .out()
                .startsWith("yes: "));
        run(1, "cert", "needs-renewal", ca.resolve("ca.crt"));
        run(2, "cert", "needs-renewal", folder.resolve("no.crt"));
        run(2, "cert", "needs-renewal", "--within", "soon", crt("tokyo"));
        run(2, "cert", "needs-renewal", folder.resolve("tokyo/host.key"));
    }

    @Test
    void aRotationOverlapsUntilNothingDependsOnTheOldCa() {
        run(0, "ca", "renew", "--dir", ca, "--days", "4000");
        run(2, "ca", "retire", "--dir", ca);
        run(0, "ca", "rotate", "--dir", ca, "--no-passphrase");
        verify(0, "tokyo");
        issue("lima", "10.3.0.0/24");
        verify(0, "lima");
        CommandRun no = run(1, "ca", "retire", "--dir", ca);
        assertTrue(
                no.out().contains("tokyo")
                        && no.out().contains("bonn")
                        && !no.out().contains("lima"),
                no::toString);
        for (String name : List.of("tokyo", "bonn")) {
            run(
                    0,
                    "ca",
                    "sign",
                    "--dir",
                    ca,
                    "--yes",
                    "--force",
                    "--out",
                    crt(name),
                    folder.resolve(name).resolve("host.csr"));
        }
        run(0, "ca", "retire", "--dir", ca);
        verify(0, "tokyo");
        verify(0, "lima");
    }

    @Test
    void aHostWithoutACaIsPinnedByItsFingerprint() {
        Path dir = folder.resolve("lima");
        String made = run(
                        0,
                        "host",
                        "request",
                        "--dir",
                        dir,
                        "--name",
                        "lima",
                        "--network",
                        "10.3.0.0/24",
                        "--self-signed")
                .out();
        String fingerprint = row(made, "fingerprint").replaceFirst(".* ", "");
        assertEquals(95, fingerprint.length());
        run(0, "cert", "verify", "--fingerprint", fingerprint, crt("lima"));
        run(0, "cert", "verify", "--fingerprint", fingerprint.replace(":", "").toLowerCase(Locale.ROOT), crt("lima"));
        CommandRun other = run(1, "cert", "verify", "--fingerprint", fingerprint.replace('0', '1'), crt("lima"));
        assertTrue(other.out().contains("not the configured one"), other::toString);
        CommandRun late =
                run(1, "cert", "verify", "--fingerprint", fingerprint, "--at", "2099-01-01T00:00:00Z", crt("lima"));
        assertTrue(late.out().contains("expired"), late::toString);
        assertTrue(verify(1, "lima").out().contains("which is not trusted"), "no CA vouches for it");
        run(2, "cert", "verify", crt("lima"));
    }

    @Test
    void aP256HostIsAskedForSignedShownRenewedAndPinned() {
        Path dir = folder.resolve("lima");
        String asked = run(
                        0,
                        "host",
                        "request",
                        "--dir",
                        dir,
                        "--name",
                        "lima",
                        "--network",
                        "10.3.0.0/24",
                        "--key",
                        "p256")
                .out();
        assertEquals("P-256", row(asked, "key type").replaceFirst(".*type +", ""));
        assertTrue(
                run(0, "cert", "show", dir.resolve("host.csr")).out().contains("key type     P-256"), "shown as asked");
        run(0, "ca", "sign", "--dir", ca, "--yes", "--out", crt("lima"), dir.resolve("host.csr"));
        verify(0, "lima");
        assertTrue(
                run(0, "cert", "show", "--json", crt("lima")).out().contains("\"key_type\" : \"p256\""), "and as made");
        assertTrue(run(0, "host", "renew", "--dir", dir, "--new-key").out().contains("P-256"), "renewed as it was");

        Path own = folder.resolve("bern");
        String made = run(
                        0,
                        "host",
                        "request",
                        "--dir",
                        own,
                        "--name",
                        "bern",
                        "--network",
                        "10.4.0.0/24",
                        "--key",
                        "p256",
                        "--self-signed")
                .out();
        run(0, "cert", "verify", "--fingerprint", row(made, "fingerprint").replaceFirst(".* ", ""), crt("bern"));
        assertTrue(verify(1, "bern").out().contains("which is not trusted"), "no CA vouches for it");
        assertTrue(
                run(2, "host", "request", "--dir", own, "--name", "b", "--network", "10.4.0.0/24", "--key", "rsa")
                        .err()
                        .contains("neither x25519 nor p256"),
                "says what there is");
    }

    @Test
    void anIntermediateCaIssuesAChain() {
        Path asia = asia(900);
        run(
                0,
                "host",
                "request",
                "--dir",
                folder.resolve("osaka"),
                "--name",
                "osaka.asia",
                "--network",
                "10.17.0.0/24");
        run(0, "ca", "sign", "--dir", asia, "--yes", "--out", crt("osaka"), folder.resolve("osaka/host.csr"));
        verify(0, "osaka");
        String shown = run(0, "cert", "show", crt("osaka")).out();
        assertTrue(
                shown.contains("CA certificate") && shown.contains("only asia") && shown.contains("CAs below    none"),
                shown);
        run(0, "ca", "revoke", "--dir", ca, "Asia CA");
    }

    @Test
    void whatWasSignedAndCouldNotBeWrittenIsHadAgainFromTheJournal() throws Exception {
        run(0, "host", "request", "--dir", folder.resolve("lima"), "--name", "lima", "--network", "10.3.0.0/24");
        Path request = folder.resolve("lima/host.csr");
        run(2, "ca", "sign", "--dir", ca, "--yes", "--out", folder.resolve("none/lima.crt"), request);
        run(3, "ca", "sign", "--dir", ca, "--yes", "--force", "--out", folder, request);
        assertEquals(2, run(0, "ca", "list", "--dir", ca).out().lines().count(), "seen before anything was signed");

        // Its temporary neighbour's name is longer than a name can be, which shows only in writing.
        Path out = folder.resolve("x".repeat(250));
        CommandRun signed = run(3, "ca", "sign", "--dir", ca, "--yes", "--out", out, request);

        assertTrue(signed.err().contains(": File name too long; lima is signed all the same"), signed::toString);
        assertTrue(!signed.out().contains("next:"), signed::toString);
        assertEquals(3, run(0, "ca", "list", "--dir", ca).out().lines().count());
        String words = signed.err()
                .replaceFirst("(?s).*write its certificate with: culvert ", "")
                .strip();
        run(0, (Object[]) words.replace("FILE", crt("lima").toString()).split(" "));
        verify(0, "lima", "--name", "lima");
        assertTrue(Files.readString(crt("lima")).startsWith("-----BEGIN CERTIFICATE"));
        run(2, "ca", "show", "--dir", ca, "--out", crt("lima"), "lima");
        run(0, "ca", "show", "--dir", ca, "--out", crt("lima"), "--force", "lima");
        assertEquals(4, run(0, "ca", "log", "--dir", ca).out().lines().count(), "showing is no event");
        run(0, "ca", "revoke", "--dir", ca, "lima");
        assertTrue(run(2, "ca", "show", "--dir", ca, "lima").err().contains("ca list --all"), "not by name any more");
    }

    private Path asia(int days) {
        Path asia = folder.resolve("asia");
        run(
                0,
                "ca",
                "init",
                "--dir",
                asia,
                "--name",
                "Asia CA",
                "--no-passphrase",
                "--parent",
                ca,
                "--days",
                days,
                "--network",
                "10.16.0.0/12",
                "--permit",
                "asia",
                "--group",
                "asia");
        return asia;
    }

    @Test
    void anIntermediateCaIsRenewedWhereTheOneAboveItIs() throws Exception {
        Path asia = asia(900);
        Path osaka = folder.resolve("osaka");
        run(0, "host", "request", "--dir", osaka, "--name", "osaka.asia", "--network", "10.17.0.0/24");
        run(0, "ca", "sign", "--dir", asia, "--yes", "--out", crt("osaka"), osaka.resolve("host.csr"));
        String before = run(0, "cert", "show", asia.resolve("ca.crt")).out();

        String alone = run(2, "ca", "renew", "--dir", asia).err();
        assertTrue(alone.contains("culvert ca renew --dir " + asia + " --parent DIR"), alone);
        run(2, "ca", "renew", "--dir", asia, "--parent", ca, "--days", 99999);

        // As on another machine: the folder there has the one public file and nothing else.
        Path there = Files.createDirectories(folder.resolve("there"));
        Files.copy(asia.resolve("ca.crt"), there.resolve("ca.crt"));
        run(0, "ca", "renew", "--dir", there, "--parent", ca, "--days", 2000);
        Files.copy(there.resolve("ca.crt"), asia.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);

        String after = run(0, "cert", "show", asia.resolve("ca.crt")).out();
        assertEquals(row(before, "key"), row(after, "key"));
        assertEquals(row(before, "networks"), row(after, "networks"));
        assertEquals(row(before, "names"), row(after, "names"));
        assertTrue(!row(before, "valid").equals(row(after, "valid")), after);
        String later = Instant.now().plus(Duration.ofDays(950)).toString();
        run(
                0,
                "ca",
                "sign",
                "--dir",
                asia,
                "--yes",
                "--force",
                "--days",
                1000,
                "--out",
                crt("osaka"),
                osaka.resolve("host.csr"));
        verify(0, "osaka", "--at", later);
        run(0, "ca", "renew", "--dir", asia, "--parent", ca, "--days", 2100);
        run(0, "ca", "show", "--dir", asia, "--force", "--out", crt("osaka"), "osaka.asia");
        verify(0, "osaka", "--at", later);
        run(0, "ca", "log", "--dir", asia, "--verify");

        Path stranger = folder.resolve("stranger");
        run(0, "ca", "init", "--dir", stranger, "--name", "Stranger CA", "--no-passphrase");
        assertTrue(run(2, "ca", "renew", "--dir", stranger, "--parent", ca)
                .err()
                .contains("is no CA that 'Example CA' signed"));
        run(0, "ca", "revoke", "--dir", ca, "Asia CA");
        assertTrue(run(2, "ca", "renew", "--dir", asia, "--parent", ca).err().contains("'Asia CA' was revoked"));
    }
}
