package org.culvert.tun.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Loads and stores at absolute native addresses. Stateless; any thread.
 *
 * <p>One segment covers all memory, so every accessor compiles to a plain load or store with a byte swap: no bounds,
 * no liveness, no object. The price is that a wrong address kills the process or reads a secret, exactly as in C. The
 * caller checks lengths once, at the door of each packet; nothing below that door takes a length from a stranger.
 *
 * <p>Multi-byte accessors without a prefix are big endian, as on the wire; those named {@code native} are in the
 * machine's order, for kernel structs and for comparing or moving bytes nobody interprets. No address need be aligned.
 */
public final class OffHeap {
    /** The only unsafe line of Culvert: everything else in native memory goes through it. */
    @SuppressWarnings("restricted")
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort WIRE_16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt WIRE_32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong WIRE_64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort NATIVE_16 = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt NATIVE_32 = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong NATIVE_64 = ValueLayout.JAVA_LONG_UNALIGNED;

    private OffHeap() {}

    public static int u8(long address) {
        return ALL.get(BYTE, address) & 0xff;
    }

    public static void putU8(long address, int value) {
        ALL.set(BYTE, address, (byte) value);
    }

    public static int u16(long address) {
        return ALL.get(WIRE_16, address) & 0xffff;
    }

    public static void putU16(long address, int value) {
        ALL.set(WIRE_16, address, (short) value);
    }

    public static int i32(long address) {
        return ALL.get(WIRE_32, address);
    }

    public static void putI32(long address, int value) {
        ALL.set(WIRE_32, address, value);
    }

    public static long u32(long address) {
        return ALL.get(WIRE_32, address) & 0xffff_ffffL;
    }

    public static long i64(long address) {
        return ALL.get(WIRE_64, address);
    }

    public static void putI64(long address, long value) {
        ALL.set(WIRE_64, address, value);
    }

    public static int nativeU16(long address) {
        return ALL.get(NATIVE_16, address) & 0xffff;
    }

    public static void putNativeU16(long address, int value) {
        ALL.set(NATIVE_16, address, (short) value);
    }

    public static int nativeI32(long address) {
        return ALL.get(NATIVE_32, address);
    }

    public static void putNativeI32(long address, int value) {
        ALL.set(NATIVE_32, address, value);
    }

    public static long nativeI64(long address) {
        return ALL.get(NATIVE_64, address);
    }

    public static void putNativeI64(long address, long value) {
        ALL.set(NATIVE_64, address, value);
    }

    /** Copies {@code bytes} bytes; the regions may overlap. */
    public static void copy(long from, long to, long bytes) {
        MemorySegment.copy(ALL, from, ALL, to, bytes);
    }

    public static void copy(byte[] from, int offset, long to, int bytes) {
        MemorySegment.copy(from, offset, ALL, BYTE, to, bytes);
    }

    public static void copy(long from, byte[] to, int offset, int bytes) {
        MemorySegment.copy(ALL, BYTE, from, to, offset, bytes);
    }

    public static void fill(long address, long bytes, int value) {
        ALL.asSlice(address, bytes).fill((byte) value);
    }
}
