package org.culvert.core.wire;

import org.culvert.tun.memory.OffHeap;

/**
 * The clear header of a data datagram, version 1. Big endian; one UDP datagram is one packet.
 *
 * <pre>
 *    0               1               2               3
 *   +-------+-------+---------------+-------------------------------+
 *  0| ver=1 | type  |     suite     |           instance            |
 *   +-------+-------+---------------+-------------------------------+
 *  4|                              SPI                              |
 *   +-------+-------------------------------------------------------+
 *  8| lane  |                                                       |
 *   +-------+           packet number (60 bits)                     |
 * 12|                                                               |
 *   +---------------------------------------------------------------+
 * 16|       traffic key, wrapped (16 or 32 bytes, by suite)         |
 *   +---------------------------------------------------------------+
 *   | ciphertext of: inner word (4 bytes) | IP packet or control    |
 *   +---------------------------------------------------------------+
 *   |                  authentication tag (16 bytes)                |
 *   +---------------------------------------------------------------+
 * </pre>
 *
 * Everything in front of the ciphertext is authenticated as it stands; {@link InnerWord} draws what is sealed. Accessors
 * read without asking how long the datagram is: the receiver compares its length with {@link #BASE_BYTES} and the
 * suite's overhead first.
 */
public final class DataHeader {
    public static final int VERSION = 1;

    /** Data under a traffic key drawn for this packet alone. */
    public static final int TYPE_PACKET_KEY = 1;
    /** Data under a traffic key that lives for several packets. */
    public static final int TYPE_KEPT_KEY = 2;

    private static final int VERSION_TYPE_OFFSET = 0;
    private static final int SUITE_OFFSET = 1;
    private static final int INSTANCE_OFFSET = 2;
    public static final int SPI_OFFSET = 4;
    public static final int PACKET_NUMBER_OFFSET = 8;
    public static final int WRAPPED_KEY_OFFSET = 16;

    /** The fixed part; the wrapped key follows. */
    public static final int BASE_BYTES = 16;

    public static final int TAG_BYTES = 16;
    public static final int INNER_WORD_BYTES = 4;

    /** Lanes 0 to 15: one per sending queue, so that no two threads share a count. */
    public static final int LANES = 16;

    private static final int COUNT_BITS = 60;
    /** The highest count. It starts at the clock in units of 100 ns, so at a packet per unit it is reached in 5648. */
    public static final long MAX_COUNT = (1L << COUNT_BITS) - 1;

    private DataHeader() {}

    public static int version(long datagram) {
        return OffHeap.u8(datagram + VERSION_TYPE_OFFSET) >>> 4;
    }

    public static int type(long datagram) {
        return OffHeap.u8(datagram + VERSION_TYPE_OFFSET) & 0xf;
    }

    public static int suite(long datagram) {
        return OffHeap.u8(datagram + SUITE_OFFSET);
    }

    /** 16 random bits of the sender's run, unsigned. */
    public static int instance(long datagram) {
        return OffHeap.u16(datagram + INSTANCE_OFFSET);
    }

    public static int spi(long datagram) {
        return OffHeap.i32(datagram + SPI_OFFSET);
    }

    /** All 64 bits, the lane in the top four: what nonce and packet key are made from. */
    public static long packetNumber(long datagram) {
        return OffHeap.i64(datagram + PACKET_NUMBER_OFFSET);
    }

    /** Writes the fixed part; the wrapped key behind it is the caller's. */
    public static void write(long datagram, int type, int suite, int instance, int spi, long packetNumber) {
        OffHeap.putI32(datagram, VERSION << 28 | type << 24 | suite << 16 | instance);
        OffHeap.putI32(datagram + SPI_OFFSET, spi);
        OffHeap.putI64(datagram + PACKET_NUMBER_OFFSET, packetNumber);
    }

    /** Lane and count in one; {@code count} is 0 to {@link #MAX_COUNT}. */
    public static long packetNumber(int lane, long count) {
        return (long) lane << COUNT_BITS | count;
    }

    public static int lane(long packetNumber) {
        return (int) (packetNumber >>> COUNT_BITS);
    }

    public static long count(long packetNumber) {
        return packetNumber & MAX_COUNT;
    }
}
