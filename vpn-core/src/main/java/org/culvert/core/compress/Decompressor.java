package org.culvert.core.compress;

import org.culvert.tun.memory.Region;

/**
 * Undoes {@link Compressor}, never to more than an IP packet can be, however much the data claims. The packets stay where they are until
 * {@link #reset}, for a coalescer that still refers to them. One thread.
 */
public final class Decompressor implements AutoCloseable {
    /** No IP packet is longer; what claims to be is refused and never unpacked. */
    public static final int MOST_BYTES = 65_535;

    /** Each packet starts on its own cache line. */
    private static final int ALIGNMENT = 64;

    /** Some full batches of packets of usual size, or four of the longest. */
    private static final int ROOM_BYTES = 4 * (MOST_BYTES + ALIGNMENT);

    private final Zstd zstd = Zstd.library();
    private final long context = zstd.newDecompressor();
    private final Region memory = new Region(ROOM_BYTES);
    private long end = memory.address();

    /** Whether one more packet of whatever length has room; else {@link #reset} first. */
    public boolean hasRoom() {
        return memory.address() + ROOM_BYTES - end >= MOST_BYTES + ALIGNMENT;
    }

    /** Nothing refers to the packets any more. */
    public void reset() {
        end = memory.address();
    }

    /** Where the next packet will be unpacked to. */
    public long next() {
        return end;
    }

    /**
     * Unpacks to {@link #next}, which moves behind it.
     *
     * @return its bytes, or -1: it is damaged, or holds too much
     */
    public int decompress(long from, int bytes) {
        long length = zstd.decompress(context, end, MOST_BYTES, from, bytes);
        if (length > 0) {
            end = (end + length + ALIGNMENT - 1) & -ALIGNMENT;
        }
        return (int) length;
    }

    @Override
    public void close() {
        zstd.freeDecompressor(context);
        memory.close();
    }
}
