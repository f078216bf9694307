package org.culvert.core.control;

import java.time.Duration;
import java.time.Instant;

/**
 * Compares the wall clock with the monotonic one and notices when somebody sets it. Control thread.
 */
final class WallClock {
    /** A step this large is an event; less is NTP slewing, and rounding. */
    private static final Duration STEP = Duration.ofSeconds(1);

    private Instant lastWall;
    private long lastNs;

    WallClock(Instant wall, long nowNs) {
        this.lastWall = wall;
        this.lastNs = nowNs;
    }

    /** How far the wall clock was set since the last call: positive forward; zero when it ran as it should. */
    Duration step(Instant wall, long nowNs) {
        Duration expected = Duration.ofNanos(nowNs - lastNs);
        Duration step = Duration.between(lastWall, wall).minus(expected);
        lastWall = wall;
        lastNs = nowNs;
        return step.abs().compareTo(STEP) > 0 ? step : Duration.ZERO;
    }
}
