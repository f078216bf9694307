package org.culvert.core.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SkipTimeTest {
    @Test
    void countsFromTheFirstMomentOf1995() {
        assertEquals(0, SkipTime.ticks(Instant.parse("1995-01-01T00:00:00Z")));
        assertEquals(32_768L * 61, SkipTime.ticks(Instant.parse("1995-01-01T00:01:01Z")));
        assertEquals(1, SkipTime.ticks(Instant.parse("1995-01-01T00:00:00.000030518Z")));
        assertEquals(0, SkipTime.ticks(Instant.parse("1995-01-01T00:00:00.000030517Z")));
    }

    @Test
    void splitsIntoWholeHoursAndTheRest() {
        long ticks = SkipTime.ticks(Instant.parse("2026-03-04T05:06:07.5Z"));
        assertEquals(273_245, SkipTime.hour(ticks));
        assertEquals((6 * 60 + 7) * 32_768 + 16_384, SkipTime.timeInHour(ticks));
        assertEquals(ticks, SkipTime.ticks(273_245, (6 * 60 + 7) * 32_768 + 16_384));
    }

    @Test
    void theHourChangesWithItsFirstTick() {
        assertEquals(6, SkipTime.hour(SkipTime.ticks(7, 0) - 1));
        assertEquals(117_964_799, SkipTime.timeInHour(SkipTime.ticks(7, 0) - 1));
        assertEquals(7, SkipTime.hour(SkipTime.ticks(7, 0)));
        assertEquals(0, SkipTime.timeInHour(SkipTime.ticks(7, 0)));
    }

    @Test
    void aClockBefore1995StillHasAnHourAndATimeInIt() {
        long ticks = SkipTime.ticks(Instant.parse("1994-12-31T23:59:59Z"));
        assertEquals(-1, SkipTime.hour(ticks));
        assertEquals(3599 * 32_768, SkipTime.timeInHour(ticks));
        assertEquals(Instant.parse("1994-12-31T23:59:59Z"), SkipTime.instant(ticks));
        assertEquals(0, SkipTime.firstCount(Instant.EPOCH));
    }

    @Test
    void aTicksInstantIsInThatTick() {
        long seed = 0x5eed_0001L;
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            long ticks = random.nextLong(-(1L << 45), 1L << 45);
            assertEquals(ticks, SkipTime.ticks(SkipTime.instant(ticks)), "seed " + seed + " ticks " + ticks);
        }
    }

    @Test
    void firstCountIsTheClockInUnitsOf100Nanoseconds() {
        assertEquals(0, SkipTime.firstCount(Instant.parse("1995-01-01T00:00:00.000000099Z")));
        assertEquals(10_000_012L, SkipTime.firstCount(Instant.parse("1995-01-01T00:00:01.000001299Z")));
    }
}
