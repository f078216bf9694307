package org.culvert.keymgmt.issue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.culvert.keymgmt.Forge;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.KeyKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the programs of other projects make of our certificates and lists: openssl's list check, GnuTLS's certtool, strongSwan's pki. */
class OtherToolsTest {
    private static final Path CERTTOOL = Path.of("/usr/bin/certtool");
    private static final Path PKI = Path.of("/usr/bin/pki");
    private static final Path OPENSSL = Path.of("/usr/bin/openssl");

    @TempDir
    private Path folder;

    @BeforeEach
    void makeAuthority() throws Exception {
        for (Path program : List.of(CERTTOOL, PKI, OPENSSL)) {
            boolean there = Files.isExecutable(program);
            if ("true".equals(System.getenv("CI"))) {
                assertTrue(there, program + " is missing");
            }
            assumeTrue(there, program + " is not installed (gnutls-bin, strongswan-pki, openssl)");
        }
        CertificateAuthority.init(
                TestCa.wanted(folder.resolve("ca"), 3650, Limits.NONE),
                NewKey.inFile(KeyType.P256, Optional.empty()),
                Instant::now);
        list();
    }

    private HostCertificate issue(String name, KeyKind kind, List<String> groups, String... networks) throws Exception {
        CertificateAuthority authority = CertificateAuthority.open(folder.resolve("ca"), Instant::now);
        HostRequest request = HostRequest.create(name, Forge.prefixes(networks), groups, HostRequest.newKey(kind));
        Draft draft = authority.draft(Path.of(name + ".csr"), request, 30, false);
        HostCertificate made = authority.sign(draft, TestCa.NOBODY_ASKS);
        CertificateAuthority.write(made, folder.resolve(name + ".crt"), false);
        return made;
    }

    private void list() throws Exception {
        byte[] list = new Revocations(folder.resolve("ca"), Instant::now).list(30, TestCa.NOBODY_ASKS);
        Files.write(folder.resolve("ca.crl"), list);
    }

    private void revoke(String name) throws Exception {
        new Revocations(folder.resolve("ca"), Instant::now).revoke(name, Reason.KEY_COMPROMISE);
        list();
    }

    private String run(Path program, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder();
        builder.command().add(program.toString());
        builder.command().addAll(List.of(arguments));
        Process process =
                builder.directory(folder.toFile()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), program + " hangs");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return output;
    }

    private static void assertContains(String text, String... parts) {
        for (String part : parts) {
            assertTrue(text.contains(part), () -> part + " is not in\n" + text);
        }
    }

    @Test
    void opensslTakesOurListAndRefusesWhatIsOnIt() throws Exception {
        issue("tokyo", KeyKind.X25519, List.of("asia"), "10.1.0.0/24");
        String[] verify = {
            "verify", "-x509_strict", "-crl_check", "-CAfile", "ca/ca.crt", "-CRLfile", "ca.crl", "tokyo.crt"
        };
        assertEquals("tokyo.crt: OK\n", run(OPENSSL, verify));
        revoke("tokyo");
        assertContains(run(OPENSSL, verify), "certificate revoked");
        assertContains(
                run(OPENSSL, "crl", "-in", "ca.crl", "-noout", "-text", "-CAfile", "ca/ca.crt"),
                "verify OK",
                "X509v3 CRL Number",
                "Key Compromise");
    }

    @Test
    void certtoolReadsWhatWeIssue() throws Exception {
        issue("tokyo", KeyKind.P256, List.of(), "10.1.0.0/24", "2001:db8:1::/48");
        assertContains(
                run(CERTTOOL, "-i", "--infile", "tokyo.crt"),
                "Subject: CN=tokyo",
                "Curve:\tSECP256R1",
                "Key agreement.",
                "DNSname: tokyo",
                "1.3.6.1.5.5.7.1.7 (critical)");
        assertContains(run(CERTTOOL, "-i", "--infile", "ca/ca.crt"), "Certificate Authority (CA): TRUE");
        issue("lima", KeyKind.X25519, List.of(), "10.3.0.0/24");
        assertContains(run(CERTTOOL, "-i", "--infile", "lima.crt"), "Subject: CN=lima", "X25519");
    }

    /** GnuTLS knows nothing of RFC 3779 and refuses, as it must, what is critical and unknown; the signature is not what it minds. */
    @Test
    void certtoolHasOneObjectionAndItIsTheNetworks() throws Exception {
        issue("tokyo", KeyKind.P256, List.of(), "10.1.0.0/24");
        String verdict = run(CERTTOOL, "--verify", "--load-ca-certificate", "ca/ca.crt", "--infile", "tokyo.crt");
        assertContains(
                verdict, "Checked against: CN=Example CA", "The certificate contains an unknown critical extension.");
        assertFalse(verdict.contains("signature"), verdict.replace("Signature algorithm", ""));
    }

    @Test
    void certtoolVerifiesOurList() throws Exception {
        issue("tokyo", KeyKind.P256, List.of(), "10.1.0.0/24");
        revoke("tokyo");
        String verdict = run(CERTTOOL, "--verify-crl", "--load-ca-certificate", "ca/ca.crt", "--infile", "ca.crl");
        assertContains(verdict, "Revoked certificates (1)", "Verified. The certificate is trusted.");
    }

    /** libtasn1 reads no OID with a number over 64 bits, and ours holds a UUID. The document says so; should this begin to work, say that. */
    @Test
    void certtoolCannotReadGroups() throws Exception {
        issue("tokyo", KeyKind.P256, List.of("asia"), "10.1.0.0/24");
        assertContains(run(CERTTOOL, "-i", "--infile", "tokyo.crt"), "Error in DER parsing");
    }

    @Test
    void strongswanPrintsAndVerifiesP256() throws Exception {
        issue("tokyo", KeyKind.P256, List.of("asia"), "10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/24");
        assertContains(
                run(PKI, "--print", "--in", "tokyo.crt"),
                "\"CN=tokyo\"",
                "altNames:  tokyo",
                "10.1.0.0..10.1.2.255",
                "ECDSA 256 bits");
        assertContains(run(PKI, "--print", "--in", "ca/ca.crt"), "CA CRLSign self-signed", "0.0.0.0/0");
        assertContains(run(PKI, "--print", "--type", "crl", "--in", "ca.crl"), "0 revoked certificates");
        assertContains(
                run(PKI, "--verify", "--in", "tokyo.crt", "--cacert", "ca/ca.crt"),
                "certificate trusted, lifetimes valid");
        revoke("tokyo");
        assertContains(
                run(PKI, "--verify", "--in", "tokyo.crt", "--cacert", "ca/ca.crt", "--crl", "ca.crl"),
                "certificate was revoked",
                "key compromise",
                "certificate untrusted");
    }

    @Test
    void strongswanRejectsX25519() throws Exception {
        issue("tokyo", KeyKind.X25519, List.of(), "10.1.0.0/24");
        assertContains(run(PKI, "--print", "--in", "tokyo.crt"), "unsupported public key algorithm");
    }
}
