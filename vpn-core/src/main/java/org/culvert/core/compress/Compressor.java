package org.culvert.core.compress;

import org.culvert.tun.memory.Region;

/** Makes packets smaller, each by itself: one that is lost takes no other with it. One thread. */
public final class Compressor implements AutoCloseable {
    /** zstd's own default. */
    private static final int LEVEL = 3;

    /** In front of the packet, for the inner word. */
    private static final int HEADROOM_BYTES = 16;

    private static final int MOST_BYTES = 65_535;

    private final Zstd zstd = Zstd.library();
    private final long context = zstd.newCompressor();
    private final Region memory = new Region(HEADROOM_BYTES + MOST_BYTES);

    /** Whether there is a library to do it. */
    public static boolean available() {
        return Zstd.installed();
    }

    /** What to install where {@link #available} is false. */
    public static String missing() {
        return Zstd.SONAME + " is not installed";
    }

    /**
     * Compresses to {@link #packet}.
     *
     * @return its bytes, fewer than {@code bytes}; 0: it does not shrink
     */
    public int compress(long packet, int bytes) {
        return (int)
                Math.max(0, zstd.compress(context, packet(), Math.min(bytes, MOST_BYTES) - 1L, packet, bytes, LEVEL));
    }

    /** Where it was compressed to; room for an inner word in front. */
    public long packet() {
        return memory.address() + HEADROOM_BYTES;
    }

    @Override
    public void close() {
        zstd.freeCompressor(context);
        memory.close();
    }
}
