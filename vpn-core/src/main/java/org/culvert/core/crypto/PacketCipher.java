package org.culvert.core.crypto;

/**
 * Seals and opens datagrams of one suite. One thread; every address is native memory and none of it is kept.
 *
 * <p>A datagram is {@code header | ciphertext | tag}, the header {@link Suite#headerBytes()} long. It is the additional
 * authenticated data as it stands, and the nonce is made of it: 2 bytes instance, 2 zero bytes, 8 bytes lane and packet
 * number. No caller can choose a nonce, and a key meets one twice only if a packet number is used twice.
 *
 * <p>{@link Suite#AES_128_GMAC} authenticates header and plaintext and leaves both in clear.
 */
public interface PacketCipher extends AutoCloseable {
    /** Bytes of the authentication tag at the end of every datagram. */
    int TAG_BYTES = 16;

    /** The least a plaintext holds: time, partial-checksum bit and kind of what follows. */
    int INNER_WORD_BYTES = 4;

    /** The inner word and the largest IP packet. */
    int MAX_PLAINTEXT_BYTES = INNER_WORD_BYTES + 65_535;

    /**
     * Seals one packet.
     *
     * @param key address of the packet key, {@link Suite#keyBytes()} long
     * @param datagram where the header is already written; ciphertext and tag are written behind it
     * @param plaintext inner word and packet; must not overlap the datagram
     * @param plaintextBytes from {@link #INNER_WORD_BYTES} to {@link #MAX_PLAINTEXT_BYTES}
     * @return bytes of the whole datagram
     * @throws IllegalArgumentException when there is too little or too much to seal
     * @throws IllegalStateException when the backend refuses, such as the JDK for a key and nonce used just before
     */
    int seal(long key, long datagram, long plaintext, int plaintextBytes);

    /**
     * Opens one datagram. Whatever a stranger sends ends in a plaintext or in -1, never in an exception.
     *
     * @param out room for {@code datagramBytes} bytes; must not overlap the datagram
     * @return plaintext bytes written to {@code out}, at least {@link #INNER_WORD_BYTES}; or -1 when the datagram is
     *     too short, too long or not authentic, and then nothing in {@code out} means anything
     */
    int open(long key, long datagram, int datagramBytes, long out);

    /** Zeroes what the last key has left behind here; the next packet brings its own. For when keys end, not for each packet. */
    void forget();

    /** Frees native memory and zeroes the keys in it. */
    @Override
    void close();
}
