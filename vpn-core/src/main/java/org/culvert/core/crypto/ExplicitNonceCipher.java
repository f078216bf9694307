package org.culvert.core.crypto;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * What all ciphers share: lengths are checked and the nonce is taken from the header here, once. Below lies a seam
 * with the nonce and the length of the header in the open, because published test vectors bring their own; nobody but
 * this class and the tests may call it, which is why it is ugly and package-private. One thread.
 */
abstract class ExplicitNonceCipher implements PacketCipher {
    static final int NONCE_BYTES = 12;

    // where the header has what the nonce is made of (wire.DataHeader; this package knows no other field)
    private static final int INSTANCE_OFFSET = 2;
    private static final int PACKET_NUMBER_OFFSET = 8;

    final Suite suite;
    private final Region nonceMemory = new Region(NONCE_BYTES);
    private final long nonce = nonceMemory.address();

    ExplicitNonceCipher(Suite suite) {
        this.suite = suite;
    }

    @Override
    public final int seal(long key, long datagram, long plaintext, int plaintextBytes) {
        if (plaintextBytes < INNER_WORD_BYTES || plaintextBytes > MAX_PLAINTEXT_BYTES) {
            throw new IllegalArgumentException("cannot seal " + plaintextBytes + " bytes");
        }
        takeNonce(datagram);
        int headerBytes = suite.headerBytes();
        seal(key, nonce, datagram, headerBytes, plaintext, plaintextBytes);
        return headerBytes + plaintextBytes + TAG_BYTES;
    }

    @Override
    public final int open(long key, long datagram, int datagramBytes, long out) {
        int headerBytes = suite.headerBytes();
        int plaintextBytes = datagramBytes - headerBytes - TAG_BYTES;
        if (plaintextBytes < INNER_WORD_BYTES || plaintextBytes > MAX_PLAINTEXT_BYTES) {
            return -1;
        }
        takeNonce(datagram);
        return open(key, nonce, datagram, headerBytes, plaintextBytes, out) ? plaintextBytes : -1;
    }

    /**
     * Writes ciphertext and tag behind the header.
     *
     * @param nonce address of {@link #NONCE_BYTES} bytes
     * @param datagram the header, {@code headerBytes} long and all of it authenticated
     */
    abstract void seal(long key, long nonce, long datagram, int headerBytes, long plaintext, int plaintextBytes);

    /** False when the tag is wrong; then {@code out} holds nothing of the plaintext. Never throws for what a peer can send. */
    abstract boolean open(long key, long nonce, long datagram, int headerBytes, int plaintextBytes, long out);

    @Override
    public void close() {
        nonceMemory.close();
    }

    private void takeNonce(long datagram) {
        OffHeap.putU16(nonce, OffHeap.u16(datagram + INSTANCE_OFFSET)); // bytes 2 and 3 stay zero
        OffHeap.putNativeI64(nonce + 4, OffHeap.nativeI64(datagram + PACKET_NUMBER_OFFSET));
    }
}
