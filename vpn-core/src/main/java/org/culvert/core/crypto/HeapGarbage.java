package org.culvert.core.crypto;

import java.lang.ref.Reference;

/**
 * Overwrites what the collector has not used again: copies of secrets that the JDK and Bouncy Castle made while they computed, which
 * nobody holds any more and nobody can reach to zero them. A gateway allocates so little that they would lie there for hours. Stateless.
 */
public final class HeapGarbage {
    private static final int PIECE_BYTES = 256 << 10;

    /** Stays free of a heap that cannot grow: others allocate meanwhile. */
    private static final int SPARE_BYTES = 16 << 20;

    private HeapGarbage() {}

    /**
     * Collects, fills what is free with zeros, and collects again. Both collections stop every thread, for milliseconds each in a heap as
     * small as ours: once an epoch, not more.
     */
    public static void overwrite() {
        System.gc();
        Runtime heap = Runtime.getRuntime();
        long used = heap.totalMemory() - heap.freeMemory();
        fill(Math.min(heap.freeMemory(), heap.maxMemory() - used - SPARE_BYTES));
        System.gc();
    }

    private static void fill(long bytes) {
        byte[][] zeros = new byte[(int) Math.max(0, bytes / PIECE_BYTES)][];
        try {
            for (int i = 0; i < zeros.length; i++) {
                zeros[i] = new byte[PIECE_BYTES];
            }
        } finally {
            Reference.reachabilityFence(zeros); // all of them at once, or one would take the place of another
        }
    }
}
