package org.culvert.core.crypto;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Proves that who sends from an address also receives there, and keeps nothing of anybody: a MAC over address and port under a secret
 * that lives for two minutes, and is good for as long again. One thread.
 */
public final class AddressCookie implements AutoCloseable {
    public static final int BYTES = 16;
    private static final long LIFETIME_NS = 120_000_000_000L;

    private final Secrets secrets;
    private SecretBytes current;
    private SecretBytes previous;
    private long sinceNs;

    /** Draws what nobody can guess. */
    public interface Secrets {
        void fill(byte[] bytes);
    }

    public AddressCookie(Secrets secrets, long nowNs) {
        this.secrets = secrets;
        this.current = draw();
        this.previous = draw();
        this.sinceNs = nowNs;
    }

    /** For an address as two halves, IPv4 as v4-mapped. */
    public byte[] of(long high, long low, int port, long nowNs) {
        turn(nowNs);
        return mac(current, high, low, port);
    }

    /** Whether it is one of ours for this address, at most four minutes old. Constant time. */
    public boolean vouches(byte[] cookie, long high, long low, int port, long nowNs) {
        turn(nowNs);
        boolean now = MessageDigest.isEqual(cookie, mac(current, high, low, port));
        boolean before = MessageDigest.isEqual(cookie, mac(previous, high, low, port));
        return now || before;
    }

    private void turn(long nowNs) {
        long age = nowNs - sinceNs;
        if (age < LIFETIME_NS) {
            return;
        }
        previous.close();
        if (age < 2 * LIFETIME_NS) {
            previous = current;
        } else {
            current.close(); // nobody has asked for so long that both are over
            previous = draw();
        }
        current = draw();
        sinceNs = nowNs;
    }

    private SecretBytes draw() {
        byte[] bytes = new byte[Hkdf.HASH_BYTES];
        secrets.fill(bytes);
        return SecretBytes.taking(bytes);
    }

    /** HKDF-Extract is HMAC-SHA-256 with the salt as key. */
    private static byte[] mac(SecretBytes secret, long high, long low, int port) {
        byte[] key = secret.copy();
        byte[] address = ByteBuffer.allocate(18)
                .putLong(high)
                .putLong(low)
                .putShort((short) port)
                .array();
        try (SecretBytes whole = Hkdf.extract(key, address)) {
            byte[] bytes = whole.copy();
            return Arrays.copyOf(bytes, BYTES);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    @Override
    public void close() {
        current.close();
        previous.close();
    }
}
