package org.culvert.core.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A number for an address and port that nobody else can compute: whoever knows it receives what is sent there. Control thread. */
public final class EchoedCookie {
    private final Mac mac;

    public EchoedCookie(SecureRandom random) {
        byte[] key = new byte[32];
        random.nextBytes(key);
        try {
            mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    /** Never 0. */
    public int of(long addressHigh, long addressLow, int port) {
        byte[] input = ByteBuffer.allocate(20)
                .putLong(addressHigh)
                .putLong(addressLow)
                .putInt(port)
                .array();
        int cookie = ByteBuffer.wrap(mac.doFinal(input)).getInt();
        return cookie == 0 ? 1 : cookie;
    }
}
