package org.culvert.core.epoch;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a gateway wants of forward secrecy with one peer. The codes are on the wire. */
public enum Mode {
    /** Static keys only: the first packet needs no other before it. */
    OFF(0),
    /** Epoch keys as soon as both sides have them; until that was so once, static keys carry data too. */
    PREFERRED(1),
    /** No data but under epoch keys. */
    REQUIRED(2);

    private final int code;

    Mode(int code) {
        this.code = code;
    }

    /** As configured and shown. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Mode> of(String label) {
        return Arrays.stream(values())
                .filter(mode -> mode.label().equals(label))
                .findFirst();
    }

    int code() {
        return code;
    }

    /** A code of a later release asks for no less than the strictest we know. */
    static Mode ofCode(int code) {
        return switch (code) {
            case 0 -> OFF;
            case 1 -> PREFERRED;
            default -> REQUIRED;
        };
    }
}
