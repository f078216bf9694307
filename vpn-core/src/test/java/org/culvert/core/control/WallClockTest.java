package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WallClockTest {
    private static final Instant WALL = Instant.parse("2026-07-19T10:20:30.456Z");
    private static final long NS = 77_123_456_789L;

    @ParameterizedTest
    @CsvSource({
        "PT1S, PT1S, PT0S", // as it should be
        "PT1.9S, PT1S, PT0S", // slewed by NTP
        "PT0.1S, PT1S, PT0S",
        "PT31S, PT1S, PT30S",
        "PT-2H1S, PT1S, PT-2H",
        "PT240H1S, PT1S, PT240H",
        "PT30S, PT30S, PT0S" // the thread was late, the clock was not
    })
    void tellsAStepFromTheCourseOfTime(Duration wall, Duration monotonic, Duration step) {
        WallClock clock = new WallClock(WALL, NS);
        assertEquals(step, clock.step(WALL.plus(wall), NS + monotonic.toNanos()));
    }

    @Test
    void tellsEachStepOnce() {
        WallClock clock = new WallClock(WALL, NS);
        clock.step(WALL.plusSeconds(3600), NS);
        assertEquals(Duration.ZERO, clock.step(WALL.plusSeconds(3601), NS + 1_000_000_000L));
    }
}
