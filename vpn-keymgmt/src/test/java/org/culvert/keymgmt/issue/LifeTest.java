package org.culvert.keymgmt.issue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.culvert.keymgmt.Forge;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.KeyKind;
import org.culvert.keymgmt.trust.PemFile;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.keymgmt.trust.Problem.Kind;
import org.culvert.keymgmt.trust.RevocationList;
import org.culvert.keymgmt.trust.TrustStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten years of a CA: revocation, renewal, rotation, intermediates. */
class LifeTest {
    @TempDir
    private Path folder;

    private TestCa ca() throws Exception {
        return new TestCa(folder.resolve("ca"));
    }

    private Path crl(TestCa ca, int days) throws Exception {
        Path file = folder.resolve("ca.crl");
        Files.write(file, new Revocations(ca.folder, ca.clock).list(days, TestCa.NOBODY_ASKS));
        return file;
    }

    private static TrustStore trust(TestCa ca, Path crl) throws Exception {
        return TrustStore.read(ca.folder.resolve("ca.crt"), Optional.of(crl));
    }

    private static List<Kind> kinds(List<Problem> problems) {
        return problems.stream().map(Problem::kind).toList();
    }

    // ---- revocation

    @Test
    void aRevokedHostIsRefusedAndTheOthersAreNot() throws Exception {
        TestCa ca = ca();
        HostCertificate tokyo = ca.sign("tokyo", "10.1.0.0/24");
        HostCertificate bonn = ca.sign("bonn", "10.2.0.0/24");
        assertEquals(List.of(), trust(ca, crl(ca, 30)).check(tokyo, ca.now));
        ca.now = ca.now.plusSeconds(77);
        assertEquals(
                1,
                new Revocations(ca.folder, ca.clock)
                        .revoke("tokyo", Reason.KEY_COMPROMISE)
                        .size());
        TrustStore trust = trust(ca, crl(ca, 30));
        List<Problem> problems = trust.check(tokyo, ca.now);
        assertEquals(List.of(Kind.REVOKED), kinds(problems));
        assertTrue(
                problems.getFirst().message().endsWith("was revoked at " + ca.now + " (key compromise)"),
                problems::toString);
        assertEquals(List.of(), trust.check(bonn, ca.now));
    }

    @Test
    void aNameRevokesAllThatIsLiveUnderItAndASerialOnlyOne() throws Exception {
        TestCa ca = ca();
        HostCertificate first = ca.sign("tokyo", "10.1.0.0/24");
        HostCertificate second = ca.sign("tokyo", "10.1.0.0/24");
        Revocations revocations = new Revocations(ca.folder, ca.clock);
        assertEquals(
                List.of(first.serial()),
                revocations
                        .revoke(first.serial().toString(16).toUpperCase(java.util.Locale.ROOT), Reason.SUPERSEDED)
                        .stream()
                        .map(Issued::serial)
                        .toList());
        assertEquals(
                List.of(second.serial()),
                revocations.revoke("tokyo", Reason.UNSPECIFIED).stream()
                        .map(Issued::serial)
                        .toList());
        assertThrows(CredentialException.class, () -> revocations.revoke("tokyo", Reason.UNSPECIFIED));
        assertThrows(CredentialException.class, () -> revocations.revoke("nobody", Reason.UNSPECIFIED));
        assertEquals(List.of(), ca.open().register().live(ca.now));
    }

    @Test
    void aStaleListStillHoldsAndIsReported() throws Exception {
        TestCa ca = ca();
        HostCertificate tokyo = ca.sign("tokyo", "10.1.0.0/24");
        HostCertificate bonn = ca.sign("bonn", "10.2.0.0/24");
        new Revocations(ca.folder, ca.clock).revoke("tokyo", Reason.UNSPECIFIED);
        TrustStore trust = trust(ca, crl(ca, 3));
        assertEquals(List.of(), trust.staleLists(ca.now.plus(Duration.ofDays(2))));
        assertEquals(1, trust.staleLists(ca.now.plus(Duration.ofDays(4))).size());
        assertEquals(List.of(Kind.REVOKED), kinds(trust.check(tokyo, ca.now.plus(Duration.ofDays(4)))));
        assertEquals(List.of(), trust.check(bonn, ca.now.plus(Duration.ofDays(4))));
    }

