package org.culvert.core.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** HKDF with SHA-256 (RFC 5869), over the JDK's own. Stateless; control thread. */
final class Hkdf {
    static final int HASH_BYTES = 32;

    private Hkdf() {}

    /** HKDF-Extract, which is HMAC-SHA-256 with the salt as key (RFC 5869 section 2.2). The inputs are left as they are. */
    static SecretBytes extract(byte[] salt, byte[] inputKeyMaterial) {
        HKDFParameterSpec.Builder extract = HKDFParameterSpec.ofExtract();
        if (salt.length > 0) {
            extract.addSalt(salt);
        }
        if (inputKeyMaterial.length > 0) {
            extract.addIKM(inputKeyMaterial);
        }
        return derive(extract.extractOnly());
    }

    /**
     * HKDF-Expand (RFC 5869 section 2.3).
     *
     * @throws IllegalArgumentException when more than 255 hashes of output are wanted
     */
    static SecretBytes expand(SecretBytes pseudoRandomKey, byte[] info, int bytes) {
        if (bytes > 255 * HASH_BYTES) {
            throw new IllegalArgumentException("HKDF gives at most 8160 bytes, not " + bytes);
        }
        byte[] prk = pseudoRandomKey.copy();
        try {
            return derive(HKDFParameterSpec.expandOnly(new SecretKeySpec(prk, "HKDF"), info, bytes));
        } finally {
            Arrays.fill(prk, (byte) 0);
        }
    }

    private static SecretBytes derive(HKDFParameterSpec parameters) {
        try {
            return SecretBytes.taking(KDF.getInstance("HKDF-SHA256").deriveData(parameters));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HKDF-SHA256 is part of JDK 25", e);
        }
    }
}
