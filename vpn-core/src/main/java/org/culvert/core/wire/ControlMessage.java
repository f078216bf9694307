package org.culvert.core.wire;

import org.culvert.tun.memory.OffHeap;

/**
 * What one gateway says to the other: kind 0 behind an {@link InnerWord}. Big endian.
 *
 * <pre>
 *    0               1               2               3
 *   +---------------+---------------+-------------------------------+
 *  0|  version = 1  |       0       |             type              |
 *   +---------------+---------------+-------------------------------+
 *  4|            length             |  value (length bytes) ...     |
 *   +-------------------------------+-------------------------------+
 *   |  further items: type, length, value ...                       |
 *   +---------------------------------------------------------------+
 * </pre>
 *
 * An item of unknown type is skipped, and so is what a known one has beyond the length we know: both are how later versions say
 * more. Padding comes last; everything in front of its value lies within the first {@link #KEPT_BYTES}, so that nobody has to keep
 * more than that of any message. Accessors ask nothing about lengths: {@link #readable} has to have said yes.
 */
public final class ControlMessage {
    public static final int VERSION = 1;

    /** Version and a zero. */
    public static final int HEADER_BYTES = 2;

    /** Type and length of an item. */
    public static final int ITEM_HEADER_BYTES = 4;

    /** All of a message but the value of its padding. */
    public static final int KEPT_BYTES = 1024;

    /** Makes the datagram as long as it is to be. Zeros; only as the last item. */
    public static final int PADDING = 0;

    /** "Answer this at once": 8 bytes that come back in the answer. */
    public static final int ECHO = 1;

    /**
     * The answer: the 8 bytes; how long it waited in our process, in microseconds (32 bits); length of the datagram that asked, as
     * UDP payload (16 bits); delay variation of what the asking side sends, in microseconds, as the answering side sees it (32 bits).
     */
    public static final int ECHO_REPLY = 2;

    /** In an answer: address (IPv4 as v4-mapped IPv6) and port the question came from. */
    public static final int SEEN_FROM = 3;

    /** Address and port the sender itself believes to send from. */
    public static final int SENT_FROM = 4;

    /** What the sender opens: a tag of 8 bytes for each pair of keys. */
    public static final int PAIRS = 8;

    public static final int PAIR_BYTES = 8;

    /** "I do not take what you send": see {@link Refusal}. */
    public static final int REFUSAL = 32;

    /** What there is to know of the sender's epoch, and its key: see {@code org.culvert.core.epoch}. */
    public static final int EPOCH = 16;

    /** That the sender has a pair. */
    public static final int PROOF = 17;

    /** A piece of a KEM key or ciphertext. */
    public static final int PART = 18;

    /** Under an epoch pair: that packets under it arrive. */
    public static final int CONFIRM = 19;

    public static final int EPOCH_LEAST_BYTES = 28;
    public static final int PROOF_BYTES = 32;
    public static final int PART_LEAST_BYTES = 13;
    public static final int CONFIRM_BYTES = 5;
    public static final int ECHO_BYTES = 8;
    public static final int ECHO_REPLY_BYTES = 18;
    public static final int ADDRESS_BYTES = 18;

    private static final int HELD_OFFSET = 8;
    private static final int SIZE_OFFSET = 12;
    private static final int VARIATION_OFFSET = 14;
    private static final int PORT_OFFSET = 16;

    private ControlMessage() {}

    // Reading

    /** Whether the {@code bytes} bytes are a message of this version, whole, with known items as long as they must be. */
    public static boolean readable(long message, int bytes) {
        if (bytes < HEADER_BYTES || OffHeap.u8(message) != VERSION) {
            return false;
        }
        int at = HEADER_BYTES;
        while (at < bytes) {
            if (bytes - at < ITEM_HEADER_BYTES) {
                return false;
            }
            int type = OffHeap.u16(message + at);
            int end = at + ITEM_HEADER_BYTES + OffHeap.u16(message + at + 2);
            if (end > bytes || end - at - ITEM_HEADER_BYTES < leastBytes(type)) {
                return false;
            }
            if (type == PADDING ? end != bytes || at + ITEM_HEADER_BYTES > KEPT_BYTES : end > KEPT_BYTES) {
                return false;
            }
            at = end;
        }
        return true;
    }

    private static int leastBytes(int type) {
        return switch (type) {
            case ECHO -> ECHO_BYTES;
            case ECHO_REPLY -> ECHO_REPLY_BYTES;
            case SEEN_FROM, SENT_FROM -> ADDRESS_BYTES;
            case REFUSAL -> Refusal.BYTES;
            case EPOCH -> EPOCH_LEAST_BYTES;
            case PROOF -> PROOF_BYTES;
            case PART -> PART_LEAST_BYTES;
            case CONFIRM -> CONFIRM_BYTES;
            case ListItems.WANTED -> ListItems.WANTED_BYTES;
            case ListItems.PART -> ListItems.WANTED_BYTES + 1;
            default -> 0;
        };
    }

