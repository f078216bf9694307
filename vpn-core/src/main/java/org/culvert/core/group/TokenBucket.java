package org.culvert.core.group;

/** Lets through so many packets per second, and as many at once after a second's silence. One thread. */
public final class TokenBucket {
    private static final long SECOND_NS = 1_000_000_000L;

    private final long tokenNs;
    private long savedNs = SECOND_NS;
    private long seenNs;
    private boolean used;

    /** @param perSecond 1 to a billion */
    TokenBucket(int perSecond) {
        tokenNs = SECOND_NS / perSecond;
    }

    /** True when one more may pass. */
    public boolean take(long nowNs) {
        if (used) {
            savedNs = Math.min(SECOND_NS, savedNs + Math.max(0, nowNs - seenNs));
        }
        used = true;
        seenNs = nowNs;
        if (savedNs < tokenNs) {
            return false;
        }
        savedNs -= tokenNs;
        return true;
    }
}
