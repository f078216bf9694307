package org.culvert.keymgmt.issue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.culvert.keymgmt.Forge;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.HostKey;
import org.culvert.keymgmt.trust.KeyKind;
import org.culvert.keymgmt.trust.PemFile;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.keymgmt.trust.TrustStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts with a key that can sign. */
class P256HostTest {
    @TempDir
    private Path folder;

    private final HostKey key = HostRequest.newKey(KeyKind.P256);

    private HostRequest request() {
        return HostRequest.create("tokyo", Forge.prefixes("10.1.0.0/24"), List.of(), key);
    }

    private Path write(byte[] der) {
        return Forge.pem("CERTIFICATE REQUEST", folder.resolve("bad.csr"), der);
    }

    private byte[] requestDer() throws Exception {
        request().write(folder.resolve("host.csr"), true);
        return PemFile.readOne(folder.resolve("host.csr"), "CERTIFICATE REQUEST");
    }

    @Test
    void theKeySurvivesItsFile() throws Exception {
        PrivateKeyFile.create(folder.resolve("host.key"), key.privateKey(), Optional.empty(), false);
        HostKey read = HostKey.read(folder.resolve("host.key"));
        assertEquals(KeyKind.P256, read.kind());
        assertEquals(key.keyFingerprint(), read.keyFingerprint());
    }

    @Test
    void aSignedRequestBecomesACertificate() throws Exception {
        request().write(folder.resolve("host.csr"), false);
        HostRequest read = HostRequest.read(folder.resolve("host.csr"));
        assertEquals(KeyKind.P256, read.keyKind());
        TestCa ca = new TestCa(folder.resolve("ca"));
        HostCertificate made = ca.sign(read, 365);
        assertEquals(List.of(), TrustStore.read(folder.resolve("ca/ca.crt")).check(made, ca.now));
        assertEquals(KeyKind.P256, made.keyKind());
        assertTrue(key.matches(made));
    }

    @Test
    void everyChangedByteOfARequestIsRefused() throws Exception {
        byte[] der = requestDer();
        for (int i = 0; i < der.length; i++) {
            byte[] flipped = der.clone();
            flipped[i] ^= 1;
            Path file = write(flipped);
            assertThrows(CredentialException.class, () -> HostRequest.read(file), "byte " + i);
        }
    }

    /** Somebody's public key under another name: for a key that can sign the request itself shows it. */
    @Test
    void aRequestSignedByAnotherKeyIsRefused() throws Exception {
        CertificationRequest own = CertificationRequest.getInstance(requestDer());
        CertificationRequest other =
                RequestSignature.sign(own.getCertificationRequestInfo(), HostRequest.newKey(KeyKind.P256));
        Path file = write(other.getEncoded());
        var refusal = assertThrows(CredentialException.class, () -> HostRequest.read(file));
        assertTrue(refusal.reason().contains("does not carry the signature of its own key"), refusal.getMessage());
    }

    @Test
    void anUnsignedRequestIsRefused() throws Exception {
        CertificationRequest own = CertificationRequest.getInstance(requestDer());
        CertificationRequest unsigned =
                RequestSignature.sign(own.getCertificationRequestInfo(), HostRequest.newKey(KeyKind.X25519));
        Path file = write(unsigned.getEncoded());
        var refusal = assertThrows(CredentialException.class, () -> HostRequest.read(file));
        assertTrue(refusal.reason().contains("is not signed"), refusal.getMessage());
    }

    /** And the other way about: an X25519 key cannot have signed anything. */
    @Test
    void aSignedRequestOfAnX25519KeyIsRefused() throws Exception {
        HostRequest.create("tokyo", Forge.prefixes("10.1.0.0/24"), List.of(), HostRequest.newKey(KeyKind.X25519))
                .write(folder.resolve("x.csr"), false);
        CertificationRequest own =
                CertificationRequest.getInstance(PemFile.readOne(folder.resolve("x.csr"), "CERTIFICATE REQUEST"));
        Path file = write(
                RequestSignature.sign(own.getCertificationRequestInfo(), key).getEncoded());
        var refusal = assertThrows(CredentialException.class, () -> HostRequest.read(file));
        assertTrue(refusal.reason().contains("which an X25519 key cannot do"), refusal.getMessage());
    }

    @Test
    void withoutACaItSignsItsOwnCertificateAndOnlyTheFingerprintMakesItGood() throws Exception {
        TestCa ca = new TestCa(folder.resolve("ca"));
        HostCertificate own =
                request().withoutCa(Path.of("host.crt"), key, ca.now.minusSeconds(60), ca.now.plusSeconds(86_400));
        own.x509().verify(own.publicKey());
        assertEquals("tokyo", own.issuerName());
        assertEquals(List.of(), TrustStore.checkPinned(own, own.fingerprint(), ca.now));
        assertEquals(
                List.of(Problem.Kind.UNTRUSTED),
                TrustStore.read(folder.resolve("ca/ca.crt")).check(own, ca.now).stream()
                        .map(Problem::kind)
                        .toList());
    }
}