    @Test
    void aListOfAHundredThousandIsReadAndHolds() throws Exception {
        TestCa ca = ca();
        HostCertificate tokyo = ca.sign("tokyo", "10.1.0.0/24");
        HostCertificate bonn = ca.sign("bonn", "10.2.0.0/24");
        X509v2CRLBuilder builder = new X509v2CRLBuilder(
                X500Name.getInstance(CaCertificate.read(ca.folder.resolve("ca.crt"))
                        .getFirst()
                        .x509()
                        .getSubjectX500Principal()
                        .getEncoded()),
                Date.from(ca.now));
        builder.setNextUpdate(Date.from(ca.now.plus(Duration.ofDays(7))));
        builder.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.ONE));
        for (int i = 0; i < 100_000; i++) {
            builder.addCRLEntry(BigInteger.ONE.shiftLeft(120).add(BigInteger.valueOf(i)), Date.from(ca.now), 0);
        }
        builder.addCRLEntry(tokyo.x509().getSerialNumber(), Date.from(ca.now), 0);
        byte[] list = builder.build(new JcaContentSignerBuilder("Ed25519")
                        .build(PrivateKeyFile.read(ca.folder.resolve("ca.key"), TestCa.NOBODY_ASKS)))
                .getEncoded();
        Path file = folder.resolve("large.crl");
        Files.write(file, PemFile.block("X509 CRL", list));
        TrustStore trust = trust(ca, file);
        assertEquals(100_001, trust.revocationLists().orElseThrow().getFirst().entries());
        assertEquals(List.of(Kind.REVOKED), kinds(trust.check(tokyo, ca.now)));
        assertEquals(List.of(), trust.check(bonn, ca.now));
    }

    @Test
    void listsAreNumberedUpwards() throws Exception {
        TestCa ca = ca();
        crl(ca, 3);
        assertEquals(
                "2",
                RevocationList.read(crl(ca, 3))
                        .getFirst()
                        .number()
                        .orElseThrow()
                        .toString());
    }

    @Test
    void aListOfAnotherKeyIsRefusedWhenRead() throws Exception {
        TestCa ca = ca();
        TestCa other = new TestCa(folder.resolve("other"));
        Path crl = crl(other, 30);
        var refusal = assertThrows(CredentialException.class, () -> trust(ca, crl));
        assertTrue(refusal.reason().contains("does not carry that CA's signature"), refusal.getMessage());
    }

    @Test
    void everyChangedBitOfAListIsRefused() throws Exception {
        TestCa ca = ca();
        HostCertificate tokyo = ca.sign("tokyo", "10.1.0.0/24");
        new Revocations(ca.folder, ca.clock).revoke("tokyo", Reason.UNSPECIFIED);
        byte[] der = PemFile.readOne(crl(ca, 30), "X509 CRL");
        for (int i = 0; i < der.length; i++) {
            byte[] flipped = der.clone();
            flipped[i] ^= 4;
            Path bad = Forge.pem("X509 CRL", folder.resolve("bad.crl"), flipped);
            try {
                assertFalse(trust(ca, bad).check(tokyo, ca.now).isEmpty(), "byte " + i);
            } catch (CredentialException refused) {
                assertTrue(refused.getMessage().contains("bad.crl"));
            }
        }
    }

    @Test
    void aFileWithoutTheListOfTheIssuerIsNotEnough() throws Exception {
        TestCa ca = ca();
        HostCertificate tokyo = ca.sign("tokyo", "10.1.0.0/24");
        CertificateAuthority.init(
                new NewAuthority(folder.resolve("two"), "Second CA", Duration.ofDays(9), Limits.NONE),
                NewKey.inFile(KeyType.ED25519, Optional.empty()),
                ca.clock);
        Path crl = folder.resolve("two.crl");
        Files.write(crl, new Revocations(folder.resolve("two"), ca.clock).list(30, TestCa.NOBODY_ASKS));
        assertEquals(List.of(Kind.CRL), kinds(trust(ca, crl).check(tokyo, ca.now)));
    }

    // ---- renewal and rotation

    @Test
    void aRenewedCaAcceptsWhatItSignedBefore() throws Exception {
        TestCa ca = ca();
        ca.now = ca.now.plus(Duration.ofDays(3500));
        HostCertificate tokyo = ca.sign(TestCa.request("tokyo", Forge.key("X25519"), "10.1.0.0/24"), 140);
        TrustStore old = TrustStore.read(ca.folder.resolve("ca.crt"));
        CaCertificate renewed = new Rotation(ca.folder, ca.clock).renew(3650, TestCa.NOBODY_ASKS);
        assertEquals(ca.now.plus(Duration.ofDays(3650)), renewed.notAfter());
        TrustStore fresh = TrustStore.read(ca.folder.resolve("ca.crt"));
        HostCertificate bonn = ca.sign("bonn", "10.2.0.0/24");
        for (HostCertificate host : List.of(tokyo, bonn)) {
            assertEquals(List.of(), old.check(host, ca.now), "hosts that have not heard of the renewal");
            assertEquals(List.of(), fresh.check(host, ca.now));
        }
    }

    @Test
    void oldAndNewTalkDuringARotationAndNotAfterRetirement() throws Exception {
        TestCa ca = ca();
        HostCertificate tokyo = ca.sign("tokyo", "10.1.0.0/24");
        CaCertificate before = ca.open().certificate();
        Rotation rotation = new Rotation(ca.folder, ca.clock);
        CaCertificate made = rotation.rotate(3650, NewKey.inFile(KeyType.P256, Optional.empty()));
        assertFalse(made.keyFingerprint().equals(before.keyFingerprint()));
        HostCertificate bonn = ca.sign("bonn", "10.2.0.0/24");
        Path crl = crl(ca, 30);
        assertEquals(2, RevocationList.read(crl).size(), "both CAs still sign lists");
        for (HostCertificate host : List.of(tokyo, bonn)) {
            assertEquals(List.of(), trust(ca, crl).check(host, ca.now), host.name());
        }
        assertEquals(
                List.of("tokyo"),
                rotation.dependents().stream().map(Issued::name).toList());

        new Revocations(ca.folder, ca.clock).revoke("tokyo", Reason.SUPERSEDED);
        assertEquals(List.of(Kind.REVOKED), kinds(trust(ca, crl(ca, 30)).check(tokyo, ca.now)), "on the old CA's list");
        assertEquals(List.of(), rotation.dependents());
        rotation.retire();
        TrustStore after = TrustStore.read(ca.folder.resolve("ca.crt"));
        assertEquals(1, after.authorities().size());
        assertEquals(List.of(Kind.BAD_SIGNATURE), kinds(after.check(tokyo, ca.now)));
        assertEquals(List.of(), after.check(bonn, ca.now));
        assertEquals(List.of(), rotation.old());
    }

    @Test
    void duringARotationANewerListTakesThePlaceOfTheOneOfItsOwnKeyOnly() throws Exception {
        TestCa ca = ca();
        HostCertificate tokyo = ca.sign("tokyo", "10.1.0.0/24");
        new Rotation(ca.folder, ca.clock).rotate(3650, NewKey.inFile(KeyType.P256, Optional.empty()));
        HostCertificate bonn = ca.sign("bonn", "10.2.0.0/24");
        TrustStore trust = trust(ca, crl(ca, 30));
        new Revocations(ca.folder, ca.clock).revoke("tokyo", Reason.SUPERSEDED);
        for (RevocationList newer : RevocationList.read(crl(ca, 30))) {
            trust = trust.with(newer).orElseThrow();
            assertEquals(2, trust.revocationLists().orElseThrow().size());
            assertEquals(List.of(), trust.check(bonn, ca.now));
            assertEquals(Optional.empty(), trust.with(newer), "it is in force already");
        }
        assertEquals(List.of(Kind.REVOKED), kinds(trust.check(tokyo, ca.now)));
    }

    @Test
    void aRotationThatDiesBeforeItsLastStepHasNotHappened() throws Exception {
        TestCa ca = ca();
        byte[] certificates = Files.readAllBytes(ca.folder.resolve("ca.crt"));
        new Rotation(ca.folder, ca.clock).rotate(3650, NewKey.inFile(KeyType.ED25519, Optional.empty()));
        Files.write(ca.folder.resolve("ca.crt"), certificates);
        HostCertificate tokyo = ca.sign("tokyo", "10.1.0.0/24");
        assertEquals(List.of(), TrustStore.read(ca.folder.resolve("ca.crt")).check(tokyo, ca.now));
    }

    // ---- intermediates

    private CertificateAuthority below(TestCa root, String name, Limits limits) throws Exception {
        return root.open()
                .initBelow(
                        new NewAuthority(folder.resolve(name), name, Duration.ofDays(900), limits),
                        NewKey.inFile(KeyType.ED25519, Optional.empty()),
                        TestCa.NOBODY_ASKS);
    }

    private static final Limits ASIA =
            new Limits(Forge.prefixes("10.0.0.0/12"), List.of("asia"), List.of("asia"), Optional.of(0));

    @Test
    void anIntermediateSignsWithinItsLimitsOnly() throws Exception {
        TestCa root = ca();
        CertificateAuthority asia = below(root, "asia", ASIA);
        TrustStore trust = TrustStore.read(root.folder.resolve("ca.crt"));
        Path file = Path.of("tokyo.csr");
        HostRequest good = TestCa.request("tokyo.asia", Forge.key("X25519"), "10.1.0.0/24");
        HostCertificate tokyo = asia.sign(asia.draft(file, good, 30, false), TestCa.NOBODY_ASKS);
        assertEquals(1, tokyo.intermediates().size());
        assertEquals(List.of(), trust.check(tokyo, root.now));
        CertificateAuthority.write(tokyo, folder.resolve("tokyo.crt"), false);
        assertEquals(List.of(), trust.check(HostCertificate.read(folder.resolve("tokyo.crt")), root.now));

        for (HostRequest bad : List.of(
                TestCa.request("bonn.europe", Forge.key("X25519"), "10.2.0.0/24"),
                TestCa.request("osaka.asia", Forge.key("X25519"), "10.16.0.0/24"),
                HostRequest.create(
                        "osaka.asia",
                        Forge.prefixes("10.3.0.0/24"),
                        List.of("europe"),
                        HostRequest.newKey(KeyKind.X25519)))) {
            assertThrows(
                    CredentialException.class,
                    () -> asia.sign(asia.draft(file, bad, 30, false), TestCa.NOBODY_ASKS),
                    bad.name());
        }
        assertEquals(1, asia.register().issued().size());
    }

    @Test
    void anIntermediateIsNotMadeWiderThanItsParent() throws Exception {
        TestCa root = new TestCa(
                folder.resolve("ca"), new Limits(Forge.prefixes("10.0.0.0/9"), List.of(), List.of(), Optional.of(1)));
        Limits wide = new Limits(Forge.prefixes("10.0.0.0/8"), List.of(), List.of(), Optional.of(0));
        assertTrue(assertThrows(CredentialException.class, () -> below(root, "asia", wide))
                .reason()
                .contains("[10.0.0.0/8] is outside"));
        Limits deep = new Limits(Forge.prefixes("10.0.0.0/10"), List.of(), List.of(), Optional.of(1));
        assertTrue(assertThrows(CredentialException.class, () -> below(root, "europe", deep))
                .reason()
                .contains("allows 1 CAs"));
        assertEquals(List.of(), root.open().register().issued());
    }

    @Test
    void aRevokedIntermediateTakesItsHostsWithIt() throws Exception {
        TestCa root = ca();
        CertificateAuthority asia = below(root, "asia", ASIA);
        Path file = Path.of("tokyo.csr");
        HostRequest request = TestCa.request("tokyo.asia", Forge.key("X25519"), "10.1.0.0/24");
        HostCertificate tokyo = asia.sign(asia.draft(file, request, 30, false), TestCa.NOBODY_ASKS);
        new Revocations(root.folder, root.clock).revoke("asia", Reason.CA_COMPROMISE);
        Path crl = folder.resolve("all.crl");
        Files.write(crl, new Revocations(root.folder, root.clock).list(30, TestCa.NOBODY_ASKS));
        Files.write(
                crl,
                new Revocations(folder.resolve("asia"), root.clock).list(30, TestCa.NOBODY_ASKS),
                java.nio.file.StandardOpenOption.APPEND);
        List<Problem> problems = trust(root, crl).check(tokyo, root.now);
        assertEquals(List.of(Kind.REVOKED), kinds(problems));
        assertTrue(problems.getFirst().message().startsWith("the CA 'asia' was revoked"), problems::toString);
    }

    @Test
    void anIntermediateCannotRenewItself() throws Exception {
        TestCa root = ca();
        below(root, "asia", ASIA);
        assertThrows(
                CredentialException.class,
                () -> new Rotation(folder.resolve("asia"), root.clock).renew(30, TestCa.NOBODY_ASKS));
    }
}
