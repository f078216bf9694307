package org.culvert.core.cli;

import static org.culvert.core.cli.CommandRun.culvert;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Mistakes in what a configuration names: keys, certificates, permissions, networks that do not fit together. Each is refused by {@code
 * check} with exit code 2, the line that names the file, the cause and what to do. With those in broken.txt, the mistakes in the text itself,
 * these are the configurations no gateway starts with.
 */
class BrokenFilesTest {
    /** Lines 1 to 4, then a peer on 5 to 8; what a test adds begins on line 9. */
    private static final String CONFIG = """
            [gateway]
            key = "tokyo/host.key"
            certificate = "tokyo/host.crt"
            trust = "ca/ca.crt"
            [[peer]]
            name = "osaka"
            certificate = "osaka/host.crt"
            endpoint = "192.0.2.2:1640"
            """;

    private static final String NAGOYA = """
            [[peer]]
            name = "nagoya"
            certificate = "nagoya/host.crt"
            """;

    private static final String PSK = "UV5reIWSn6y5xtPg7foHFCEuO0hVYm98iZajsL3K1+Q=";

    @TempDir
    static Path made;

    @TempDir
    Path folder;

    private interface Mistake {
        void in(Path folder) throws IOException;
    }

    /**
     * A mistake.
     *
     * @param line where it is to be reported
     * @param cause part of what is to be said
     */
    private record Broken(String title, int line, String cause, String config, Mistake mistake) {
        @Override
        public String toString() {
            return title;
        }
    }

    private static Broken file(String title, int line, String cause, Mistake mistake) {
        return new Broken(title, line, cause, CONFIG, mistake);
    }

    private static Broken text(String title, int line, String cause, String config) {
        return new Broken(title, line, cause, config, folder -> {});
    }

    private static Broken psk(String title, String cause, Mistake file) {
        return new Broken(
                title, 9, cause, CONFIG + "pre-shared-key = \"osaka.psk\"\n", in -> file.in(in.resolve("osaka.psk")));
    }

