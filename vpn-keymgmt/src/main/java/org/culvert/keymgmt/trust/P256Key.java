package org.culvert.keymgmt.trust;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/** NIST P-256 keys as certificates carry them (RFC 5480), in the one encoding that is accepted, and the ones that must not be used. */
final class P256Key {
    private static final int COORDINATE_BYTES = 32;

    /** SEQUENCE { SEQUENCE { id-ecPublicKey, secp256r1 }, BIT STRING of 65 bytes }, with the 4 of "uncompressed". */
    private static final byte[] SPKI_START =
            HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d030107034200" + "04");

    /** SEQUENCE { id-ecPublicKey, secp256r1 }: how every P-256 key begins behind the first length. */
    private static final byte[] ALGORITHM = HexFormat.of().parseHex("301306072a8648ce3d020106082a8648ce3d030107");

    private static final ECParameterSpec CURVE = curve();
    private static final BigInteger P = ((ECFieldFp) CURVE.getCurve().getField()).getP();

    private P256Key() {}

    private static ECParameterSpec curve() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has P-256", e);
        }
    }

    static boolean isSpki(byte[] spki) {
        int from = 2; // behind tag and length
        return spki.length > from + ALGORITHM.length
                && Arrays.equals(spki, from, from + ALGORITHM.length, ALGORITHM, 0, ALGORITHM.length);
    }

    /**
     * What is wrong with the public key in this P-256 SubjectPublicKeyInfo, or empty when it is good. A point off the curve would
     * lie on a weaker one and give away the other side's private key piece by piece; a compressed point would be a second encoding,
     * so a second identity, of one key.
     */
    static Optional<String> fault(byte[] spki) {
        int start = SPKI_START.length;
        if (spki.length != start + 2 * COORDINATE_BYTES || !Arrays.equals(spki, 0, start, SPKI_START, 0, start)) {
            return Optional.of("the P-256 public key is not an uncompressed point in the form of RFC 5480");
        }
        BigInteger x = new BigInteger(1, Arrays.copyOfRange(spki, start, start + COORDINATE_BYTES));
        BigInteger y = new BigInteger(1, Arrays.copyOfRange(spki, start + COORDINATE_BYTES, spki.length));
        BigInteger right = x.pow(3)
                .add(CURVE.getCurve().getA().multiply(x))
                .add(CURVE.getCurve().getB());
        boolean on = x.compareTo(P) < 0
                && y.compareTo(P) < 0
                && y.pow(2).subtract(right).mod(P).signum() == 0;
        return on ? Optional.empty() : Optional.of("the P-256 public key is not a point of the curve");
    }

    static PublicKey publicKey(byte[] spki) throws GeneralSecurityException {
        return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(spki));
    }

    /** SubjectPublicKeyInfo of the public half. Bouncy Castle's multiplication, because the JDK shows only x of a product. */
    static byte[] spki(PrivateKey key) throws GeneralSecurityException {
        if (!(key instanceof ECPrivateKey own)
                || !own.getParams().getCurve().equals(CURVE.getCurve())
                || !own.getParams().getGenerator().equals(CURVE.getGenerator())
                || own.getS().signum() <= 0
                || own.getS().compareTo(CURVE.getOrder()) >= 0) {
            throw new InvalidKeyException("not a P-256 private key");
        }
        X9ECParameters named = CustomNamedCurves.getByName("secp256r1");
        ECPoint point = new FixedPointCombMultiplier().multiply(named.getG(), own.getS());
        byte[] encoded = point.getEncoded(false);
        byte[] spki = Arrays.copyOf(SPKI_START, SPKI_START.length + 2 * COORDINATE_BYTES);
        System.arraycopy(encoded, 1, spki, SPKI_START.length, 2 * COORDINATE_BYTES);
        return spki;
    }
}
