package org.culvert.keymgmt.trust;

/**
 * Looks over bytes before any parser gets them: one DER value, nothing behind it, definite and shortest lengths, bounded depth,
 * times with seconds (RFC 5280 section 4.1.2.5). The JDK and Bouncy Castle both take BER in places, and two encodings of one
 * certificate would have two fingerprints; nesting 30,000 deep would end a recursive parser.
 */
public final class Der {
    /** A certificate nests about 10 deep, an address block in it 6. */
    private static final int DEEPEST = 24;

    /** A host certificate has about 400 bytes; one with 1000 networks has 12 KB. */
    static final int LARGEST_BYTES = 64 << 10;

    private final byte[] bytes;

    private Der(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Checks one value and everything inside it.
     *
     * @throws MalformedException says what is wrong and at which byte
     */
    public static void check(byte[] der) throws MalformedException {
        if (der.length > LARGEST_BYTES) {
            throw new MalformedException("is larger than 64 KiB");
        }
        checkAnySize(der);
    }

    /** The same for what its file's size already limits. */
    static void checkAnySize(byte[] der) throws MalformedException {
        int end = new Der(der).value(0, der.length, 0);
        if (end != der.length) {
            throw new MalformedException("has " + (der.length - end) + " bytes behind its end");
        }
    }

    /** Walks one value inside [at, limit). Returns where it ends. */
    private int value(int at, int limit, int depth) throws MalformedException {
        if (depth > DEEPEST) {
            throw new MalformedException("nests deeper than " + DEEPEST + " levels at byte " + at);
        }
        if (limit - at < 2) {
            throw new MalformedException("is cut short at byte " + at);
        }
        int tag = bytes[at] & 0xff;
        if ((tag & 0x1f) == 0x1f) {
            throw new MalformedException("has a tag no certificate has at byte " + at);
        }
        int first = bytes[at + 1] & 0xff;
        int from = at + 2;
        int length = first;
        if (first >= 0x80) {
            int count = first & 0x7f;
            if (count == 0) {
                throw new MalformedException("is BER with indefinite length, not DER, at byte " + at);
            }
            if (count > 3 || limit - from < count) {
                throw new MalformedException("has a length beyond its end at byte " + at);
            }
            length = 0;
            for (int i = 0; i < count; i++) {
                length = length << 8 | (bytes[from++] & 0xff);
            }
            if (length < 0x80 || length >>> (8 * (count - 1)) == 0) {
                throw new MalformedException("is BER with a length longer than needed, not DER, at byte " + at);
            }
        }
        if (length > limit - from) {
            throw new MalformedException("has a length beyond its end at byte " + at);
        }
        inside(tag, from, from + length, depth);
        return from + length;
    }

    private void inside(int tag, int from, int end, int depth) throws MalformedException {
        if ((tag & 0x20) != 0) {
            for (int at = from; at < end; ) {
                at = value(at, end, depth + 1);
            }
            return;
        }
        int length = end - from;
        boolean good = switch (tag) {
            case 0x01 -> length == 1 && (bytes[from] == 0 || bytes[from] == -1);
            case 0x02 -> length > 0 && (length == 1 || !signRepeated(bytes[from], bytes[from + 1]));
            case 0x10, 0x11 -> false;
            case 0x17 -> length == 13 && bytes[end - 1] == 'Z';
            case 0x18 -> length == 15 && bytes[end - 1] == 'Z';
            default -> true;
        };
        if (!good) {
            throw new MalformedException((tag == 0x17 || tag == 0x18
                            ? "has a time that is not written in full seconds and UTC"
                            : "is BER, not DER,")
                    + " at byte " + from);
        }
    }

    private static boolean signRepeated(byte first, byte second) {
        return (first == 0 && second >= 0) || (first == -1 && second < 0);
    }

    /** What is wrong, worded to follow a noun: "is cut short at byte 7". */
    public static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        public MalformedException(String message) {
            super(message);
        }
    }
}
