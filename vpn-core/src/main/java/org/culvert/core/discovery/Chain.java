package org.culvert.core.discovery;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.culvert.core.crypto.Sha256;
import org.culvert.core.wire.DiscoveryMessage;

/**
 * A host certificate and its intermediates as they travel: each as its length in 16 bits and its DER, the leaf first. Nothing is said
 * here about what they are worth. Immutable.
 */
public final class Chain {
    /** As many as a certificate file may hold. */
    private static final int MOST_CERTIFICATES = 8;

    private static final int LENGTH_BYTES = 2;

    private final byte[] bytes;
    private final List<byte[]> certificates;

    private Chain(byte[] bytes, List<byte[]> certificates) {
        this.bytes = bytes;
        this.certificates = List.copyOf(certificates);
    }

    /**
     * Of a leaf and its intermediates in DER.
     *
     * @return nothing when they are more or longer than may travel
     */
    public static Optional<Chain> of(List<byte[]> certificates) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] der : certificates) {
            out.write(der.length >>> 8);
            out.write(der.length);
            out.writeBytes(der);
        }
        return parse(out.toByteArray());
    }

    /** What came in. @return nothing when it is no chain, whole and with nothing behind it */
    public static Optional<Chain> parse(byte[] bytes) {
        List<byte[]> certificates = new ArrayList<>();
        int at = 0;
        while (at < bytes.length) {
            if (certificates.size() == MOST_CERTIFICATES || bytes.length - at < LENGTH_BYTES) {
                return Optional.empty();
            }
            int length = (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
            at += LENGTH_BYTES;
            if (length == 0 || length > bytes.length - at) {
                return Optional.empty();
            }
            certificates.add(Arrays.copyOfRange(bytes, at, at + length));
            at += length;
        }
        if (certificates.isEmpty() || bytes.length > DiscoveryMessage.MAX_CHAIN_BYTES) {
            return Optional.empty();
        }
        return Optional.of(new Chain(bytes.clone(), certificates));
    }

    /** Each in DER, the leaf first; at least one. Not to be changed. */
    public List<byte[]> certificates() {
        return certificates;
    }

    /** A copy. */
    public byte[] bytes() {
        return bytes.clone();
    }

    int length() {
        return bytes.length;
    }

    /** By which the parts of one chain are told from those of another: no more is asked of it, since whoever sends parts makes it. */
    static byte[] digest(byte[] bytes) {
        return Arrays.copyOf(Sha256.of(bytes), DiscoveryMessage.DIGEST_BYTES);
    }
}
