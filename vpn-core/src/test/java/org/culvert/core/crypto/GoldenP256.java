package org.culvert.core.crypto;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;

/** The golden gateways with the P-256 keys of RFC 5903 section 8.1; like {@link Golden}, computed by another implementation. */
final class GoldenP256 {
    static final String TOKYO_PRIVATE = "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433";
    static final String TOKYO_X = "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180";
    static final String TOKYO_Y = "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3";
    static final String TOKYO_ID = "9b339f0f73ba0fbdbcfba29d60fc933b598e6a3a08baa76e4ba15df5f49f3d8c";
    static final String BIRLINGHOVEN_PRIVATE = "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53";
    static final String BIRLINGHOVEN_X = "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63";
    static final String BIRLINGHOVEN_Y = "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab";
    static final String BIRLINGHOVEN_ID = "dc6428dd64830bb3b6c6b6690b639fc40aa4ab7d7db16845bb4c4e426e77d9de";
    static final String SHARED = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de";

    static final String WRAP = "a9e839fa51cf366f079f16d792b1067503908bc450f370dfd09f3bf352fa78df";
    static final String PACKET = "745decf97dc0d4457bce507ef972db2ef0401910934f4cc1e658879e03f9ad3b";
    static final int SPI = 0x4753490b;
    static final String BACK_WRAP = "59bf861609a681be6ee94ce4ce0d382075a73ee820b096b7db3d8a307803accf";
    static final String BACK_PACKET = "1358607770f63c990989eb2ede1a8799036deb6fb4dc270772fa736bb3d7cf61";
    static final int BACK_SPI = 0x056e611b;

    private static final ECParameterSpec CURVE = curve();

    private GoldenP256() {}

    static PrivateKey tokyoPrivate() {
        return privateKey(TOKYO_PRIVATE);
    }

    static PublicKey tokyoPublic() {
        return publicKey(TOKYO_X, TOKYO_Y);
    }

    static PrivateKey birlinghovenPrivate() {
        return privateKey(BIRLINGHOVEN_PRIVATE);
    }

    static PublicKey birlinghovenPublic() {
        return publicKey(BIRLINGHOVEN_X, BIRLINGHOVEN_Y);
    }

    static PrivateKey privateKey(String hex) {
        try {
            return KeyFactory.getInstance("EC").generatePrivate(new ECPrivateKeySpec(new BigInteger(hex, 16), CURVE));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** Any two numbers: the JDK does not look whether they are a point of the curve. */
    static PublicKey publicKey(String x, String y) {
        try {
            ECPoint point = new ECPoint(new BigInteger(x, 16), new BigInteger(y, 16));
            return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, CURVE));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static ECParameterSpec curve() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
