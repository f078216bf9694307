package org.culvert.core.wire;

/**
 * The four bytes in front of every sealed packet or control message.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-----------------------------------------------------+-+-------+
 * |   time: sender's clock inside the hour, 1/32768 s   |P| kind  |
 * +-----------------------------------------------------+-+-------+
 * </pre>
 *
 * P, partial: the transport checksum field holds the sum of the pseudo-header only, as the kernel's virtio-net header has
 * it. Whoever needs the whole sum finishes it; on the path between the gateways nobody does, since the tag already
 * vouches for every byte.
 */
public final class InnerWord {
    public static final int KIND_CONTROL = 0;
    public static final int KIND_IPV4 = 1;
    public static final int KIND_IPV6 = 2;

    /** Put into the kind of a packet that is compressed: 5 IPv4, 6 IPv6. */
    public static final int COMPRESSED = 4;

    private static final int TIME_SHIFT = 5;
    private static final int PARTIAL = 1 << 4;
    private static final int KIND_MASK = 0xf;

    private InnerWord() {}

    /** All three in one; {@code time} is 0 to {@link SkipTime#TICKS_PER_HOUR} - 1. */
    public static int of(int time, boolean partial, int kind) {
        return time << TIME_SHIFT | (partial ? PARTIAL : 0) | kind;
    }

    /** 27 bits, so up to 134,217,727: the receiver refuses {@link SkipTime#TICKS_PER_HOUR} and more. */
    public static int time(int word) {
        return word >>> TIME_SHIFT;
    }

    public static boolean partial(int word) {
        return (word & PARTIAL) != 0;
    }

    /** Whether the packet has to be unpacked before it is one. */
    public static boolean compressed(int word) {
        int kind = kind(word);
        return kind == (KIND_IPV4 | COMPRESSED) || kind == (KIND_IPV6 | COMPRESSED);
    }

    /** 0 to 15; the receiver refuses what is none of the five. */
    public static int kind(int word) {
        return word & KIND_MASK;
    }
}
