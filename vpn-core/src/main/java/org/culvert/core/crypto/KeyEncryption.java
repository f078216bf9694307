package org.culvert.core.crypto;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * AES-256 under Kijn and K2ijn, made ready for one direction. Used by one thread of each lane, by {@link #of}; whoever made it closes
 * it once no thread can still see it.
 *
 * <p>The bare block cipher, one call per batch, is what the two jobs need. Wrapping: every 16-byte block of a traffic
 * key is random and used once, so equal blocks, the one thing ECB shows, do not occur, and nobody can alter a wrapped
 * key to any purpose because the tag covers it as part of the header. Packet keys: a pseudo-random function of one block.
 */
public final class KeyEncryption implements AutoCloseable {
    private final Cipher wrap;
    private final Cipher unwrap;
    private final Cipher mask;

    /** For threads of other lanes; null when there is one lane. */
    private final @Nullable Others others;

    /** For one thread. Copies what it needs of the keys, which stay the caller's to close. */
    public KeyEncryption(DirectionKeys keys) {
        this(keys, 1);
    }

    /** For one thread of each of so many lanes. */
    public KeyEncryption(DirectionKeys keys, int lanes) {
        this(keys.wrap(), keys.packet(), lanes > 1 ? new Others(keys, lanes) : null);
    }

    private KeyEncryption(SecretBytes wrapKey, SecretBytes packetKey, @Nullable Others others) {
        wrap = aes(Cipher.ENCRYPT_MODE, wrapKey);
        unwrap = aes(Cipher.DECRYPT_MODE, wrapKey);
        mask = aes(Cipher.ENCRYPT_MODE, packetKey);
        this.others = others;
    }

    /** The same keys for the thread of a lane: the JDK's ciphers cannot be shared. Allocates at the first use in a lane other than 0. */
    public KeyEncryption of(int lane) {
        return lane == 0 || others == null ? this : others.of(lane);
    }

    /** Made when they are needed: most lanes never use most hours' keys. */
    private static final class Others {
        private final SecretBytes wrapKey;
        private final SecretBytes packetKey;
        private final AtomicReferenceArray<@Nullable KeyEncryption> byLane;

        Others(DirectionKeys keys, int lanes) {
            wrapKey = SecretBytes.taking(keys.wrap().copy());
            packetKey = SecretBytes.taking(keys.packet().copy());
            byLane = new AtomicReferenceArray<>(lanes);
        }

        /** Each element has one thread that asks for it. */
        KeyEncryption of(int lane) {
            KeyEncryption known = byLane.getPlain(lane);
            if (known == null) {
                known = new KeyEncryption(wrapKey, packetKey, null);
                byLane.setRelease(lane, known);
            }
            return known;
        }

        void close() {
            for (int lane = 1; lane < byLane.length(); lane++) {
                KeyEncryption made = byLane.getAcquire(lane);
                if (made != null) {
                    made.close();
                }
            }
            wrapKey.close();
            packetKey.close();
        }
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
        if (others != null) {
            others.close();
        }
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
