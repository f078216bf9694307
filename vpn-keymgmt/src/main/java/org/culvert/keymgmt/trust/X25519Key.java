package org.culvert.keymgmt.trust;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import javax.crypto.KeyAgreement;

/** X25519 keys as certificates carry them (RFC 8410), and the ones that must not be used. */
final class X25519Key {
    private static final int KEY_BYTES = 32;

    /** SEQUENCE { SEQUENCE { 1.3.101.110 }, BIT STRING of 32 bytes }: everything in front of the key itself. */
    private static final byte[] SPKI_START = HexFormat.of().parseHex("302a300506032b656e032100");

    private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));

    /**
     * Canonical u of points whose order divides 8 (RFC 7748 section 6.1). With one of these as the public key every shared secret
     * is zero, and anybody could compute Kij.
     */
    private static final Set<BigInteger> LOW_ORDER = Set.of(
            BigInteger.ZERO,
            BigInteger.ONE,
            new BigInteger("325606250916557431795983626356110631294008115727848805560023387167927233504"),
            new BigInteger("39382357235489614581723060781553021112529911719440698176882885853963445705823"),
            P.subtract(BigInteger.ONE));

    private X25519Key() {}

    static boolean isSpki(byte[] spki) {
        return spki.length > SPKI_START.length
                && Arrays.equals(spki, 0, SPKI_START.length, SPKI_START, 0, SPKI_START.length);
    }

    /** What is wrong with the public key in this X25519 SubjectPublicKeyInfo, or empty when it is good. */
    static Optional<String> fault(byte[] spki) {
        if (spki.length != SPKI_START.length + KEY_BYTES || !isSpki(spki)) {
            return Optional.of("the X25519 public key is not 32 bytes in the form of RFC 8410");
        }
        byte[] bigEndian = new byte[KEY_BYTES];
        for (int i = 0; i < KEY_BYTES; i++) {
            bigEndian[i] = spki[spki.length - 1 - i];
        }
        BigInteger u = new BigInteger(1, bigEndian);
        // RFC 7748 would reduce these silently: one key with two encodings would be two identities with one secret.
        if (u.compareTo(P) >= 0) {
            return Optional.of("the X25519 public key is not canonical (2^255-19 or more)");
        }
        return LOW_ORDER.contains(u)
                ? Optional.of("the X25519 public key is a point of low order: everybody knows its secrets")
                : Optional.empty();
    }

    static PublicKey publicKey(byte[] spki) throws GeneralSecurityException {
        return KeyFactory.getInstance("X25519").generatePublic(new X509EncodedKeySpec(spki));
    }

    /** SubjectPublicKeyInfo of the public half: the private key times the base point u = 9. */
    static byte[] spki(PrivateKey key) throws GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance("X25519");
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(key);
        agreement.doPhase(
                factory.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, BigInteger.valueOf(9))), true);
        byte[] spki = Arrays.copyOf(SPKI_START, SPKI_START.length + KEY_BYTES);
        System.arraycopy(agreement.generateSecret(), 0, spki, SPKI_START.length, KEY_BYTES);
        return spki;
    }
}
