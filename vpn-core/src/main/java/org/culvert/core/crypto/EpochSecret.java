package org.culvert.core.crypto;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.kems.MLKEMExtractor;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.util.BigIntegers;
import org.culvert.keymgmt.trust.KeyKind;

/**
 * The private half of an epoch key, and of the KEM key that goes with it: as bytes in memory of our own, zeroed when the epoch is over.
 * That is why this is not the JDK's: its private keys cannot be destroyed. Each use makes heap copies; those we hold are zeroed, those
 * inside Bouncy Castle (X25519: the clamped scalar as eight ints; P-256: a BigInteger; ML-KEM: the expanded key) stay until the
 * collector uses their place again. Control thread.
 */
public final class EpochSecret implements AutoCloseable {
    private static final int SCALAR_BYTES = 32;
    private static final int KEM_SEED_BYTES = 64; // FIPS 203: d and z
    private static final X9ECParameters P256 = CustomNamedCurves.getByName("secp256r1");

    private final KeyKind kind;
    private final SecretBytes scalar;
    private final SecretBytes kemSeed;
    private final byte[] publicKey;
    private final byte[] kemKey;

    private EpochSecret(KeyKind kind, byte[] scalar, byte[] kemSeed) {
        this.kind = kind;
        this.publicKey = kind == KeyKind.X25519 ? x25519Base(scalar) : p256Base(scalar);
        this.kemKey = kemPrivate(kemSeed).getPublicKey();
        this.scalar = SecretBytes.taking(scalar);
        this.kemSeed = SecretBytes.taking(kemSeed);
    }

    public static EpochSecret draw(KeyKind kind, SecureRandom random) {
        byte[] seed = new byte[KEM_SEED_BYTES];
        random.nextBytes(seed);
        if (kind == KeyKind.P256) {
            BigInteger s =
                    BigIntegers.createRandomInRange(BigInteger.ONE, P256.getN().subtract(BigInteger.ONE), random);
            return new EpochSecret(kind, BigIntegers.asUnsignedByteArray(SCALAR_BYTES, s), seed);
        }
        byte[] scalar = new byte[SCALAR_BYTES];
        random.nextBytes(scalar);
        return new EpochSecret(kind, scalar, seed);
    }

    /** With a private half that is known: test vectors go through here. Zeroes both arrays. */
    static EpochSecret of(KeyKind kind, byte[] scalar, byte[] kemSeed) {
        return new EpochSecret(kind, scalar, kemSeed);
    }

    /** 32 bytes, or x and y. */
    public byte[] publicKey() {
        return publicKey.clone();
    }

    /** ML-KEM-768's encapsulation key, 1184 bytes. */
    public byte[] kemKey() {
        return kemKey.clone();
    }

    /** DH with a public key of our kind: 32 bytes, which the caller zeroes. */
    byte[] agree(PublicHalf peer) throws KeyAgreementException {
        if (peer.kind() != kind) {
            throw new KeyAgreementException("an " + kind.label() + " key and one that is not");
        }
        byte[] own = scalar.copy();
        try {
            byte[] shared = new byte[SCALAR_BYTES];
            if (kind == KeyKind.P256) {
                byte[] encoded = new byte[65];
                encoded[0] = 4;
                System.arraycopy(peer.bytes(), 0, encoded, 1, 64);
                ECPoint point = P256.getCurve()
                        .decodePoint(encoded)
                        .multiply(new BigInteger(1, own))
                        .normalize();
                return point.getAffineXCoord().getEncoded();
            }
            X25519.scalarMult(own, 0, peer.bytes(), 0, shared, 0);
            PairSecret.refuseAllZero(shared);
            return shared;
        } catch (IllegalArgumentException e) {
            throw new KeyAgreementException("no agreement with this P-256 point: " + e.getMessage(), e);
        } finally {
            Arrays.fill(own, (byte) 0);
        }
    }

    /** What somebody encapsulated to {@link #kemKey}. Any 1088 bytes give a secret: the wrong ones one that nobody else has. */
    public SecretBytes decapsulate(byte[] ciphertext) throws KeyAgreementException {
        byte[] seed = kemSeed.copy();
        MLKEMPrivateKeyParameters key = kemPrivate(seed);
        try {
            return SecretBytes.taking(new MLKEMExtractor(key).extractSecret(ciphertext));
        } catch (IllegalArgumentException e) {
            throw new KeyAgreementException("no ciphertext of ML-KEM-768: " + e.getMessage(), e);
        } finally {
            key.destroy();
            Arrays.fill(seed, (byte) 0);
        }
    }

    private static MLKEMPrivateKeyParameters kemPrivate(byte[] seed) {
        return new MLKEMPrivateKeyParameters(MLKEMParameters.ml_kem_768, seed);
    }

    private static byte[] x25519Base(byte[] scalar) {
        byte[] result = new byte[SCALAR_BYTES];
        X25519.scalarMultBase(scalar, 0, result, 0);
        return result;
    }

    private static byte[] p256Base(byte[] scalar) {
        ECPoint point = new FixedPointCombMultiplier().multiply(P256.getG(), new BigInteger(1, scalar));
        return Arrays.copyOfRange(point.normalize().getEncoded(false), 1, 65);
    }

    /** Zeroes both private halves. */
    @Override
    public void close() {
        scalar.close();
        kemSeed.close();
    }

    @Override
    public String toString() {
        return "EpochSecret[" + kind + ", redacted]";
    }
}
