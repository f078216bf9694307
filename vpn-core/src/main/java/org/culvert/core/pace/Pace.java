package org.culvert.core.pace;

import java.util.Arrays;

/**
 * So many at once and so many a second, for one or for several that do not wait for each other (GCRA: a slot holds the moment from
 * which it is as good as unused). One thread.
 */
public final class Pace {
    private static final long SECOND_NS = 1_000_000_000L;

    private final long[] usedUntilNs;
    private final long intervalNs;
    private final long burstNs;
    private boolean used;

    /** @param perSecond 1 to a billion */
    public Pace(int perSecond, int burst) {
        this(1, perSecond, burst);
    }

    /** @param slots a power of two */
    public Pace(int slots, int perSecond, int burst) {
        usedUntilNs = new long[slots];
        intervalNs = SECOND_NS / perSecond;
        burstNs = intervalNs * burst;
    }

    /** Takes one if there is one. */
    public boolean take(long nowNs) {
        return take(0, nowNs);
    }

    /** Takes one if there is one; the lowest bits of the slot say whose. */
    public boolean take(int slot, long nowNs) {
        if (!used) {
            Arrays.fill(usedUntilNs, nowNs); // monotonic clocks begin anywhere
            used = true;
        }
        int index = slot & (usedUntilNs.length - 1);
        long from = usedUntilNs[index] - nowNs < 0 ? nowNs : usedUntilNs[index];
        if (from + intervalNs - nowNs > burstNs) {
            return false;
        }
        usedUntilNs[index] = from + intervalNs;
        return true;
    }
}
