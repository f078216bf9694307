package org.culvert.core.crypto;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The algorithms of one packet: its cipher and the size of its traffic key. The code is byte 1 of every datagram. */
public enum Suite {
    AES_128_GCM(1, "aes-128-gcm", 16),
    AES_256_GCM(2, "aes-256-gcm", 32),
    CHACHA20_POLY1305(3, "chacha20-poly1305", 32),
    /** Integrity only, what AH gave: the packet travels in clear and whoever turns this on is told so everywhere. */
    AES_128_GMAC(4, "aes-128-gmac", 16);

    /** Of control messages, whatever a peer's data travels under: known to every gateway, and never in clear. */
    public static final Suite CONTROL = AES_128_GCM;

    /** The header in front of the wrapped traffic key. */
    private static final int BASE_HEADER_BYTES = 16;

    private static final Suite[] ALL = values();

    private final int code;
    private final String label;
    private final int keyBytes;

    Suite(int code, String label, int keyBytes) {
        this.code = code;
        this.label = label;
        this.keyBytes = keyBytes;
    }

    public int code() {
        return code;
    }

    /** The name in configuration, status and logs. */
    public String label() {
        return label;
    }

    /** Bytes of a traffic key, and of its wrapped form in the header. */
    public int keyBytes() {
        return keyBytes;
    }

    /** Bytes in clear in front of the sealed part: the fixed header and the wrapped traffic key. */
    public int headerBytes() {
        return BASE_HEADER_BYTES + keyBytes;
    }

    /** What a datagram is longer than the IP packet in it: header, inner word, tag. Also the shortest valid datagram. */
    public int overheadBytes() {
        return headerBytes() + PacketCipher.INNER_WORD_BYTES + PacketCipher.TAG_BYTES;
    }

    /** False for the one suite that leaves the packet readable. */
    public boolean encrypts() {
        return this != AES_128_GMAC;
    }

    /** The suite of a header byte (0 to 255), null when there is none. Allocates nothing. */
    public static @Nullable Suite ofCode(int code) {
        return code >= 1 && code <= ALL.length ? ALL[code - 1] : null;
    }

    public static Optional<Suite> ofLabel(String label) {
        for (Suite suite : ALL) {
            if (suite.label.equals(label)) {
                return Optional.of(suite);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return label;
    }
}
