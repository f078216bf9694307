package org.culvert.core.cli;

import static org.culvert.core.cli.CommandRun.culvert;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateCommandsTest {
    @TempDir
    private Path folder;

    private Path ca() {
        return folder.resolve("ca");
    }

    private Path host(String name) {
        return folder.resolve(name);
    }

    private void init() {
        assertDone(culvert("ca", "init", "--dir", ca(), "--name", "Example CA", "--no-passphrase"));
    }

    private void request(String name, String... networks) {
        List<Object> words = new java.util.ArrayList<>(List.of("host", "request", "--dir", host(name), "--name", name));
        for (String network : networks) {
            words.add("--network");
            words.add(network);
        }
        assertDone(culvert(words.toArray()));
    }

    private CommandRun sign(String name) {
        return culvert(
                "ca",
                "sign",
                "--dir",
                ca(),
                "--yes",
                "--out",
                host(name).resolve("host.crt"),
                host(name).resolve("host.csr"));
    }

    private static void assertDone(CommandRun run) {
        assertEquals(0, run.code(), run::toString);
    }

    private static void assertFails(int code, String message, CommandRun run) {
        assertEquals(code, run.code(), run::toString);
        assertTrue(
                run.err().startsWith("culvert: ")
                        && run.err().indexOf('\n') == run.err().length() - 1,
                run::toString);
        assertTrue(run.err().contains(message), run::toString);
    }

    @Test
    void theWayFromNothingToACertificate() throws Exception {
        init();
        request("tokyo", "10.1.0.0/24", "2001:db8:1::/48");
        CommandRun signed = sign("tokyo");
        assertDone(signed);
        CommandRun shown = culvert("cert", "show", host("tokyo").resolve("host.crt"));
        assertDone(shown);
        for (String part : List.of("tokyo", "10.1.0.0/24, 2001:db8:1::/48", "Example CA", "days left")) {
            assertTrue(shown.out().contains(part), shown::toString);
        }
        String fingerprint = fingerprint(signed.out());
        assertEquals(fingerprint, fingerprint(shown.out()), "what was compared before signing is what is in it");
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(host("tokyo").resolve("host.key"))));
    }

    private static String fingerprint(String out) {
        return out.lines().filter(line -> line.startsWith("  key ")).findFirst().orElseThrow();
    }

    @Test
    void jsonSaysTheSameToPrograms() throws Exception {
        init();
        request("tokyo", "10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/24");
        assertDone(sign("tokyo"));
        JsonNode json = new ObjectMapper()
                .readTree(culvert("cert", "show", "--json", host("tokyo").resolve("host.crt"))
                        .out());
        assertEquals(1, json.get("version").asInt());
        JsonNode item = json.get("items").get(0);
        assertEquals("host_certificate", item.get("type").asText());
        assertEquals("tokyo", item.get("name").asText());
        assertEquals("[\"10.1.0.0/23\",\"10.1.2.0/24\"]", item.get("networks").toString());
        assertEquals("[\"10.1.0.0-10.1.2.255\"]", item.get("network_ranges").toString());
        assertEquals("Example CA", item.get("issuer").asText());
        JsonNode ca = new ObjectMapper()
                .readTree(culvert("cert", "show", "--json", ca().resolve("ca.crt"))
                        .out());
        assertEquals("ca_certificate", ca.get("items").get(0).get("type").asText());
        JsonNode csr = new ObjectMapper()
                .readTree(culvert("cert", "show", "--json", host("tokyo").resolve("host.csr"))
                        .out());
        assertEquals(item.get("key_fingerprint"), csr.get("items").get(0).get("key_fingerprint"));
    }

    @Test
    void nothingIsOverwrittenUnlessTold() throws Exception {
        init();
        request("tokyo", "10.1.0.0/24");
        assertDone(sign("tokyo"));
        String key = Files.readString(host("tokyo").resolve("host.key"));
        assertFails(
                2,
                "already there",
                culvert("host", "request", "--dir", host("tokyo"), "--name", "tokyo", "--network", "10.1.0.0/24"));
        assertFails(2, "already there", sign("tokyo"));
        assertFails(2, "already there", culvert("ca", "init", "--dir", ca(), "--name", "Other", "--no-passphrase"));
        assertEquals(key, Files.readString(host("tokyo").resolve("host.key")));
        assertDone(culvert(
                "host", "request", "--force", "--dir", host("tokyo"), "--name", "tokyo", "--network", "10.1.0.0/24"));
        assertFalse(key.equals(Files.readString(host("tokyo").resolve("host.key"))));
    }

    @Test
    void withoutATerminalNothingIsAskedAndNothingSigned() {
        init();
        request("tokyo", "10.1.0.0/24");
        CommandRun run = culvert(
                "ca",
                "sign",
                "--dir",
                ca(),
                "--out",
                host("tokyo").resolve("host.crt"),
                host("tokyo").resolve("host.csr"));
        assertFails(2, "say --yes", run);
        assertFalse(Files.exists(host("tokyo").resolve("host.crt")));
        assertFails(2, "--no-passphrase", culvert("ca", "init", "--dir", folder.resolve("other"), "--name", "Other"));
        assertFalse(Files.exists(folder.resolve("other")));
    }

    @Test
    void anUnencryptedCaKeyIsSaidAloud() {
        CommandRun run = culvert("ca", "init", "--dir", ca(), "--name", "Example CA", "--no-passphrase");
        assertTrue(run.err().startsWith("culvert: warning: ") && run.err().contains("is not encrypted"), run::toString);
    }

    private Path secret(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void aPassphraseFileThatOthersCanReadIsRefused() throws Exception {
        Path pass = secret("pass", "correct horse 7\n");
        for (String mode : List.of("rw-r-----", "rw----r--", "rw--w----")) {
            Files.setPosixFilePermissions(pass, PosixFilePermissions.fromString(mode));
            assertFails(
                    2,
                    "run chmod 600 " + pass,
                    culvert("ca", "init", "--dir", ca(), "--name", "Example CA", "--passphrase-file", pass));
            assertFalse(Files.exists(ca()), "nothing was made");
        }
    }

    @Test
    void aPassphraseFileProtectsTheKey() throws Exception {
        Path pass = secret("pass", "correct horse 7\n");
        Path wrong = secret("wrong", "correct horse 8\n");
        assertDone(culvert("ca", "init", "--dir", ca(), "--name", "Example CA", "--passphrase-file", pass));
        request("tokyo", "10.1.0.0/24");
        assertFails(2, "there is no terminal to ask for the passphrase", sign("tokyo"));
        Path out = host("tokyo").resolve("host.crt");
        Path csr = host("tokyo").resolve("host.csr");
        assertFails(
                2,
                "wrong passphrase",
                culvert("ca", "sign", "--dir", ca(), "--yes", "--passphrase-file", wrong, "--out", out, csr));
        assertDone(culvert("ca", "sign", "--dir", ca(), "--yes", "--passphrase-file", pass, "--out", out, csr));
    }

    @Test
    void wrongUseIsOneLineWithTheRightForm() throws Exception {
        init();
        request("tokyo", "10.1.0.0/24");
        Path csr = host("tokyo").resolve("host.csr");
        Path out = host("tokyo").resolve("host.crt");
        assertFails(
                2,
                "did you mean 10.1.0.0/24?",
                culvert("host", "request", "--dir", host("x"), "--name", "x", "--network", "10.1.0.5/24"));
        assertFails(
                2,
                "a-z",
                culvert("host", "request", "--dir", host("x"), "--name", "Tokyo", "--network", "10.1.0.0/24"));
        assertFails(2, "--network", culvert("host", "request", "--dir", host("x"), "--name", "x"));
        assertFails(
                2,
                "after the CA itself",
                culvert("ca", "sign", "--dir", ca(), "--yes", "--days", "3651", "--out", out, csr));
        assertFails(2, "--days 0", culvert("ca", "sign", "--dir", ca(), "--yes", "--days", "0", "--out", out, csr));
        assertFails(
                2,
                "no such file",
                culvert("ca", "sign", "--dir", ca(), "--yes", "--out", out, folder.resolve("no.csr")));
        assertFails(2, "holds no CA", culvert("ca", "sign", "--dir", folder.resolve("no"), "--yes", "--out", out, csr));
        assertFails(
                2,
                "where exactly one CERTIFICATE REQUEST is expected",
                culvert("ca", "sign", "--dir", ca(), "--yes", "--out", out, ca().resolve("ca.crt")));
        assertFails(
                2, "holds PRIVATE KEY", culvert("cert", "show", host("tokyo").resolve("host.key")));
        assertFails(2, "see culvert ca --help", culvert("ca", "sing"));
        assertFails(2, "missing command", culvert("cert"));
        assertFalse(Files.exists(host("x")));
    }

    @Test
    void whatTheSystemRefusesIsCodeThree() {
        init();
        request("tokyo", "10.1.0.0/24");
        Path csr = host("tokyo").resolve("host.csr");
        assertFails(
                3,
                "/sys/host.crt: permission denied",
                culvert("ca", "sign", "--dir", ca(), "--yes", "--out", "/sys/host.crt", csr));
        assertFails(
                2,
                "/no-such-folder: no such file",
                culvert("ca", "sign", "--dir", ca(), "--yes", "--out", "/no-such-folder/host.crt", csr));
    }

    @Test
    void everyCommandHasHelp() {
        for (List<String> command : List.of(
                List.of("ca"),
                List.of("ca", "init"),
                List.of("ca", "sign"),
                List.of("host", "request"),
                List.of("cert", "show"))) {
            List<Object> words = new java.util.ArrayList<>(command);
            words.add("--help");
            CommandRun run = culvert(words.toArray());
            assertEquals(0, run.code());
            assertTrue(run.out().startsWith("Usage: culvert " + String.join(" ", command)), run::toString);
        }
    }
}
