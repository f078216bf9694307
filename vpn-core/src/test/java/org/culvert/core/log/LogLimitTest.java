package org.culvert.core.log;

import static org.culvert.core.log.LogLimit.REFUSED;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogLimitTest {
    private static final long SECOND = 1_000_000_000L;

    private static final String NAME = "peer {} has another name";
    private static final String NETWORK = "peer {} has another network";

    private final LogLimit limit = new LogLimit();

    /** nanoTime may be anything, and overflow while we run. */
    @ParameterizedTest
    @ValueSource(longs = {0, 7_000_000_123L, -3, Long.MAX_VALUE - 1, Long.MIN_VALUE})
    void passesABurstThenOneASecond(long start) {
        for (int i = 0; i < LogLimit.BURST; i++) {
            assertEquals(0, limit.admit(NAME, start), "line " + i);
        }
        assertEquals(REFUSED, limit.admit(NAME, start));
        assertEquals(REFUSED, limit.admit(NAME, start + SECOND - 1));
        assertEquals(2, limit.admit(NAME, start + SECOND));
        assertEquals(REFUSED, limit.admit(NAME, start + SECOND));
        assertEquals(1, limit.admit(NAME, start + 2 * SECOND));
    }

    @Test
    void fillsUpToTheBurstAgainAndNotMore() {
        for (int i = 0; i < LogLimit.BURST + 4; i++) {
            limit.admit(NAME, 0);
        }
        long later = 3600 * SECOND;
        assertEquals(4, limit.admit(NAME, later));
        for (int i = 1; i < LogLimit.BURST; i++) {
            assertEquals(0, limit.admit(NAME, later), "line " + i);
        }
        assertEquals(REFUSED, limit.admit(NAME, later));
    }

    @Test
    void countsEachReasonForItself() {
        for (int i = 0; i < LogLimit.BURST + 4; i++) {
            limit.admit(NAME, 0);
        }
        assertEquals(0, limit.admit(NETWORK, 0));
    }

    @Test
    void neverRemembersMoreKindsThanItHasRoomFor() {
        for (int i = 0; i < LogLimit.MOST_KINDS; i++) {
            assertEquals(0, limit.admit("kind " + i, 0));
        }
        for (int i = 0; i < LogLimit.BURST; i++) {
            assertEquals(0, limit.admit("another kind " + i, 0), "all others together have one burst");
        }
        assertEquals(REFUSED, limit.admit("one more kind", 0));
        assertEquals(0, limit.admit("kind 7", 0), "known kinds keep theirs");
    }

    @Test
    void saysHowManyWereNotSaid() {
        assertEquals("", LogLimit.suppressed(0));
        assertEquals(" (suppressed 17 like this)", LogLimit.suppressed(17));
    }
}
