package org.culvert.keymgmt.trust;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.culvert.keymgmt.Forge;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostKeyTest {
    @TempDir
    private Path folder;

    private Path write(String mode, String label, byte[]... ders) throws Exception {
        Path file = Forge.pem(label, folder.resolve("host.key"), ders);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void computesThePublicHalf() throws Exception {
        KeyPair keys = Forge.key("X25519");
        HostKey key =
                HostKey.read(write("rw-------", "PRIVATE KEY", keys.getPrivate().getEncoded()));
        assertArrayEquals(keys.getPublic().getEncoded(), key.spki());
    }

    /** RFC 7748 section 6.1, Alice. */
    @Test
    void computesThePublicHalfOfTheRfc() throws Exception {
        byte[] pkcs8 = HexFormat.of()
                .parseHex("302e020100300506032b656e04220420"
                        + "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        HostKey key = HostKey.read(write("rw-------", "PRIVATE KEY", pkcs8));
        assertEquals(
                "302a300506032b656e032100" + "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                HexFormat.of().formatHex(key.spki()));
    }

    /** RFC 5903 section 8.1, as openssl writes it without the public half. */
    @Test
    void computesThePublicHalfOfAP256Key() throws Exception {
        byte[] pkcs8 = HexFormat.of()
                .parseHex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420"
                        + "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433");
        HostKey key = HostKey.read(write("rw-------", "PRIVATE KEY", pkcs8));
        assertEquals(KeyKind.P256, key.kind());
        assertEquals(
                "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
                        + "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
                        + "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
                HexFormat.of().formatHex(key.spki()));
    }

    @Test
    void computesThePublicHalfOfManyP256Keys() throws Exception {
        for (int i = 0; i < 32; i++) {
            KeyPair keys = Forge.key("EC");
            HostKey key = HostKey.read(
                    write("rw-------", "PRIVATE KEY", keys.getPrivate().getEncoded()));
            assertArrayEquals(keys.getPublic().getEncoded(), key.spki());
        }
    }

    /** 0, the order of the curve, and one more: the last two are private keys of infinity and of the base point. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
                "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552"
            })
    void refusesAP256KeyOutsideItsRange(String scalar) throws Exception {
        assertRefused(
                "is neither an X25519 nor a P-256 private key",
                "PRIVATE KEY",
                HexFormat.of()
                        .parseHex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420" + scalar));
    }

    @Test
    void saysHowToConvertOpensslsOldForm() throws Exception {
        Path file = write(
                "rw-------", "EC PRIVATE KEY", Forge.key("EC").getPrivate().getEncoded());
        var refusal = assertThrows(CredentialException.class, () -> HostKey.read(file));
        assertTrue(refusal.hint().startsWith("convert it with: openssl pkcs8 -topk8 -nocrypt"), refusal.getMessage());
    }

    @Test
    void matchesOnlyItsOwnCertificate() throws Exception {
        Forge ca = new Forge("Example CA");
        KeyPair keys = Forge.key("X25519");
        HostKey key =
                HostKey.read(write("rw-------", "PRIVATE KEY", keys.getPrivate().getEncoded()));
        var own = Forge.bent(
                ca.host("tokyo", "10.1.0.0/24"), p -> p.spki = keys.getPublic().getEncoded());
        assertTrue(key.matches(HostCertificate.read(Forge.pem(folder.resolve("own.crt"), own.der()))));
        var other = ca.host("tokyo", "10.1.0.0/24");
        assertFalse(key.matches(HostCertificate.read(Forge.pem(folder.resolve("other.crt"), other.der()))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwxrwxrwx", "rw------x"})
    void refusesAFileOpenToOthers(String mode) throws Exception {
        Path file = write(mode, "PRIVATE KEY", Forge.key("X25519").getPrivate().getEncoded());
        var refusal = assertThrows(CredentialException.class, () -> HostKey.read(file));
        assertTrue(
                refusal.getMessage().matches(".*host.key: readable by others \\(mode 0\\d{3}\\); run chmod 600 .*"),
                refusal.getMessage());
    }

    @Test
    void saysTheModeAsChmodTakesIt() throws Exception {
        Path file = write(
                "rw-r-----", "PRIVATE KEY", Forge.key("X25519").getPrivate().getEncoded());
        assertTrue(assertThrows(CredentialException.class, () -> HostKey.read(file))
                .reason()
                .contains("0640"));
    }

    @Test
    void refusesOtherKeysAndOtherThings() throws Exception {
        byte[] good = Forge.key("X25519").getPrivate().getEncoded();
        assertRefused(
                "is neither an X25519 nor a P-256 private key",
                "PRIVATE KEY",
                Forge.key("Ed25519").getPrivate().getEncoded());
        assertRefused(
                "is neither an X25519 nor a P-256 private key",
                "PRIVATE KEY",
                Forge.key("X448").getPrivate().getEncoded());
        assertRefused(
                "is neither an X25519 nor a P-256 private key",
                "PRIVATE KEY",
                Forge.key("secp384r1").getPrivate().getEncoded());
        assertRefused("exactly one PRIVATE KEY", "PRIVATE KEY", good, good);
        assertRefused("exactly one PRIVATE KEY", "CERTIFICATE", good);
        assertRefused("encrypted with a passphrase", "ENCRYPTED PRIVATE KEY", good);
        assertRefused("behind its end", "PRIVATE KEY", Arrays.copyOf(good, good.length + 1));
        assertRefused("beyond its end", "PRIVATE KEY", Arrays.copyOf(good, good.length - 1));
    }

    private void assertRefused(String reason, String label, byte[]... ders) throws Exception {
        Path file = write("rw-------", label, ders);
        var refusal = assertThrows(CredentialException.class, () -> HostKey.read(file));
        assertTrue(refusal.reason().contains(reason), refusal.getMessage());
    }

    @Test
    void saysWhatIsWrongWithThePem() throws Exception {
        for (List<String> bad : List.of(
                List.of("-----BEGIN PRIVATE KEY-----\nMC4C\n", "has no END line"),
                List.of("-----BEGIN PRIVATE KEY-----\nMC4C\n-----END CERTIFICATE-----\n", "its own END line"),
                List.of("-----BEGIN PRIVATE KEY-----\nMC4\n-----END PRIVATE KEY-----\n", "cut short"),
                List.of("-----BEGIN PRIVATE KEY-----\nMC4 C\n\n-----END PRIVATE KEY-----\n", "not base64|cut short"),
                List.of(
                        "-----BEGIN PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n-----END PRIVATE KEY-----\n",
                        "not base64|cut short"),
                List.of("-----BEGIN PRIVATE KEY\nMC4C\n-----END PRIVATE KEY-----\n", "closing dashes"),
                List.of("-----END PRIVATE KEY-----\n", "neither BEGIN nor END"),
                List.of("", "no PEM block"),
                List.of("hello\n", "no PEM block"))) {
            Path file = Files.writeString(folder.resolve("bad.key"), bad.get(0));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            var refusal = assertThrows(CredentialException.class, () -> HostKey.read(file), bad.get(1));
            assertTrue(
                    Arrays.stream(bad.get(1).split("\\|")).anyMatch(refusal.reason()::contains), refusal.getMessage());
        }
    }

    @Test
    void readsWindowsLineEndsAndTextAround() throws Exception {
        String pem = Files.readString(write(
                "rw-------", "PRIVATE KEY", Forge.key("X25519").getPrivate().getEncoded()));
        Path file =
                Files.writeString(folder.resolve("dos.key"), "key of tokyo\r\n" + pem.replace("\n", "\r\n") + "\r\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        HostKey.read(file);
    }

    @Test
    void refusesAHugeFileWithoutReadingIt() throws Exception {
        Path file = folder.resolve("huge.crt");
        Files.write(file, new byte[10 << 20]);
        var refusal = assertThrows(CredentialException.class, () -> HostCertificate.read(file));
        assertTrue(refusal.reason().contains("larger than 1 MiB"), refusal.getMessage());
    }

    @Test
    void neverPrintsTheKey() throws Exception {
        KeyPair keys = Forge.key("X25519");
        HostKey key =
                HostKey.read(write("rw-------", "PRIVATE KEY", keys.getPrivate().getEncoded()));
        assertEquals("HostKey " + Fingerprint.of(keys.getPublic().getEncoded()), key.toString());
    }
}
