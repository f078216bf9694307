package org.culvert.core.epoch;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.culvert.core.crypto.Sha256;

/**
 * What does not change of an announcement while it is sent again and again, as the bytes that go into the transcript. Immutable.
 *
 * <pre>
 *   mode (1) | capabilities (1) | suites (2) | incarnation (4) | serial (4) | KEM key's hash (16) | epoch key (32 or 64)
 * </pre>
 */
public final class Core {
    /** Capability: ML-KEM-768. */
    public static final int ML_KEM = 1;

    /** Without the key, and the hash before it. */
    public static final int KEYLESS_BYTES = 12;

    public static final int HASH_BYTES = 16;

    private static final int MOST_BYTES = KEYLESS_BYTES + HASH_BYTES + 64;

    private final byte[] bytes;

    private Core(byte[] bytes) {
        this.bytes = bytes;
    }

    /** As it came. A length that is none of the three is cut to the longest that fits: what is beyond is for later versions. */
    static Core read(byte[] message, int from, int to) {
        int length =
                to - from >= MOST_BYTES ? MOST_BYTES : to - from >= MOST_BYTES - 32 ? MOST_BYTES - 32 : KEYLESS_BYTES;
        return new Core(Arrays.copyOfRange(message, from, from + length));
    }

    /** Our own of one epoch. */
    public static Core of(Terms terms, int incarnation, OwnEpoch epoch) {
        byte[] key = epoch.material().publicKey();
        byte[] kemKey = epoch.material().kemKey();
        byte[] bytes = new byte[KEYLESS_BYTES + HASH_BYTES + key.length];
        begin(bytes, terms, incarnation, epoch.serial());
        if (kemKey.length > 0 && terms.has(ML_KEM)) {
            System.arraycopy(hash(kemKey), 0, bytes, KEYLESS_BYTES, HASH_BYTES);
        }
        System.arraycopy(key, 0, bytes, KEYLESS_BYTES + HASH_BYTES, key.length);
        return new Core(bytes);
    }

    /** One without a key. */
    public static Core keyless(Terms terms, int incarnation) {
        byte[] bytes = new byte[KEYLESS_BYTES];
        begin(bytes, terms, incarnation, 0);
        return new Core(bytes);
    }

    private static void begin(byte[] bytes, Terms terms, int incarnation, int serial) {
        ByteBuffer.wrap(bytes)
                .put((byte) terms.mode().code())
                .put((byte) terms.capabilities())
                .putShort((short) terms.suites())
                .putInt(incarnation)
                .putInt(serial);
    }

    public Mode mode() {
        return Mode.ofCode(bytes[0] & 0xff);
    }

    public boolean has(int capability) {
        return (bytes[1] & capability) != 0;
    }

    /** Bit n-1 for suite n. */
    public int suites() {
        return ByteBuffer.wrap(bytes).getShort(2) & 0xffff;
    }

    public int incarnation() {
        return ByteBuffer.wrap(bytes).getInt(4);
    }

    public int serial() {
        return ByteBuffer.wrap(bytes).getInt(8);
    }

    public boolean hasKey() {
        return bytes.length > KEYLESS_BYTES;
    }

    /** 32 or 64 bytes. */
    public byte[] key() {
        return Arrays.copyOfRange(bytes, KEYLESS_BYTES + HASH_BYTES, bytes.length);
    }

    /** Which parts are of its KEM key. */
    int kemTag() {
        return tagOf(bytes, KEYLESS_BYTES);
    }

    boolean isKemKey(byte[] candidate) {
        return Arrays.equals(hash(candidate), 0, HASH_BYTES, bytes, KEYLESS_BYTES, KEYLESS_BYTES + HASH_BYTES);
    }

    /** By which an answer says what it answers: never 0. */
    int tag() {
        return tag(bytes);
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /** The first four bytes of the hash, but for 0, which means none. */
    static int tag(byte[] of) {
        return tagOf(hash(of), 0);
    }

    static int tagOf(byte[] hash, int at) {
        int tag = ByteBuffer.wrap(hash).getInt(at);
        return tag == 0 ? 1 : tag;
    }

    /** SHA-256, its first 16 bytes. */
    static byte[] hash(byte[] of) {
        return Arrays.copyOf(Sha256.of(of), HASH_BYTES);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Core core && Arrays.equals(bytes, core.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return mode().label() + ' ' + Integer.toHexString(incarnation()) + '/' + serial();
    }
}
