package org.culvert.core.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import org.culvert.tun.memory.OffHeap;

/**
 * One suite through the JDK. Packets are copied into a heap array and out of another: the JDK is slower with direct
 * buffers (738 against 547 ns: it goes through heap pieces of 512 bytes) and slower in place (its fast stub is skipped,
 * JDK-8296507).
 *
 * <p>What is allocated per packet is the JDK's: its engine, key schedule and tables, and the copies of key and nonce it
 * demands of {@link HeapKey} and of the parameters, which it keeps and zeroes by itself.
 */
final class JceCipher extends ExplicitNonceCipher {
    private static final int MAX_HEADER_BYTES = 1024; // ours have 48; test vectors bring longer ones
    private static final int MAX_DATAGRAM_BYTES = MAX_HEADER_BYTES + MAX_PLAINTEXT_BYTES + TAG_BYTES;

    private final Cipher cipher;
    final HeapKey key;
    private final byte[] nonce = new byte[NONCE_BYTES];
    private final AlgorithmParameterSpec parameters;
    private final byte[] in = new byte[MAX_DATAGRAM_BYTES];
    private final byte[] out = new byte[MAX_DATAGRAM_BYTES];
    private long forgotten;

    JceCipher(Suite suite) {
        super(suite);
        boolean chacha = suite == Suite.CHACHA20_POLY1305;
        cipher = cipher(chacha ? "ChaCha20-Poly1305" : "AES/GCM/NoPadding");
        key = new HeapKey(chacha ? "ChaCha20" : "AES", suite.keyBytes());
        parameters = chacha ? new IvParameters(nonce) : new GcmParameters(nonce);
    }

    @Override
    void seal(long key, long nonce, long datagram, int headerBytes, long plaintext, int plaintextBytes) {
        OffHeap.copy(datagram, in, 0, headerBytes);
        OffHeap.copy(plaintext, in, headerBytes, plaintextBytes);
        int clearBytes = clearBytes(headerBytes, plaintextBytes);
        int secretBytes = headerBytes + plaintextBytes - clearBytes;
        try {
            begin(Cipher.ENCRYPT_MODE, key, nonce, clearBytes);
            cipher.doFinal(in, clearBytes, secretBytes, out, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK refused to seal under " + suite, e);
        }
        OffHeap.copy(in, headerBytes, datagram + headerBytes, clearBytes - headerBytes);
        OffHeap.copy(out, 0, datagram + clearBytes, secretBytes + TAG_BYTES);
    }

    @Override
    boolean open(long key, long nonce, long datagram, int headerBytes, int plaintextBytes, long out) {
        OffHeap.copy(datagram, in, 0, headerBytes + plaintextBytes + TAG_BYTES);
        int clearBytes = clearBytes(headerBytes, plaintextBytes);
        int secretBytes = headerBytes + plaintextBytes - clearBytes;
        try {
            begin(Cipher.DECRYPT_MODE, key, nonce, clearBytes);
            cipher.doFinal(in, clearBytes, secretBytes + TAG_BYTES, this.out, 0);
        } catch (Exception e) {
            return false; // of whatever class: telling causes apart is what oracles are made of
        }
        OffHeap.copy(in, headerBytes, out, clearBytes - headerBytes);
        OffHeap.copy(this.out, 0, out, secretBytes);
        return true;
    }

    /**
     * The JDK zeroes its copies of a key when it is given another, but that of the last key it sealed with only when it is to seal again:
     * its check for reuse of a nonce needs it. The same check demands a nonce for the key of zeros that was not used before.
     */
    @Override
    public void forget() {
        forgotten++;
        key.clear();
        ByteBuffer.wrap(nonce).putLong(forgotten).putInt(0);
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, parameters);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK refused a key of zeros for " + suite, e);
        }
    }

    /** Zeroes what it can: the last packets and the last key. The JDK's own last key goes with the collector. */
    @Override
    public void close() {
        key.clear();
        Arrays.fill(in, (byte) 0);
        Arrays.fill(out, (byte) 0);
        super.close();
    }

    /** How much is authenticated only: the header, or everything where the suite does not encrypt. */
    private int clearBytes(int headerBytes, int plaintextBytes) {
        return suite.encrypts() ? headerBytes : headerBytes + plaintextBytes;
    }

    private void begin(int mode, long key, long nonce, int clearBytes) throws GeneralSecurityException {
        this.key.load(key);
        OffHeap.copy(nonce, this.nonce, 0, NONCE_BYTES);
        cipher.init(mode, this.key, parameters);
        cipher.updateAAD(in, 0, clearBytes);
    }

    private static Cipher cipher(String transformation) {
        try {
            return Cipher.getInstance(transformation, JceBackend.PROVIDER);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(transformation + " is part of the JDK", e);
        }
    }

    /** A key that is loaded anew for every packet: {@code SecretKeySpec} would be two copies and an object each time. */
    static final class HeapKey implements SecretKey {
        private static final long serialVersionUID = 1L;

        private final String algorithm;
        private final transient byte[] bytes;

        HeapKey(String algorithm, int keyBytes) {
            this.algorithm = algorithm;
            this.bytes = new byte[keyBytes];
        }

        void load(long address) {
            OffHeap.copy(address, bytes, 0, bytes.length);
        }

        void clear() {
            Arrays.fill(bytes, (byte) 0);
        }

        @Override
        public String getAlgorithm() {
            return algorithm;
        }

        @Override
        public String getFormat() {
            return "RAW";
        }

        /** A copy, as the interface says: the JDK's ciphers keep it, compare the next one with it and zero it. */
        @Override
        public byte[] getEncoded() {
            return bytes.clone();
        }
    }

    /** The JDK's parameters copy their nonce when they are made; these hand out what the array holds at that moment. */
    private static final class GcmParameters extends GCMParameterSpec {
        private final byte[] nonce;

        GcmParameters(byte[] nonce) {
            super(8 * TAG_BYTES, nonce);
            this.nonce = nonce;
        }

        @Override
        public byte[] getIV() {
            return nonce.clone();
        }
    }

    private static final class IvParameters extends IvParameterSpec {
        private final byte[] nonce;

        IvParameters(byte[] nonce) {
            super(nonce);
            this.nonce = nonce;
        }

        @Override
        public byte[] getIV() {
            return nonce.clone();
        }
    }
}
