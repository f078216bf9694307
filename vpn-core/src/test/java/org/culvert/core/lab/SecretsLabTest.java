package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Programs;
import org.culvert.keymgmt.issue.Passphrase;
import org.culvert.keymgmt.issue.PrivateKeyFile;
import org.culvert.keymgmt.trust.HostKey;
import org.culvert.keymgmt.trust.PreSharedKeyFile;
import org.junit.jupiter.api.Test;

/**
 * Private keys, pre-shared ones and passphrases stay where they belong. All commands of a CA's and a gateway's life run, and then everything they said, logged and
 * wrote, and what the kernel shows of their processes, is searched for the keys' bytes: as they are, in hex and in base64.
 */
class SecretsLabTest extends TwoSiteLab {
    private static final String SECRET = "Reihenhaus-5f3d 88 correct";
    private static final int KEY_BYTES = 32;

    /** Bits of coredump_filter: anonymous private and shared memory, and the same in huge pages. */
    private static final int NO_FILE = 0b110_0011;

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final List<String> KEPT_HERE = List.of("host.key", "host.new.key", "ca.pass", "peer.psk");

    /** Everything that was said and shown, by where. */
    private final Map<String, byte[]> seen = new LinkedHashMap<>();

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "mkfifo/coreutils", "kill/procps"};
    }

    @Override
    void prepare() throws Exception {
        for (String place : List.of("ca", "tokyo", "birlinghoven")) {
            Product.deleteTree(folder.resolve(place));
        }
        Path pass = Files.writeString(folder.resolve("ca.pass"), SECRET + "\n");
        Files.setPosixFilePermissions(pass, PosixFilePermissions.fromString("rw-------"));
        culvert("ca", "init", "--dir", "ca", "--name", "Silent CA", "--passphrase-file", "ca.pass");
        issue("tokyo", "10.1.0.0/24", "fd00:1::/64");
        issue("birlinghoven", "10.2.0.0/24", "fd00:2::/64");
        culvert("ca", "crl", "--dir", "ca", "--passphrase-file", "ca.pass", "--out", "ca.crl");
        culvert("ca", "list", "--dir", "ca", "--all", "--json");
        culvert("ca", "log", "--dir", "ca", "--verify");
        culvert("ca", "show", "--dir", "ca", "tokyo");
        culvert("cert", "show", "--json", "tokyo/host.crt");
        culvert("cert", "show", "tokyo/host.key"); // refused, and not with what is in it
        culvert("cert", "verify", "--trust", "ca/ca.crt", "tokyo/host.crt");
        culvert("host", "psk", "tokyo/peer.psk");
        Files.copy(
                folder.resolve("tokyo/peer.psk"),
                folder.resolve("birlinghoven/peer.psk"),
                StandardCopyOption.COPY_ATTRIBUTES);
        configureBoth();
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure("[[peer]]\n", "[[peer]]\npre-shared-key = \"peer.psk\"\n");
        }
        startBoth();
    }

    private void issue(String name, String network4, String network6) throws IOException {
        culvert("host", "request", "--dir", name, "--name", name, "--network", network4, "--network", network6);
        culvert(
                "ca",
                "sign",
                "--dir",
                "ca",
                "--passphrase-file",
                "ca.pass",
                "--yes",
                "--out",
                name + "/host.crt",
                name + "/host.csr");
    }

    private void culvert(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(Product.CULVERT));
        command.addAll(List.of(words));
        keep(String.join(" ", words), Programs.runIn(folder, command));
    }

    private void keep(String what, Finished finished) {
        seen.put(what, (finished.out() + finished.err()).getBytes(StandardCharsets.UTF_8));
    }

    private void keepProcess(String what, long pid) throws IOException {
        for (String file : List.of("cmdline", "environ", "comm", "maps")) {
            seen.put(what + " " + file, Files.readAllBytes(Path.of("/proc", Long.toString(pid), file)));
        }
    }

    @Test
    void noKeyAndNoPassphraseIsSaidLoggedOrShown() throws Exception {
        for (Office office : List.of(tokyo, birlinghoven)) {
            assertAllAnswered(office.ping(office == tokyo ? birlinghoven : tokyo, 2));
            for (String question : List.of("status", "reload", "doctor", "check")) {
                keep(office.name() + " " + question, office.daemon().ask(question));
            }
            keep(office.name() + " status --json", office.daemon().ask("status", "--json"));
            keepProcess(office.name(), office.daemon().pid());
        }
        // What fails says the most: keys that are not keys, of another, cut short.
        String key = Files.readString(folder.resolve("tokyo/host.key"));
        for (String harm : List.of(key.replace("PRIVATE", "PUBLIC"), key.substring(0, key.length() / 2), key + key)) {
            Files.writeString(folder.resolve("tokyo/host.key"), harm);
            keep("check with a broken key " + harm.length(), tokyo.daemon().ask("check"));
            keep("reload with a broken key " + harm.length(), tokyo.daemon().ask("reload"));
        }
        Files.writeString(folder.resolve("tokyo/host.key"), key);
        Path psk = folder.resolve("tokyo/peer.psk");
        String preShared = Files.readString(psk);
        for (String harm : List.of(preShared.substring(1), preShared + preShared, preShared.replace('=', '!'))) {
            Files.writeString(psk, harm);
            keep(
                    "check with a broken pre-shared key " + harm.length(),
                    tokyo.daemon().ask("check"));
            keep(
                    "reload with a broken pre-shared key " + harm.length(),
                    tokyo.daemon().ask("reload"));
        }
        Files.writeString(psk, preShared);
        culvert("host", "psk", "tokyo/peer.psk"); // refused: it is there
        culvert(
                "ca",
                "sign",
                "--dir",
                "ca",
                "--passphrase-file",
                "tokyo/host.key",
                "--yes",
                "--out",
                "x",
                "tokyo/host.csr");
        tokyo.daemon().stop();
        for (Office office : List.of(tokyo, birlinghoven)) {
            assertTrue(office.daemon().said().contains("peer "), "the log is there");
        }
        keepFiles();

        Map<String, byte[]> secrets = secrets();
        for (Map.Entry<String, byte[]> secret : secrets.entrySet()) {
            seen.forEach((where, bytes) ->
                    assertFalse(contains(bytes, secret.getValue()), () -> secret.getKey() + " stands in: " + where));
        }
        // The search does find what is there.
        byte[] file = Files.readAllBytes(folder.resolve("tokyo/host.key"));
        assertTrue(secrets.values().stream().anyMatch(secret -> contains(file, secret)));
        report("%d forms of keys and a passphrase looked for in %d places", secrets.size(), seen.size());
    }

    /** All that lies in the folder but what is the secret itself. */
    private void keepFiles() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!KEPT_HERE.contains(file.getFileName().toString())) {
                    seen.put(folder.relativize(file).toString(), Files.readAllBytes(file));
                }
            }
        }
    }

    private Map<String, byte[]> secrets() throws Exception {
        Map<String, byte[]> secrets = new LinkedHashMap<>();
        for (String name : List.of("tokyo", "birlinghoven")) {
            add(
                    secrets,
                    name + "'s key",
                    tail(HostKey.read(folder.resolve(name).resolve("host.key")).privateKey()));
        }
        add(
                secrets,
                "the CA's key",
                tail(PrivateKeyFile.read(
                        folder.resolve("ca/ca.key"), file -> Passphrase.read(folder.resolve("ca.pass")))));
        add(secrets, "the pre-shared key", PreSharedKeyFile.read(folder.resolve("tokyo/peer.psk")));
        add(secrets, "the passphrase", SECRET.getBytes(StandardCharsets.UTF_8));
        return secrets;
    }

    /** The secret bytes stand at the end of these kinds' PKCS#8. */
    private static byte[] tail(PrivateKey key) {
        byte[] der = key.getEncoded();
        return Arrays.copyOfRange(der, der.length - KEY_BYTES, der.length);
    }

    private static void add(Map<String, byte[]> secrets, String whose, byte[] secret) {
        secrets.put(whose, secret);
        String hex = HexFormat.of().formatHex(secret);
        secrets.put(whose + " in hex", ascii(hex));
        secrets.put(whose + " in capital hex", ascii(hex.toUpperCase(Locale.ROOT)));
        secrets.put(
                whose + " in hex with colons", ascii(HexFormat.ofDelimiter(":").formatHex(secret)));
        // Three ways to stand in base64; what depends on the neighbours is left off.
        for (int before = 0; before < 3; before++) {
            byte[] padded = new byte[before + secret.length];
            System.arraycopy(secret, 0, padded, before, secret.length);
            String text = Base64.getEncoder().withoutPadding().encodeToString(padded);
            int from = before == 0 ? 0 : 4;
            secrets.put(whose + " in base64, moved by " + before, ascii(text.substring(from, text.length() - 3)));
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static boolean contains(byte[] hay, byte[] needle) {
        for (int at = 0; at + needle.length <= hay.length; at++) {
            if (Arrays.equals(hay, at, at + needle.length, needle, 0, needle.length)) {
                return true;
            }
        }
        return false;
    }

    /** A command that holds the CA's passphrase, and a daemon, end as a bug in a library would end them: no memory of theirs is written anywhere. */
    @Test
    void noCoreDumpIsWrittenAndNoHandlerIsGivenMemory() throws Exception {
        Path place = Files.createDirectories(folder.resolve("dumps"));
        Path pipe = place.resolve("pipe");
        Programs.run(List.of("mkfifo", "-m", "600", pipe.toString())).succeeded();
        Process sign = new ProcessBuilder(
                        "sh",
                        "-c",
                        "ulimit -c unlimited; exec \"$0\" \"$@\"",
                        Product.CULVERT,
                        "ca",
                        "rotate",
                        "--dir",
                        folder.resolve("ca").toString(),
                        "--passphrase-file",
                        pipe.toString())
                .directory(place.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            // It waits for somebody to write the passphrase.
            Await.until(
                    "it is java by now",
                    SOON,
                    () -> Files.readString(Path.of("/proc", Long.toString(sign.pid()), "comm"))
                            .strip()
                            .equals("java"));
            assertNoDumps(sign.pid());
            keepProcess("ca rotate", sign.pid());
            assertFalse(contains(seen.get("ca rotate environ"), ascii("PASS")));
            Programs.run(List.of("kill", "-ABRT", Long.toString(sign.pid()))).succeeded();
            assertTrue(sign.waitFor(20, TimeUnit.SECONDS));
            assertEquals(128 + 6, sign.exitValue(), "ended by SIGABRT");
        } finally {
            sign.destroyForcibly();
        }
        try (Stream<Path> files = Files.list(place)) {
            assertEquals(List.of(pipe), files.toList(), "nothing was left behind");
        }
        if (!tokyo.daemon().running()) {
            tokyo.daemon().start().awaitReady();
        }
        assertNoDumps(tokyo.daemon().pid());
    }

    private static void assertNoDumps(long pid) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        String limits = Files.readString(process.resolve("limits"));
        assertTrue(limits.matches("(?s).*Max core file size +0 +0 +bytes.*"), limits);
        int filter = Integer.parseInt(
                Files.readString(process.resolve("coredump_filter")).strip(), 16);
        assertEquals(0, filter & NO_FILE, "memory that is of no file (core(5))");
    }
}