    /** How many bytes of a readable message say something: all but the value of its padding, so at most {@link #KEPT_BYTES}. */
    public static int meaningfulBytes(long message, int bytes) {
        int at = HEADER_BYTES;
        while (at < bytes) {
            int length = OffHeap.u16(message + at + 2);
            if (OffHeap.u16(message + at) == PADDING) {
                return at;
            }
            at += ITEM_HEADER_BYTES + length;
        }
        return bytes;
    }

    /** The value of the first item of a type in the meaningful bytes of a message, or 0. */
    public static long find(long message, int meaningfulBytes, int type) {
        int at = HEADER_BYTES;
        while (at < meaningfulBytes) {
            if (OffHeap.u16(message + at) == type) {
                return message + at + ITEM_HEADER_BYTES;
            }
            at += ITEM_HEADER_BYTES + OffHeap.u16(message + at + 2);
        }
        return 0;
    }

    /** How long the value of an item is; {@code value} is what {@link #find} gave. */
    static int length(long value) {
        return OffHeap.u16(value - 2);
    }

    /** Of an {@link #ECHO} or {@link #ECHO_REPLY}. */
    public static long echoId(long value) {
        return OffHeap.i64(value);
    }

    /** Of an {@link #ECHO_REPLY}, in microseconds. */
    public static long heldUs(long value) {
        return OffHeap.u32(value + HELD_OFFSET);
    }

    /** Of an {@link #ECHO_REPLY}: UDP payload bytes of the datagram that asked. */
    public static int askedBytes(long value) {
        return OffHeap.u16(value + SIZE_OFFSET);
    }

    /** Of an {@link #ECHO_REPLY}, in microseconds. */
    public static long variationUs(long value) {
        return OffHeap.u32(value + VARIATION_OFFSET);
    }

    /** Of a {@link #SEEN_FROM} or {@link #SENT_FROM}: first half of the address. */
    public static long addressHigh(long value) {
        return OffHeap.i64(value);
    }

    public static long addressLow(long value) {
        return OffHeap.i64(value + 8);
    }

    public static int port(long value) {
        return OffHeap.u16(value + PORT_OFFSET);
    }

    /** Of {@link #PAIRS}: how many there are. */
    public static int pairs(long value) {
        return OffHeap.u16(value - 2) / PAIR_BYTES;
    }

    /** Of {@link #PAIRS}: one of them, from 0. */
    public static long pairTag(long value, int index) {
        return OffHeap.i64(value + (long) index * PAIR_BYTES);
    }

    // Writing: each returns where the next item goes

    public static long begin(long message) {
        OffHeap.putU8(message, VERSION);
        OffHeap.putU8(message + 1, 0);
        return message + HEADER_BYTES;
    }

    public static long putEcho(long at, long id) {
        long value = putHeader(at, ECHO, ECHO_BYTES);
        OffHeap.putI64(value, id);
        return value + ECHO_BYTES;
    }

    public static long putEchoReply(long at, long id, long heldUs, int askedBytes, long variationUs) {
        long value = putHeader(at, ECHO_REPLY, ECHO_REPLY_BYTES);
        OffHeap.putI64(value, id);
        OffHeap.putI32(value + HELD_OFFSET, (int) Math.clamp(heldUs, 0, 0xffff_ffffL));
        OffHeap.putU16(value + SIZE_OFFSET, askedBytes);
        OffHeap.putI32(value + VARIATION_OFFSET, (int) Math.clamp(variationUs, 0, 0xffff_ffffL));
        return value + ECHO_REPLY_BYTES;
    }

    /** Writes a {@link #SEEN_FROM} or {@link #SENT_FROM}. */
    public static long putAddress(long at, int type, long high, long low, int port) {
        long value = putHeader(at, type, ADDRESS_BYTES);
        OffHeap.putI64(value, high);
        OffHeap.putI64(value + 8, low);
        OffHeap.putU16(value + PORT_OFFSET, port);
        return value + ADDRESS_BYTES;
    }

    public static long putPairs(long at, long[] tags) {
        long value = putHeader(at, PAIRS, tags.length * PAIR_BYTES);
        for (long tag : tags) {
            OffHeap.putI64(value, tag);
            value += PAIR_BYTES;
        }
        return value;
    }

    public static long putRefusal(long at, Refusal refusal, Refusal.Detail detail) {
        long value = putHeader(at, REFUSAL, Refusal.BYTES);
        refusal.write(value, detail);
        return value + Refusal.BYTES;
    }

    /** Fills up to {@code end} with padding; less than an item's header cannot be filled and is left out. @return the new end */
    public static long pad(long at, long end) {
        if (end - at < ITEM_HEADER_BYTES) {
            return at;
        }
        long value = putHeader(at, PADDING, (int) (end - at - ITEM_HEADER_BYTES));
        OffHeap.fill(value, end - value, 0);
        return end;
    }

    static long putHeader(long at, int type, int valueBytes) {
        OffHeap.putU16(at, type);
        OffHeap.putU16(at + 2, valueBytes);
        return at + ITEM_HEADER_BYTES;
    }
}
