package org.culvert.core.wire;

import org.culvert.tun.memory.OffHeap;

/**
 * How a gateway asks another for its certificates before there are keys: types 3 and 4, in clear. Big endian. One request brings
 * at most one reply, and never a longer one: a request is as long as the longest reply, zeros making it so.
 *
 * <pre>
 *    0               1               2               3
 *   +-------+-------+---------------+---------------+---------------+
 *  0| ver=1 | type  |     kind      |     part      |     parts     |
 *   +-------+-------+---------------+---------------+---------------+
 *  4|                         nonce (16 bytes)                      |
 *   +---------------------------------------------------------------+
 *
 *   request (type 3, kind 0; parts 0)       20 cookie (16 bytes, zeros at first), 36 zeros
 *   a part of the chain (type 4, kind 1)    20 bytes of the whole chain (32 bits), 24 its SHA-256, first half (16), 40 the part
 *   "ask again with this" (type 4, kind 2)  20 cookie (16 bytes), and no more
 * </pre>
 *
 * Accessors ask nothing about lengths: {@link #readableRequest} or {@link #readableReply} has to have said yes.
 */
public final class DiscoveryMessage {
    public static final int TYPE_REQUEST = 3;
    public static final int TYPE_REPLY = 4;

    public static final int KIND_PART = 1;
    public static final int KIND_COOKIE = 2;

    /** UDP payload that passes unfragmented wherever IPv6 does: 1280 bytes less headers, rounded down. */
    public static final int MAX_BYTES = 1200;

    public static final int NONCE_BYTES = 16;
    public static final int COOKIE_BYTES = 16;
    public static final int DIGEST_BYTES = 16;

    private static final int KIND_OFFSET = 1;
    private static final int PART_OFFSET = 2;
    private static final int PARTS_OFFSET = 3;
    private static final int NONCE_OFFSET = 4;
    public static final int COOKIE_OFFSET = 20;
    private static final int CHAIN_BYTES_OFFSET = 20;
    public static final int DIGEST_OFFSET = 24;

    /** What a request must have at least, and all of a "ask again with this". */
    public static final int SHORT_BYTES = COOKIE_OFFSET + COOKIE_BYTES;

    /** Where the bytes of the chain begin. */
    public static final int PIECE_OFFSET = DIGEST_OFFSET + DIGEST_BYTES;

    public static final int PIECE_BYTES = MAX_BYTES - PIECE_OFFSET;

    /** A leaf and seven intermediates of four times the usual size fit. */
    public static final int MAX_PARTS = 8;

    public static final int MAX_CHAIN_BYTES = MAX_PARTS * PIECE_BYTES;

    private DiscoveryMessage() {}

    /** Whether these bytes, of version 1 and type 3, are a request. */
    public static boolean readableRequest(long datagram, int bytes) {
        return bytes >= SHORT_BYTES && bytes <= MAX_BYTES && kind(datagram) == 0 && part(datagram) < MAX_PARTS;
    }

    /** Whether these bytes, of version 1 and type 4, are a reply. */
    public static boolean readableReply(long datagram, int bytes) {
        if (bytes < SHORT_BYTES || bytes > MAX_BYTES) {
            return false;
        }
        return switch (kind(datagram)) {
            case KIND_COOKIE -> bytes == SHORT_BYTES;
            case KIND_PART -> bytes > PIECE_OFFSET && isPart(datagram, bytes - PIECE_OFFSET);
            default -> false;
        };
    }

    /** There is exactly one way to cut a chain, so that nothing is left to put together. */
    private static boolean isPart(long datagram, int pieceBytes) {
        long chainBytes = OffHeap.u32(datagram + CHAIN_BYTES_OFFSET);
        if (chainBytes == 0 || chainBytes > MAX_CHAIN_BYTES || parts(datagram) != partsOf((int) chainBytes)) {
            return false;
        }
        return part(datagram) < parts(datagram) && pieceBytes == pieceBytes((int) chainBytes, part(datagram));
    }

    public static int partsOf(int chainBytes) {
        return (chainBytes + PIECE_BYTES - 1) / PIECE_BYTES;
    }

    /** How much of a chain stands in one of its parts. */
    public static int pieceBytes(int chainBytes, int part) {
        return Math.min(PIECE_BYTES, chainBytes - part * PIECE_BYTES);
    }

    public static int kind(long datagram) {
        return OffHeap.u8(datagram + KIND_OFFSET);
    }

    /** Which part is wanted, or this is; the first is 0. */
    public static int part(long datagram) {
        return OffHeap.u8(datagram + PART_OFFSET);
    }

    public static int parts(long datagram) {
        return OffHeap.u8(datagram + PARTS_OFFSET);
    }

    public static long nonceHigh(long datagram) {
        return OffHeap.i64(datagram + NONCE_OFFSET);
    }

    public static long nonceLow(long datagram) {
        return OffHeap.i64(datagram + NONCE_OFFSET + 8);
    }

    /** Of the chain that this is a part of. */
    public static int chainBytes(long datagram) {
        return OffHeap.i32(datagram + CHAIN_BYTES_OFFSET);
    }

    /** Writes all that stands in front of the nonce. */
    public static void write(long datagram, int type, int kind, int part, int parts) {
        OffHeap.putI32(datagram, DataHeader.VERSION << 28 | type << 24 | kind << 16 | part << 8 | parts);
    }

    public static void putNonce(long datagram, long high, long low) {
        OffHeap.putI64(datagram + NONCE_OFFSET, high);
        OffHeap.putI64(datagram + NONCE_OFFSET + 8, low);
    }

    public static void putChainBytes(long datagram, int bytes) {
        OffHeap.putI32(datagram + CHAIN_BYTES_OFFSET, bytes);
    }
}
