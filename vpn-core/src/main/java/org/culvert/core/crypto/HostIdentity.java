package org.culvert.core.crypto;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** What a gateway is called inside key derivations: its name and its public key, bound together. Stateless. */
public final class HostIdentity {
    /** Bytes of an identity. */
    public static final int BYTES = 32;

    private static final int MAX_NAME_BYTES = 253; // RFC 1035 section 2.3.4, as text without the final dot

    private HostIdentity() {}

    /**
     * {@code SHA-256(u16 length of name || name || SPKI)}. The length keeps apart what would otherwise be one string:
     * a name cannot borrow bytes from the key behind it.
     *
     * @param name SAN dNSName of the certificate: lower-case ASCII
     * @param spki SubjectPublicKeyInfo as DER
     * @throws IllegalArgumentException when the name is empty, longer than 253 bytes or not lower-case ASCII: two
     *     spellings of one name would silently be two identities
     */
    public static byte[] id(String name, byte[] spki) {
        if (name.isEmpty() || name.length() > MAX_NAME_BYTES || !isLowerCaseAscii(name)) {
            throw new IllegalArgumentException("not a host name in lower-case ASCII: \"" + name + '"');
        }
        MessageDigest sha256 = Sha256.digest();
        sha256.update((byte) (name.length() >>> 8));
        sha256.update((byte) name.length());
        sha256.update(name.getBytes(StandardCharsets.US_ASCII));
        return sha256.digest(spki);
    }

    /**
     * What one direction of a pair is called in messages between the two: 8 bytes of {@code SHA-256("culvert v1 pair" || sender ||
     * receiver)}. Names and protects nothing; it only has to be the same on both sides.
     */
    public static long tag(byte[] senderId, byte[] receiverId) {
        MessageDigest sha256 = Sha256.digest();
        sha256.update("culvert v1 pair".getBytes(StandardCharsets.US_ASCII));
        sha256.update(senderId);
        return ByteBuffer.wrap(sha256.digest(receiverId)).getLong();
    }

    private static boolean isLowerCaseAscii(String name) {
        return name.chars().allMatch(c -> c > ' ' && c < 0x7f && (c < 'A' || c > 'Z'));
    }
}