    private static void secret(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    static List<Broken> broken() {
        return List.of(
                file("no key", 2, "no such file", in -> Files.delete(in.resolve("tokyo/host.key"))),
                file("key that everybody may read", 2, "readable by", in -> mode(in, "tokyo/host.key", "rw-r--r--")),
                file("key that a group may read", 2, "readable by", in -> mode(in, "tokyo/host.key", "rw-r-----")),
                file("key that is empty", 2, "", in -> Files.write(in.resolve("tokyo/host.key"), new byte[0])),
                file("key that is a folder", 2, "folder", in -> {
                    Files.delete(in.resolve("tokyo/host.key"));
                    Files.createDirectory(in.resolve("tokyo/host.key"));
                }),
                file("key that is a certificate", 2, "", in -> {
                    copy(in, "tokyo/host.crt", "tokyo/host.key");
                    mode(in, "tokyo/host.key", "rw-------");
                }),
                file(
                        "key of another gateway",
                        2,
                        "is not the key of",
                        in -> copy(in, "osaka/host.key", "tokyo/host.key")),
                file("key of a CA", 2, "", in -> copy(in, "ca/ca.key", "tokyo/host.key")),
                file("no certificate", 3, "no such file", in -> Files.delete(in.resolve("tokyo/host.crt"))),
                file("certificate that is a key", 3, "", in -> copy(in, "tokyo/host.key", "tokyo/host.crt")),
                file("certificate that is a request", 3, "", in -> copy(in, "tokyo/host.csr", "tokyo/host.crt")),
                file("certificate that is a CA's", 3, "", in -> copy(in, "ca/ca.crt", "tokyo/host.crt")),
                file("certificate cut short", 3, "", in -> {
                    byte[] whole = Files.readAllBytes(in.resolve("tokyo/host.crt"));
                    Files.write(in.resolve("tokyo/host.crt"), java.util.Arrays.copyOf(whole, whole.length / 2));
                }),
                file(
                        "certificate that is something else",
                        3,
                        "",
                        in -> Files.writeString(in.resolve("tokyo/host.crt"), "<html>404 Not Found</html>\n")),
                psk("no pre-shared key", "no such file", file -> {}),
                psk("pre-shared key that a group may read", "readable by others", file -> {
                    Files.writeString(file, PSK + "\n");
                    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
                }),
                psk("pre-shared key cut short", "holds no pre-shared key", file -> secret(file, PSK.substring(3))),
                psk(
                        "pre-shared key that is a host key",
                        "holds no pre-shared key",
                        file -> copy(file.getParent(), "tokyo/host.key", "osaka.psk")),
                psk("pre-shared key of zeros", "all zeros", file -> secret(file, "A".repeat(43) + "=")),
                file("no CA", 4, "no such file", in -> Files.delete(in.resolve("ca/ca.crt"))),
                file("CA that is a host", 4, "", in -> copy(in, "osaka/host.crt", "ca/ca.crt")),
                file("CA that is empty", 4, "", in -> Files.write(in.resolve("ca/ca.crt"), new byte[0])),
                file("CA of somebody else", 3, "not trusted", in -> copy(in, "other/ca.crt", "ca/ca.crt")),
                file("no certificate of a peer", 7, "no such file", in -> Files.delete(in.resolve("osaka/host.crt"))),
                file(
                        "certificate of a peer that is another's",
                        7,
                        "the certificate is for",
                        in -> copy(in, "nagoya/host.crt", "osaka/host.crt")),
                file(
                        "certificate of a peer that is our own",
                        7,
                        "own",
                        in -> copy(in, "tokyo/host.crt", "osaka/host.crt")),
                text(
                        "no revocation list",
                        5,
                        "no such file",
                        CONFIG.replace("[[peer]]", "crl = \"ca/ca.crl\"\n[[peer]]")),
                text(
                        "certificate for a revocation list",
                        5,
                        "",
                        CONFIG.replace("[[peer]]", "crl = \"ca/ca.crt\"\n[[peer]]")),
                new Broken(
                        "peer that was revoked",
                        8,
                        "revoked",
                        CONFIG.replace("[[peer]]", "crl = \"ca/ca.crl\"\n[[peer]]"),
                        in -> {
                            run("ca", "revoke", "--dir", in.resolve("ca"), "osaka");
                            run("ca", "crl", "--dir", in.resolve("ca"), "--out", in.resolve("ca/ca.crl"));
                        }),
                new Broken(
                        "revocation list of another CA",
                        5,
                        "holds no list of a trusted CA",
                        CONFIG.replace("[[peer]]", "crl = \"other/ca.crl\"\n[[peer]]"),
                        in -> run("ca", "crl", "--dir", in.resolve("other"), "--out", in.resolve("other/ca.crl"))),
                text("network beyond the certificate", 7, "is not inside", CONFIG + "networks = [\"10.3.0.0/24\"]\n"),
                text("two peers with one network", 9, "belongs to peer osaka already", CONFIG + NAGOYA),
                text("peer with our own network", 9, "own network", CONFIG + NAGOYA.replace("nagoya", "kobe")),
                text(
                        "endpoint behind the tunnel",
                        8,
                        "inside the networks of peer osaka",
                        CONFIG.replace("192.0.2.2", "10.2.0.1")),
                text(
                        "key and certificate exchanged",
                        2,
                        "",
                        CONFIG.replace("host.key", "x")
                                .replace("tokyo/host.crt", "tokyo/host.key")
                                .replace("/x", "/host.crt")));
    }

    @BeforeAll
    static void certify() {
        run("ca", "init", "--dir", made.resolve("ca"), "--name", "Example CA", "--no-passphrase");
        run("ca", "init", "--dir", made.resolve("other"), "--name", "Other CA", "--no-passphrase");
        certify("tokyo", "10.1.0.0/24");
        certify("osaka", "10.2.0.0/24");
        certify("nagoya", "10.2.0.0/24");
        certify("kobe", "10.1.0.0/24");
    }

    @BeforeEach
    void copyAll() throws IOException {
        try (var files = Files.walk(made)) {
            for (Path file : files.toList()) {
                Path to = folder.resolve(made.relativize(file).toString());
                if (!Files.isDirectory(to)) {
                    Files.copy(file, to, StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
        Path config = Files.writeString(folder.resolve("culvert.toml"), CONFIG);
        assertEquals(0, culvert("check", "--config", config).code(), "it is good before the mistake");
    }

    @ParameterizedTest
    @MethodSource("broken")
    void isRefusedWithLineCauseAndHint(Broken broken) throws IOException {
        Path config = Files.writeString(folder.resolve("culvert.toml"), broken.config());
        broken.mistake().in(folder);
        CommandRun run = culvert("check", "--config", config);
        assertEquals(2, run.code(), run.err());
        assertEquals("", run.out());
        String place = "culvert: " + config + ":" + broken.line() + ": ";
        List<String> said =
                run.err().lines().filter(line -> line.startsWith(place)).toList();
        assertTrue(!said.isEmpty(), "nothing about line " + broken.line() + ": " + run.err());
        assertTrue(said.stream().anyMatch(line -> line.contains(broken.cause())), run.err());
        for (String line : run.err().lines().toList()) {
            assertTrue(
                    Pattern.compile("culvert\\.toml:[0-9]+: [^;]+; [^ ].*")
                            .matcher(line)
                            .find(),
                    "line, cause and hint: " + line);
        }
        System.out.println(run.err());
    }

    private static void certify(String name, String network) {
        Path own = made.resolve(name);
        run("host", "request", "--dir", own, "--name", name, "--network", network);
        run(
                "ca",
                "sign",
                "--dir",
                made.resolve("ca"),
                "--yes",
                "--allow-overlap",
                "--out",
                own.resolve("host.crt"),
                own.resolve("host.csr"));
    }

    private static void run(Object... command) {
        CommandRun run = culvert(command);
        assertEquals(0, run.code(), run.err());
    }

    private static void copy(Path folder, String from, String to) throws IOException {
        Files.copy(
                folder.resolve(from),
                folder.resolve(to),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
    }

    private static void mode(Path folder, String file, String mode) throws IOException {
        Files.setPosixFilePermissions(folder.resolve(file), PosixFilePermissions.fromString(mode));
    }
}
