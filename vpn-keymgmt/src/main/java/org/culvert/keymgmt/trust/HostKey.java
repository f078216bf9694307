package org.culvert.keymgmt.trust;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.KeyAgreement;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * The private key of this gateway, X25519 or P-256: PKCS#8, unencrypted, because the daemon starts with nobody there to type. Its file must
 * be readable by the owner only. Immutable. The JDK's key object cannot be wiped; the bytes it was read from are.
 */
public final class HostKey {
    private static final int FOR_OTHERS = 0077;

    private final KeyKind kind;
    private final PrivateKey privateKey;
    private final byte[] spki;

    private HostKey(KeyKind kind, PrivateKey privateKey, byte[] spki) {
        this.kind = kind;
        this.privateKey = privateKey;
        this.spki = spki;
    }

    /**
     * A key that was just made.
     *
     * @throws IllegalArgumentException when it is of no kind that a host can have
     */
    public static HostKey of(KeyPair pair) {
        byte[] spki = pair.getPublic().getEncoded();
        KeyKind kind = KeyKind.of(spki)
                .orElseThrow(() -> new IllegalArgumentException(
                        "a host key is X25519 or P-256, not " + pair.getPublic().getAlgorithm()));
        return new HostKey(kind, pair.getPrivate(), spki);
    }

    /** Reads a key file, or opens the key in a token that the file, or the path itself, names. */
    public static HostKey read(Path file) throws CredentialException {
        if (TokenUri.is(file.toString())) {
            return inToken(file, TokenUri.parse(file, file.toString()));
        }
        refuseIfOpenToOthers(file);
        Optional<TokenUri> token = TokenUri.at(file);
        if (token.isPresent()) {
            return inToken(file, token.get());
        }
        var blocks = PemFile.read(file);
        if (blocks.getFirst().label().equals("ENCRYPTED PRIVATE KEY")) {
            throw new CredentialException(
                    file,
                    "is encrypted with a passphrase",
                    "the daemon starts unattended; keep the host key unencrypted, mode 0600");
        }
        if (blocks.stream().anyMatch(block -> block.label().equals("EC PRIVATE KEY"))) {
            throw new CredentialException(
                    file,
                    "is in openssl's older form (EC PRIVATE KEY)",
                    "convert it with: openssl pkcs8 -topk8 -nocrypt -in OLD -out " + file);
        }
        byte[] der = PemFile.readOne(file, "PRIVATE KEY");
        try {
            Der.check(der);
            return decode(der);
        } catch (Der.MalformedException e) {
            throw new CredentialException(file, "the key " + e.getMessage(), "copy the file again");
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new CredentialException(
                    file, "is neither an X25519 nor a P-256 private key", "make one with: culvert host request", e);
        } finally {
            Arrays.fill(der, (byte) 0);
            blocks.forEach(block -> Arrays.fill(block.der(), (byte) 0));
        }
    }

    private static HostKey inToken(Path file, TokenUri uri) throws CredentialException {
        KeyPair pair = Token.open(file, uri).key();
        try {
            HostKey key = of(pair);
            key.refuseForeignHalves(file);
            return key;
        } catch (IllegalArgumentException e) {
            throw new CredentialException(file, "the token's key is none for a host: " + e.getMessage(), "", e);
        }
    }

    /** The public half comes from a certificate that anybody may have put there; both ways of one agreement show whether it belongs. */
    private void refuseForeignHalves(Path file) throws CredentialException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair probe = generator.generateKeyPair();
            byte[] there = agree(privateKey, probe.getPublic());
            byte[] back = agree(probe.getPrivate(), kind.publicKey(spki));
            if (!MessageDigest.isEqual(there, back)) {
                throw new CredentialException(
                        file, "the certificate in the token is not one of the private key beside it", "");
            }
        } catch (GeneralSecurityException | ProviderException e) {
            throw new CredentialException(file, "the token's key cannot agree on secrets: " + e, "", e);
        }
    }

    private static byte[] agree(PrivateKey own, PublicKey peer) throws GeneralSecurityException {
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(own);
        agreement.doPhase(peer, true);
        return agreement.generateSecret();
    }

    private static HostKey decode(byte[] der) throws GeneralSecurityException {
        boolean curve = PrivateKeyInfo.getInstance(der)
                .getPrivateKeyAlgorithm()
                .getAlgorithm()
                .equals((ASN1Primitive) X9ObjectIdentifiers.id_ecPublicKey);
        KeyKind kind = curve ? KeyKind.P256 : KeyKind.X25519;
        PrivateKey key = KeyFactory.getInstance(curve ? "EC" : "X25519").generatePrivate(new PKCS8EncodedKeySpec(der));
        return new HostKey(kind, key, kind.spki(key));
    }

    /** Refuses a key file that anybody but its owner can read or write. */
    public static void refuseIfOpenToOthers(Path file) throws CredentialException {
        if (Files.isDirectory(file)) {
            throw new CredentialException(file, "is a folder", "name the key file in it");
        }
        try {
            int mode = (Integer) Files.getAttribute(file, "unix:mode") & 0777;
            if ((mode & FOR_OTHERS) != 0) {
                throw new CredentialException(
                        file, String.format("readable by others (mode %04o)", mode), "run " + FileOwner.repair(file));
            }
        } catch (NoSuchFileException e) {
            throw new CredentialException(file, "no such file", "", e);
        } catch (AccessDeniedException e) {
            throw FileOwner.denied(file, e);
        } catch (IOException e) {
            throw new CredentialException(file, "cannot be read: " + e.getMessage(), "", e);
        }
    }

    public KeyKind kind() {
        return kind;
    }

    public PrivateKey privateKey() {
        return privateKey;
    }

    /** SubjectPublicKeyInfo of the public half; a copy. */
    public byte[] spki() {
        return spki.clone();
    }

    public String keyFingerprint() {
        return Fingerprint.of(spki);
    }

    /** Whether the certificate is for this key. */
    public boolean matches(HostCertificate certificate) {
        return Arrays.equals(spki, certificate.spki());
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "HostKey " + keyFingerprint();
    }
}
