package org.culvert.keymgmt.issue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.culvert.keymgmt.Forge;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.HostKey;
import org.culvert.keymgmt.trust.KeyKind;
import org.culvert.keymgmt.trust.TrustStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CertificateAuthorityTest {
    @TempDir
    private Path folder;

    @Test
    void whatItSignsIsAccepted() throws Exception {
        TestCa ca = new TestCa(folder.resolve("ca"));
        KeyPair key = Forge.key("X25519");
        HostRequest request = HostRequest.create(
                "tokyo", Forge.prefixes("10.1.0.0/24", "2001:db8:1::/48"), List.of("west", "asia"), HostKey.of(key));
        HostCertificate host = ca.sign(request, 365);
        assertEquals(List.of(), TrustStore.read(folder.resolve("ca/ca.crt")).check(host, ca.now));
        assertEquals("tokyo", host.name());
        assertEquals(Forge.prefixes("10.1.0.0/24", "2001:db8:1::/48"), host.networks());
        assertEquals(List.of("asia", "west"), host.groups());
        assertEquals(request.keyFingerprint(), host.keyFingerprint());
        assertEquals(ca.now.plus(Duration.ofDays(365)), host.notAfter());
        assertEquals(ca.now.minus(Duration.ofMinutes(10)), host.notBefore());
        assertTrue(host.der().length < 420, host.der().length + " bytes");
    }

    @ParameterizedTest
    @EnumSource(KeyType.class)
    void eitherKindOfKeySigns(KeyType type) throws Exception {
        CertificateAuthority authority = CertificateAuthority.init(
                TestCa.wanted(folder.resolve("ca"), 30, Limits.NONE),
                NewKey.inFile(type, Optional.empty()),
                () -> Forge.NOW);
        HostRequest request = TestCa.request("tokyo", Forge.key("X25519"), "10.1.0.0/24");
        Path file = Path.of("tokyo.csr");
        HostCertificate host = authority.sign(authority.draft(file, request, 7, false), TestCa.NOBODY_ASKS);
        assertEquals(List.of(), TrustStore.read(folder.resolve("ca/ca.crt")).check(host, Forge.NOW));
    }

    @Test
    void theKeyIsForItsOwnerOnlyAndTheFolderToo() throws Exception {
        new TestCa(folder.resolve("ca"));
        assertEquals("rw-------", mode("ca/ca.key"));
        assertEquals("rw-------", mode("ca/journal"));
        assertEquals("rwx------", mode("ca"));
        assertEquals("rw-r--r--", mode("ca/ca.crt"));
    }

    private String mode(String file) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(file)));
    }

    @Test
    void refusesDaysBeyondTheCaAndSaysHowManyAreLeft() throws Exception {
        TestCa ca = new TestCa(folder.resolve("ca"));
        ca.now = ca.now.plus(Duration.ofDays(3600));
        var refusal = assertThrows(
                CredentialException.class,
                () -> ca.sign(TestCa.request("tokyo", Forge.key("X25519"), "10.1.0.0/24"), 51));
        assertTrue(refusal.reason().startsWith("51 days would end at "), refusal.reason());
        assertTrue(refusal.hint().contains("at most --days 50"), refusal.hint());
        ca.sign(TestCa.request("tokyo", Forge.key("X25519"), "10.1.0.0/24"), 50);
    }

    @Test
    void refusesNetworksOutsideItsOwn() throws Exception {
        Limits limits = new Limits(Forge.prefixes("10.0.0.0/9"), List.of(), List.of(), Optional.empty());
        TestCa ca = new TestCa(folder.resolve("ca"), limits);
        var refusal = assertThrows(CredentialException.class, () -> ca.sign("tokyo", "10.1.0.0/24", "10.200.0.0/24"));
        assertTrue(refusal.reason().contains("claims 10.200.0.0/24, outside what 'Example CA'"), refusal.reason());
        assertEquals(1, ca.open().register().journal().entries().size(), "nothing but the init");
    }

    @Test
    void refusesGroupsAndNamesOutsideItsOwn() throws Exception {
        Limits limits = new Limits(Limits.NONE.networks(), List.of("asia"), List.of("example"), Optional.of(0));
        TestCa ca = new TestCa(folder.resolve("ca"), limits);
        HostRequest group = HostRequest.create(
                "tokyo.example", Forge.prefixes("10.1.0.0/24"), List.of("europe"), HostRequest.newKey(KeyKind.X25519));
        assertTrue(assertThrows(CredentialException.class, () -> ca.sign(group, 9))
                .reason()
                .contains("groups europe"));
        assertTrue(assertThrows(CredentialException.class, () -> ca.sign("tokyo", "10.1.0.0/24"))
                .reason()
                .contains("name tokyo is outside"));
        ca.sign("tokyo.example", "10.1.0.0/24");
    }

    @Test
    void refusesNetworksThatAnotherLiveHostHas() throws Exception {
        TestCa ca = new TestCa(folder.resolve("ca"));
        HostCertificate tokyo = ca.sign("tokyo", "10.1.0.0/16");
        var refusal = assertThrows(CredentialException.class, () -> ca.sign("bonn", "10.1.7.0/24"));
        assertTrue(refusal.reason().startsWith("10.1.7.0/24 overlaps 10.1.0.0/16 of tokyo"), refusal.reason());
        CertificateAuthority authority = ca.open();
        HostRequest bonn = TestCa.request("bonn", Forge.key("X25519"), "10.1.7.0/24");
        Draft allowed = authority.draft(Path.of("bonn.csr"), bonn, 9, true);
        assertEquals(1, allowed.notes().size());
        ca.now = tokyo.notAfter().plusSeconds(1);
        ca.sign(bonn, 9);
    }

    @Test
    void refusesAKeyThatAnotherHostHas() throws Exception {
        TestCa ca = new TestCa(folder.resolve("ca"));
        KeyPair key = Forge.key("X25519");
        ca.sign(TestCa.request("tokyo", key, "10.1.0.0/24"), 9);
        var refusal =
                assertThrows(CredentialException.class, () -> ca.sign(TestCa.request("bonn", key, "10.2.0.0/24"), 9));
        assertTrue(refusal.reason().contains("its key already belongs to tokyo"), refusal.reason());
    }

    @Test
    void signingTheSameRequestAgainIsARenewal() throws Exception {
        TestCa ca = new TestCa(folder.resolve("ca"));
        HostRequest request = TestCa.request("tokyo", Forge.key("X25519"), "10.1.0.0/24");
        HostCertificate first = ca.sign(request, 9);
        Draft again = ca.open().draft(Path.of("tokyo.csr"), request, 9, false);
        assertTrue(
                again.notes()
                        .getFirst()
                        .startsWith("renews serial " + first.serial().toString(16)),
                again.notes()::toString);
        HostCertificate second = ca.sign(request, 9);
        assertEquals(first.keyFingerprint(), second.keyFingerprint());
        assertNotEquals(first.serial(), second.serial());
    }

    @Test
    void neverOverwritesACa() throws Exception {
        TestCa ca = new TestCa(folder.resolve("ca"));
        String before = Files.readString(ca.folder.resolve("ca.key"));
        var refusal = assertThrows(CredentialException.class, () -> new TestCa(folder.resolve("ca")));
        assertTrue(refusal.reason().contains("already there"), refusal.getMessage());
        assertEquals(before, Files.readString(ca.folder.resolve("ca.key")));
    }

    @Test
    void refusesAKeyThatIsNotItsOwn() throws Exception {
        TestCa ca = new TestCa(folder.resolve("ca"));
        new TestCa(folder.resolve("other"));
        Files.delete(ca.folder.resolve("ca.key"));
        Files.copy(folder.resolve("other/ca.key"), ca.folder.resolve("ca.key"));
        var refusal = assertThrows(CredentialException.class, () -> ca.sign("tokyo", "10.1.0.0/24"));
        assertTrue(refusal.reason().contains("is not the key of"), refusal.getMessage());
    }

    @Test
    void aPassphraseOpensTheKeyAndAWrongOneDoesNot() throws Exception {
        CertificateAuthority authority = CertificateAuthority.init(
                TestCa.wanted(folder.resolve("ca"), 30, Limits.NONE),
                NewKey.inFile(KeyType.ED25519, Optional.of(Passphrase.of("grün Über alles 7".toCharArray()))),
                () -> Forge.NOW);
        assertTrue(Files.readString(folder.resolve("ca/ca.key")).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
        Path file = Path.of("tokyo.csr");
        Draft draft = authority.draft(file, TestCa.request("tokyo", Forge.key("X25519"), "10.1.0.0/24"), 9, false);
        var refusal = assertThrows(
                CredentialException.class,
                () -> authority.sign(draft, key -> Passphrase.of("grun Uber alles 7".toCharArray())));
        assertTrue(refusal.reason().contains("wrong passphrase"), refusal.getMessage());
        authority.sign(draft, key -> Passphrase.of("grün Über alles 7".toCharArray()));
    }

    @Test
    void refusesACaKeyReadableByOthers() throws Exception {
        TestCa ca = new TestCa(folder.resolve("ca"));
        Files.setPosixFilePermissions(ca.folder.resolve("ca.key"), PosixFilePermissions.fromString("rw-r--r--"));
        var refusal = assertThrows(CredentialException.class, () -> ca.sign("tokyo", "10.1.0.0/24"));
        assertTrue(refusal.reason().contains("readable by others (mode 0644)"), refusal.getMessage());
    }

    @Test
    void requestsSurviveTheirFile() throws Exception {
        HostRequest made = HostRequest.create(
                "tokyo",
                Forge.prefixes("10.1.1.0/24", "10.1.0.0/24", "10.1.2.0/24"),
                List.of("asia"),
                HostRequest.newKey(KeyKind.X25519));
        made.write(folder.resolve("host.csr"), false);
        HostRequest read = HostRequest.read(folder.resolve("host.csr"));
        assertEquals("tokyo", read.name());
        assertEquals(Forge.prefixes("10.1.0.0/23", "10.1.2.0/24"), read.networks());
        assertEquals(List.of("asia"), read.groups());
        assertEquals(made.keyFingerprint(), read.keyFingerprint());
    }

    @Test
    void aRequestChangedOnTheWayIsRefused() throws Exception {
        TestCa.request("tokyo", Forge.key("X25519"), "10.1.0.0/24").write(folder.resolve("host.csr"), false);
        byte[] der = org.culvert.keymgmt.trust.PemFile.readOne(folder.resolve("host.csr"), "CERTIFICATE REQUEST");
        for (int i = 0; i < der.length; i++) {
            byte[] flipped = der.clone();
            flipped[i] ^= 1;
            Path file = Forge.pem("CERTIFICATE REQUEST", folder.resolve("bad.csr"), flipped);
            assertThrows(CredentialException.class, () -> HostRequest.read(file), "byte " + i);
        }
    }

    @Test
    void aDangerousKeyIsNotRequestedAndNotSigned() throws Exception {
        KeyPair good = Forge.key("X25519");
        byte[] spki = good.getPublic().getEncoded();
        java.util.Arrays.fill(spki, 12, 44, (byte) 0);
        var zero = KeyFactory.getInstance("X25519").generatePublic(new X509EncodedKeySpec(spki));
        HostKey key = HostKey.of(new KeyPair(zero, good.getPrivate()));
        assertThrows(
                IllegalArgumentException.class,
                () -> HostRequest.create("tokyo", Forge.prefixes("10.1.0.0/24"), List.of(), key));
    }

    @Test
    void writingRefusesToOverwriteAndLeavesNoRubbish() throws Exception {
        Path file = folder.resolve("host.crt");
        SafeFile.create(file, new byte[] {1, 2}, SafeFile.PRIVATE, false);
        assertThrows(
                java.nio.file.FileAlreadyExistsException.class,
                () -> SafeFile.create(file, new byte[] {3}, SafeFile.PRIVATE, false));
        SafeFile.create(file, new byte[] {3}, SafeFile.PRIVATE, true);
        try (var files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
        assertFalse(Files.readAllBytes(file).length != 1);
    }
}
