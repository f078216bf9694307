package org.culvert.core.log;

import static org.culvert.core.log.LogLimit.REFUSED;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogLimitTest {
    private static final long SECOND = 1_000_000_000L;

    private enum Reason {
        NAME,
        NETWORK
    }

    private final LogLimit<Reason> limit = new LogLimit<>(Reason.class);

    /** nanoTime may be anything, and overflow while we run. */
    @ParameterizedTest
    @ValueSource(longs = {0, 7_000_000_123L, -3, Long.MAX_VALUE - 1, Long.MIN_VALUE})
    void passesABurstOfFiveThenOneASecond(long start) {
        for (int i = 0; i < 5; i++) {
            assertEquals(0, limit.admit(Reason.NAME, start), "line " + i);
        }
        assertEquals(REFUSED, limit.admit(Reason.NAME, start));
        assertEquals(REFUSED, limit.admit(Reason.NAME, start + SECOND - 1));
        assertEquals(2, limit.admit(Reason.NAME, start + SECOND));
        assertEquals(REFUSED, limit.admit(Reason.NAME, start + SECOND));
        assertEquals(1, limit.admit(Reason.NAME, start + 2 * SECOND));
    }

    @Test
    void fillsUpToFiveAgainAndNotMore() {
        for (int i = 0; i < 9; i++) {
            limit.admit(Reason.NAME, 0);
        }
        long later = 3600 * SECOND;
        assertEquals(4, limit.admit(Reason.NAME, later));
        for (int i = 1; i < 5; i++) {
            assertEquals(0, limit.admit(Reason.NAME, later), "line " + i);
        }
        assertEquals(REFUSED, limit.admit(Reason.NAME, later));
    }

    @Test
    void countsEachReasonForItself() {
        for (int i = 0; i < 9; i++) {
            limit.admit(Reason.NAME, 0);
        }
        assertEquals(0, limit.admit(Reason.NETWORK, 0));
    }

    @Test
    void saysHowManyWereNotSaid() {
        assertEquals("", LogLimit.suppressed(0));
        assertEquals(" (suppressed 17 like this)", LogLimit.suppressed(17));
    }
}
