package org.culvert.core.lab;

/**
 * What a bad network does to datagrams, each with its probability; the kinds exclude each other, so that a relay's counts
 * add up. Seeded: the same datagrams meet the same fate again.
 *
 * @param reorderDepth a datagram held back is sent after this many others, or when nothing came for a moment
 */
record Harm(
        long seed,
        double loss,
        double duplicate,
        double corrupt,
        double truncate,
        double reorder,
        int reorderDepth,
        int delayMs) {
    static final Harm NONE = new Harm(1, 0, 0, 0, 0, 0, 0, 0);

    static Harm seeded(long seed) {
        return new Harm(seed, 0, 0, 0, 0, 0, 0, 0);
    }

    Harm losing(double part) {
        return new Harm(seed, part, duplicate, corrupt, truncate, reorder, reorderDepth, delayMs);
    }

    Harm duplicating(double part) {
        return new Harm(seed, loss, part, corrupt, truncate, reorder, reorderDepth, delayMs);
    }

    Harm corrupting(double part) {
        return new Harm(seed, loss, duplicate, part, truncate, reorder, reorderDepth, delayMs);
    }

    Harm truncating(double part) {
        return new Harm(seed, loss, duplicate, corrupt, part, reorder, reorderDepth, delayMs);
    }

    Harm reordering(double part, int depth) {
        return new Harm(seed, loss, duplicate, corrupt, truncate, part, depth, delayMs);
    }

    Harm delaying(int ms) {
        return new Harm(seed, loss, duplicate, corrupt, truncate, reorder, reorderDepth, ms);
    }
}
