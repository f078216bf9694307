package org.culvert.core.crypto;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.culvert.keymgmt.trust.KeyKind;

/** A public key as the bytes that travel: an X25519 key's 32, or x and y of a P-256 point. Immutable. */
public final class PublicHalf {
    private static final byte[] X25519_SPKI = HexFormat.of().parseHex("302a300506032b656e032100");
    private static final byte[] P256_SPKI =
            HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004");

    private static final int X25519_BYTES = 32;
    private static final int P256_BYTES = 64;

    private final KeyKind kind;
    private final byte[] bytes;

    private PublicHalf(KeyKind kind, byte[] bytes) {
        this.kind = kind;
        this.bytes = bytes;
    }

    /**
     * As it came from a peer.
     *
     * @throws KeyAgreementException when these bytes are no key of this kind, or one that must not be used
     */
    public static PublicHalf of(KeyKind kind, byte[] bytes) throws KeyAgreementException {
        if (bytes.length != bytes(kind)) {
            throw new KeyAgreementException("not the length of an " + kind.label() + " key");
        }
        PublicHalf half = new PublicHalf(kind, bytes.clone());
        String fault = kind.fault(half.spki()).orElse(null);
        if (fault != null) {
            throw new KeyAgreementException(fault);
        }
        return half;
    }

    /** Of a certificate, which has been found to be good. */
    public static PublicHalf ofSpki(byte[] spki) {
        KeyKind kind = KeyKind.of(spki).orElseThrow();
        return new PublicHalf(kind, Arrays.copyOfRange(spki, spki.length - bytes(kind), spki.length));
    }

    public static int bytes(KeyKind kind) {
        return kind == KeyKind.X25519 ? X25519_BYTES : P256_BYTES;
    }

    KeyKind kind() {
        return kind;
    }

    byte[] bytes() {
        return bytes.clone();
    }

    /** For a provider, which may keep the private half in hardware. */
    PublicKey key() {
        try {
            return KeyFactory.getInstance(kind == KeyKind.X25519 ? "X25519" : "EC")
                    .generatePublic(new X509EncodedKeySpec(spki()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key that was found to be good cannot be read", e);
        }
    }

    private byte[] spki() {
        byte[] start = kind == KeyKind.X25519 ? X25519_SPKI : P256_SPKI;
        byte[] spki = Arrays.copyOf(start, start.length + bytes.length);
        System.arraycopy(bytes, 0, spki, start.length, bytes.length);
        return spki;
    }
}
