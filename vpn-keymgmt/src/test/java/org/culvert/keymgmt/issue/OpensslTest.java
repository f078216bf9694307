package org.culvert.keymgmt.issue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.culvert.keymgmt.Forge;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.HostKey;
import org.culvert.keymgmt.trust.KeyKind;
import org.culvert.keymgmt.trust.TrustStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What openssl thinks of our files, and we of its. Both use the real clock: openssl has no other. */
class OpensslTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void needsOpenssl() {
        boolean there = true;
        try {
            there = run("version").startsWith("OpenSSL 3");
        } catch (IOException e) {
            there = false;
        }
        if ("true".equals(System.getenv("CI"))) {
            assertTrue(there, "openssl 3 is missing");
        }
        assumeTrue(there, "openssl 3 is not installed");
    }

    private String run(String... arguments) throws IOException {
        return run(Map.of(), arguments);
    }

    private String run(Map<String, String> environment, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder();
        builder.command().add("openssl");
        builder.command().addAll(List.of(arguments));
        builder.directory(folder.toFile())
                .redirectErrorStream(true)
                .environment()
                .putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "openssl hangs");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return output + (process.exitValue() == 0 ? "" : "exit code " + process.exitValue());
    }

    private CertificateAuthority authority(KeyType type, Optional<Passphrase> passphrase) throws Exception {
        return CertificateAuthority.init(
                TestCa.wanted(folder.resolve("ca"), 3650, Limits.NONE), NewKey.inFile(type, passphrase), Instant::now);
    }

    private HostCertificate issue(CertificateAuthority authority) throws Exception {
        HostRequest request = HostRequest.create(
                "tokyo",
                Forge.prefixes("10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/24", "2001:db8:1::/48"),
                List.of("asia"),
                HostRequest.newKey(KeyKind.X25519));
        Path file = Path.of("tokyo.csr");
        HostCertificate made = authority.sign(authority.draft(file, request, 365, false), TestCa.NOBODY_ASKS);
        CertificateAuthority.write(made, folder.resolve("host.crt"), false);
        return made;
    }

    @Test
    void opensslReadsAndVerifiesWhatWeIssue() throws Exception {
        HostCertificate made = issue(authority(KeyType.ED25519, Optional.empty()));
        String text = run("x509", "-in", "host.crt", "-noout", "-text");
        for (String part : List.of(
                "Public Key Algorithm: X25519",
                "Key Agreement",
                "DNS:tokyo",
                "sbgp-ipAddrBlock: critical",
                "10.1.0.0-10.1.2.255",
                "2001:db8:1::/48",
                "2.25.147690570685669466250829315225498473464")) {
            assertTrue(text.contains(part), () -> part + " is not in\n" + text);
        }
        assertEquals("host.crt: OK\n", run("verify", "-x509_strict", "-CAfile", "ca/ca.crt", "host.crt"));
        assertEquals(
                "sha256 Fingerprint=" + made.fingerprint() + "\n",
                run("x509", "-in", "host.crt", "-noout", "-fingerprint", "-sha256"));
    }

    @Test
    void opensslVerifiesWhatAP256CaIssues() throws Exception {
        issue(authority(KeyType.P256, Optional.empty()));
        assertEquals("host.crt: OK\n", run("verify", "-x509_strict", "-CAfile", "ca/ca.crt", "host.crt"));
    }

    /** The nesting of networks is not our invention: openssl refuses a leaf outside its CA with the same finding. */
    @Test
    void opensslRefusesNetworksOutsideTheCaToo() throws Exception {
        Forge ca = new Forge("Example CA");
        Instant now = Instant.now();
        Forge.pem(
                folder.resolve("narrow.crt"),
                Forge.bent(ca.authority(), p -> {
                            p.notBefore = now.minusSeconds(60);
                            p.networks("10.0.0.0/9");
                        })
                        .der());
        Forge.pem(
                folder.resolve("host.crt"),
                Forge.bent(ca.host("tokyo", "10.200.0.0/24"), p -> p.notBefore = now.minusSeconds(60))
                        .der());
        String verdict = run("verify", "-CAfile", "narrow.crt", "host.crt");
        assertTrue(verdict.contains("RFC 3779 resource not subset of parent's resources"), verdict);
    }

    @Test
    void opensslReadsRequestsAndKeys() throws Exception {
        KeyPair key = Forge.key("X25519");
        TestCa.request("tokyo", key, "10.1.0.0/24").write(folder.resolve("host.csr"), false);
        String text = run("req", "-in", "host.csr", "-noout", "-text");
        assertTrue(
                text.contains("id-alg-noSignature") && text.contains("DNS:tokyo") && text.contains("10.1.0.0/24"),
                text);
        PrivateKeyFile.create(folder.resolve("host.key"), key.getPrivate(), Optional.empty(), false);
        assertTrue(run("pkey", "-in", "host.key", "-noout", "-text").contains("X25519 Private-Key"));
    }

    /** A normally signed request: openssl checks ours, and we take the one that openssl makes for a company's gateway. */
    @Test
    void p256RequestsGoBothWays() throws Exception {
        HostRequest.create("tokyo", Forge.prefixes("10.1.0.0/24"), List.of(), HostRequest.newKey(KeyKind.P256))
                .write(folder.resolve("host.csr"), false);
        String verdict = run("req", "-in", "host.csr", "-noout", "-verify");
        assertTrue(verdict.contains("self-signature verify OK"), verdict);

        Path conf = Path.of("../conf/host-extensions.cnf").toAbsolutePath().normalize();
        String log = run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "their.key")
                + run(
                        Map.of("CULVERT_NAME", "lima", "CULVERT_NETWORKS", "IPv4:10.3.0.0/24"),
                        "req",
                        "-new",
                        "-key",
                        "their.key",
                        "-subj",
                        "/CN=lima",
                        "-config",
                        conf.toString(),
                        "-reqexts",
                        "host",
                        "-out",
                        "their.csr");
        HostRequest theirs = HostRequest.read(folder.resolve("their.csr"));
        assertEquals("lima", theirs.name(), log);
        assertEquals(Forge.prefixes("10.3.0.0/24"), theirs.networks());
        CertificateAuthority authority = authority(KeyType.P256, Optional.empty());
        Path file = folder.resolve("their.csr");
        HostCertificate made = authority.sign(authority.draft(file, theirs, 365, false), TestCa.NOBODY_ASKS);
        CertificateAuthority.write(made, folder.resolve("lima.crt"), false);
        assertEquals("lima.crt: OK\n", run("verify", "-x509_strict", "-CAfile", "ca/ca.crt", "lima.crt"));
        Files.setPosixFilePermissions(folder.resolve("their.key"), PosixFilePermissions.fromString("rw-------"));
        assertTrue(HostKey.read(folder.resolve("their.key")).matches(made));
    }

    @Test
    void eachOpensTheOthersEncryptedKeys() throws Exception {
        authority(KeyType.ED25519, Optional.of(Passphrase.of("horse 7 Ärger".toCharArray())));
        Files.writeString(folder.resolve("pass"), "horse 7 Ärger\n");
        String text = run("pkey", "-in", "ca/ca.key", "-passin", "file:pass", "-noout", "-text");
        assertTrue(text.contains("ED25519 Private-Key"), text);

        run("genpkey", "-algorithm", "ed25519", "-out", "plain.key");
        String made = run(
                "pkcs8",
                "-topk8",
                "-v2",
                "aes-256-cbc",
                "-in",
                "plain.key",
                "-passout",
                "file:pass",
                "-out",
                "their.key");
        for (String secret : List.of("their.key", "pass")) {
            Files.setPosixFilePermissions(folder.resolve(secret), PosixFilePermissions.fromString("rw-------"));
        }
        assertEquals(
                "EdDSA",
                PrivateKeyFile.read(folder.resolve("their.key"), file -> Passphrase.read(folder.resolve("pass")))
                        .getAlgorithm(),
                made);
    }

    /** The way our documents show: openssl as CA, with the extension file we ship. */
    @Test
    void aCertificateMadeByOpensslWithOurExtensionFileIsAccepted() throws Exception {
        Path conf = Path.of("../conf/host-extensions.cnf").toAbsolutePath().normalize();
        assertTrue(Files.exists(conf), conf::toString);
        PrivateKeyFile.create(folder.resolve("host.key"), Forge.key("X25519").getPrivate(), Optional.empty(), false);
        String log = run("genpkey", "-algorithm", "ed25519", "-out", "ca.key")
                + run(
                        "req",
                        "-x509",
                        "-new",
                        "-key",
                        "ca.key",
                        "-subj",
                        "/CN=Their CA",
                        "-days",
                        "99",
                        "-config",
                        conf.toString(),
                        "-extensions",
                        "ca",
                        "-out",
                        "ca.crt")
                + run("pkey", "-in", "host.key", "-pubout", "-out", "host.pub")
                + run(
                        Map.of(
                                "CULVERT_NAME",
                                "tokyo",
                                "CULVERT_NETWORKS",
                                "IPv4:10.1.0.0/24,IPv4:10.1.1.0/24,IPv6:2001:db8:1::/48"),
                        "x509",
                        "-new",
                        "-force_pubkey",
                        "host.pub",
                        "-subj",
                        "/CN=tokyo",
                        "-days",
                        "9",
                        "-CA",
                        "ca.crt",
                        "-CAkey",
                        "ca.key",
                        "-extfile",
                        conf.toString(),
                        "-extensions",
                        "host",
                        "-out",
                        "host.crt");
        HostCertificate host = HostCertificate.read(folder.resolve("host.crt"));
        assertEquals(List.of(), TrustStore.read(folder.resolve("ca.crt")).check(host, Instant.now()), log);
        assertEquals(Forge.prefixes("10.1.0.0/23", "2001:db8:1::/48"), host.networks());
        assertTrue(HostKey.read(folder.resolve("host.key")).matches(host));
    }
}
