package org.culvert.core.crypto;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256 under Kijn and K2ijn, made ready for one direction. Used by one thread; whoever made it closes it once no
 * thread can still see it.
 *
 * <p>The bare block cipher, one call per batch, is what the two jobs need. Wrapping: every 16-byte block of a traffic
 * key is random and used once, so equal blocks, the one thing ECB shows, do not occur, and nobody can alter a wrapped
 * key to any purpose because the tag covers it as part of the header. Packet keys: a pseudo-random function of one block.
 */
public final class KeyEncryption implements AutoCloseable {
    static final int BLOCK_BYTES = 16;

    private final Cipher wrap;
    private final Cipher unwrap;
    private final Cipher mask;

    /** Copies what it needs of the keys, which stay the caller's to close. */
    public KeyEncryption(DirectionKeys keys) {
        wrap = aes(Cipher.ENCRYPT_MODE, keys.wrap());
        unwrap = aes(Cipher.DECRYPT_MODE, keys.wrap());
        mask = aes(Cipher.ENCRYPT_MODE, keys.packet());
    }

    /** Encrypts whole blocks of traffic keys under Kijn. The arrays must differ; {@code bytes} is a multiple of 16. */
    void wrap(byte[] in, byte[] out, int bytes) {
        run(wrap, in, out, bytes);
    }

    void unwrap(byte[] in, byte[] out, int bytes) {
        run(unwrap, in, out, bytes);
    }

    /** Encrypts whole blocks of packet positions under K2ijn. */
    void mask(byte[] in, byte[] out, int bytes) {
        run(mask, in, out, bytes);
    }

    /** Replaces the keys inside the JDK's ciphers, which zeroes the copy they can zero; their key schedules are left to the collector. */
    @Override
    public void close() {
        byte[] nothing = new byte[32];
        init(wrap, Cipher.ENCRYPT_MODE, nothing);
        init(unwrap, Cipher.DECRYPT_MODE, nothing);
        init(mask, Cipher.ENCRYPT_MODE, nothing);
    }

    /** {@code update}, not {@code doFinal}: without padding both give every block at once, and this one allocates nothing. */
    private static void run(Cipher aes, byte[] in, byte[] out, int bytes) {
        try {
            if (aes.update(in, 0, bytes, out, 0) != bytes) {
                throw new IllegalStateException("AES kept bytes back: not whole blocks: " + bytes);
            }
        } catch (ShortBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    @SuppressWarnings("InsecureCryptoUsage") // the bare block cipher is meant: see the class comment
    private static Cipher aes(int mode, SecretBytes secret) {
        byte[] key = secret.copy();
        try {
            Cipher aes = Cipher.getInstance("AES/ECB/NoPadding", JceBackend.PROVIDER);
            init(aes, mode, key);
            return aes;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES is part of the JDK", e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static void init(Cipher aes, int mode, byte[] key) {
        try {
            aes.init(mode, new SecretKeySpec(key, "AES"));
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("AES takes 32 bytes", e);
        }
    }
}
