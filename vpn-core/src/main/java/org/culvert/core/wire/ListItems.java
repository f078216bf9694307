package org.culvert.core.wire;

import java.util.ArrayList;
import java.util.List;
import org.culvert.tun.memory.OffHeap;

/**
 * How revocation lists travel from gateway to gateway: items of control messages. Each says which lists it enforces; who has an older one asks
 * for the newer, part by part. What a list is worth its CA's signature says.
 *
 * <pre>
 *   lists held (33)    for each: issuer (8 bytes of a SHA-256 over its name and key identifier), number (64 bits), length of its DER (32 bits), its SHA-256, first half (16 bytes)
 *   list wanted (34)   first half of its SHA-256 (16 bytes), offset (32 bits)
 *   list part (35)     first half of its SHA-256 (16 bytes), offset (32 bits), 1 to 800 bytes
 * </pre>
 */
public final class ListItems {
    public static final int HELD = 33;
    public static final int WANTED = 34;
    public static final int PART = 35;

    static final int HELD_BYTES = 36;
    static final int WANTED_BYTES = 20;

    public static final int MOST_LISTS = 8;
    public static final int PIECE_BYTES = 800;

    /** A CA that revoked some thousands; longer lists are for the administrator to copy. */
    public static final int LONGEST_BYTES = 1 << 18;

    private ListItems() {}

    /** 128 bits of a SHA-256: which list exactly. */
    public record Digest(long high, long low) {}

    /** A list that somebody enforces. */
    public record Held(long issuer, long number, int bytes, Digest digest) {}

    /** Part of a list, or where the part is to begin that is wanted. */
    public record Place(Digest digest, int offset) {}

    /** Of a {@link #HELD}; {@code value} is what {@link ControlMessage#find} gave. */
    public static List<Held> held(long value) {
        int count = Math.min(MOST_LISTS, ControlMessage.length(value) / HELD_BYTES);
        List<Held> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long at = value + (long) i * HELD_BYTES;
            all.add(new Held(OffHeap.i64(at), OffHeap.i64(at + 8), OffHeap.i32(at + 16), digest(at + 20)));
        }
        return all;
    }

    public static long putHeld(long at, List<Held> lists) {
        int count = Math.min(MOST_LISTS, lists.size());
        long value = ControlMessage.putHeader(at, HELD, count * HELD_BYTES);
        for (Held list : lists.subList(0, count)) {
            OffHeap.putI64(value, list.issuer);
            OffHeap.putI64(value + 8, list.number);
            OffHeap.putI32(value + 16, list.bytes);
            put(value + 20, list.digest);
            value += HELD_BYTES;
        }
        return value;
    }

    /** Of a {@link #WANTED} or a {@link #PART}. */
    public static Place place(long value) {
        return new Place(digest(value), OffHeap.i32(value + 16));
    }

    public static long putWanted(long at, Place place) {
        long value = ControlMessage.putHeader(at, WANTED, WANTED_BYTES);
        put(value, place.digest);
        OffHeap.putI32(value + 16, place.offset);
        return value + WANTED_BYTES;
    }

    /** Of a {@link #PART}: its bytes. */
    public static byte[] piece(long value) {
        byte[] piece = new byte[ControlMessage.length(value) - WANTED_BYTES];
        OffHeap.copy(value + WANTED_BYTES, piece, 0, piece.length);
        return piece;
    }

    /** The part of a list that begins at the place. */
    public static long putPart(long at, Place place, byte[] list) {
        int bytes = Math.min(PIECE_BYTES, list.length - place.offset);
        long value = ControlMessage.putHeader(at, PART, WANTED_BYTES + bytes);
        put(value, place.digest);
        OffHeap.putI32(value + 16, place.offset);
        OffHeap.copy(list, place.offset, value + WANTED_BYTES, bytes);
        return value + WANTED_BYTES + bytes;
    }

    private static Digest digest(long at) {
        return new Digest(OffHeap.i64(at), OffHeap.i64(at + 8));
    }

    private static void put(long at, Digest digest) {
        OffHeap.putI64(at, digest.high);
        OffHeap.putI64(at + 8, digest.low);
    }
}
