package org.culvert.core.pace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaceTest {
    private static final long SECOND_NS = 1_000_000_000L;

    /** nanoTime may begin anywhere, and wrap. */
    @ParameterizedTest
    @ValueSource(longs = {7_000_000_123L, -3 * SECOND_NS, Long.MAX_VALUE - 3, Long.MIN_VALUE})
    void aBurstAtOnceAndThenAsManyASecond(long startNs) {
        Pace pace = new Pace(20, 40);
        assertEquals(40, taken(pace, 100, startNs));
        assertEquals(5, taken(pace, 100, startNs + SECOND_NS / 4));
        assertEquals(15, taken(pace, 100, startNs + SECOND_NS));
        assertEquals(40, taken(pace, 100, startNs + 60 * SECOND_NS), "what was not used is not saved up");
    }

    @Test
    void slotsDoNotWaitForEachOther() {
        Pace pace = new Pace(4, 1, 1);
        assertTrue(pace.take(1, 5));
        assertFalse(pace.take(1, 5));
        assertTrue(pace.take(2, 5));
        assertFalse(pace.take(-3, 5), "only the lowest bits count");
    }

    @Test
    void isNeitherFilledNorEmptiedByAClockThatStandsStill() {
        Pace pace = new Pace(1, 1);
        assertTrue(pace.take(50));
        assertFalse(pace.take(50));
        assertFalse(pace.take(45));
        assertTrue(pace.take(50 + SECOND_NS));
    }

    private static int taken(Pace pace, int tries, long nowNs) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += pace.take(nowNs) ? 1 : 0;
        }
        return taken;
    }
}
