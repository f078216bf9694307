package org.culvert.core.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long START_NS = -3_000_000_000L; // monotonic clocks may be negative

    private static int taken(TokenBucket bucket, long nowNs, int tries) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += bucket.take(nowNs) ? 1 : 0;
        }
        return taken;
    }

    @Test
    void givesASecondsWorthAtOnce() {
        assertEquals(40, taken(new TokenBucket(40), START_NS, 100));
    }

    @Test
    void fillsAtItsRateAndNoFurther() {
        TokenBucket bucket = new TokenBucket(40);
        taken(bucket, START_NS, 100);
        assertEquals(10, taken(bucket, START_NS + 250_000_000L, 100));
        assertEquals(40, taken(bucket, START_NS + 90_000_000_000L, 100));
    }

    @Test
    void isNotEmptiedByAClockThatStandsStill() {
        TokenBucket bucket = new TokenBucket(1);
        assertTrue(bucket.take(START_NS));
        assertFalse(bucket.take(START_NS));
        assertFalse(bucket.take(START_NS - 5));
        assertTrue(bucket.take(START_NS + 1_000_000_000L));
    }
}
