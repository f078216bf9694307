package org.culvert.core.crypto;

import java.security.MessageDigest;
import java.util.Arrays;

/**
 * HKDF with SHA-256 (RFC 5869). Not the JDK's, which leaves copies of its keys all over the heap, where nobody can erase them: of a master
 * secret some ninety in a gateway's life, each good for as long as its place is not used again. Here all that was derived from a key is
 * zeroed. Stateless; control thread.
 */
final class Hkdf {
    static final int HASH_BYTES = 32;

    private static final int BLOCK_BYTES = 64;
    private static final byte INNER = 0x36; // RFC 2104 section 2
    private static final byte OUTER = 0x5c;

    private Hkdf() {}

    /** HKDF-Extract, which is HMAC-SHA-256 with the salt as key (RFC 5869 section 2.2). The inputs are left as they are. */
    static SecretBytes extract(byte[] salt, byte[] inputKeyMaterial) {
        return SecretBytes.taking(hmac(salt, inputKeyMaterial));
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
        byte[] output = new byte[bytes];
        byte[] block = new byte[0];
        try {
            for (int at = 0; at < bytes; at += HASH_BYTES) {
                byte[] next = hmac(prk, block, info, new byte[] {(byte) (at / HASH_BYTES + 1)});
                Arrays.fill(block, (byte) 0);
                block = next;
                System.arraycopy(block, 0, output, at, Math.min(HASH_BYTES, bytes - at));
            }
            return SecretBytes.taking(output);
        } finally {
            Arrays.fill(block, (byte) 0);
            Arrays.fill(prk, (byte) 0);
        }
    }

    /** HMAC (RFC 2104), which the caller zeroes. */
    private static byte[] hmac(byte[] key, byte[]... message) {
        MessageDigest sha256 = Sha256.digest();
        byte[] pad = Arrays.copyOf(key.length > BLOCK_BYTES ? sha256.digest(key) : key, BLOCK_BYTES);
        byte[] inner = new byte[0];
        try {
            exclusiveOr(pad, INNER);
            sha256.update(pad);
            for (byte[] part : message) {
                sha256.update(part);
            }
            inner = sha256.digest();
            exclusiveOr(pad, (byte) (INNER ^ OUTER));
            sha256.update(pad);
            return sha256.digest(inner);
        } finally {
            Arrays.fill(pad, (byte) 0);
            Arrays.fill(inner, (byte) 0);
            sha256.reset(); // zeroes its buffer, which digest() leaves for later
        }
    }

    private static void exclusiveOr(byte[] bytes, byte with) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= with;
        }
    }
}
