package org.culvert.core.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long NOW_NS = Long.MAX_VALUE - 3; // nanoTime may begin anywhere, and wrap
    private static final long SECOND_NS = 1_000_000_000L;

    @Test
    void aBurstAtOnceAndThenAsManyASecond() {
        Pace pace = new Pace(1, 20, 40, NOW_NS);
        assertEquals(40, taken(pace, 100, NOW_NS));
        assertEquals(20, taken(pace, 100, NOW_NS + SECOND_NS));
        assertEquals(40, taken(pace, 100, NOW_NS + 60 * SECOND_NS), "what was not used is not saved up");
    }

    @Test
    void slotsDoNotWaitForEachOther() {
        Pace pace = new Pace(4, 1, 1, NOW_NS);
        assertTrue(pace.take(1, NOW_NS));
        assertFalse(pace.take(1, NOW_NS));
        assertTrue(pace.take(2, NOW_NS));
        assertFalse(pace.take(-3, NOW_NS), "only the lowest bits count");
    }

    private static int taken(Pace pace, int tries, long nowNs) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += pace.take(0, nowNs) ? 1 : 0;
        }
        return taken;
    }
}
