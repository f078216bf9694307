package org.culvert.core.discovery;

import java.util.Arrays;

/**
 * So many at once and so many a second, for one or for several that do not wait for each other (GCRA: a slot holds the moment from
 * which it is as good as unused). One thread.
 */
final class Pace {
    private static final long SECOND_NS = 1_000_000_000L;

    private final long[] usedUntilNs;
    private final long intervalNs;
    private final long burstNs;

    /** @param slots a power of two */
    Pace(int slots, int perSecond, int burst, long nowNs) {
        usedUntilNs = new long[slots];
        Arrays.fill(usedUntilNs, nowNs);
        intervalNs = SECOND_NS / perSecond;
        burstNs = intervalNs * burst;
    }

    /** Takes one if there is one; the lowest bits of the slot say whose. */
    boolean take(int slot, long nowNs) {
        int index = slot & (usedUntilNs.length - 1);
        long from = usedUntilNs[index] - nowNs < 0 ? nowNs : usedUntilNs[index];
        if (from + intervalNs - nowNs > burstNs) {
            return false;
        }
        usedUntilNs[index] = from + intervalNs;
        return true;
    }
}
