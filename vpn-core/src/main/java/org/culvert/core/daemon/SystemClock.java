package org.culvert.core.daemon;

import java.time.Instant;
import org.culvert.core.flow.Clock;
import org.culvert.core.wire.SkipTime;

/** The machine's clocks. */
final class SystemClock implements Clock {
    private static final long EPOCH_1995_MS = 788_918_400_000L;

    /**
     * From milliseconds: {@link Instant#now} would allocate on the data path, and the time in a packet only has to tell old from
     * new within seconds.
     */
    @Override
    public long ticks() {
        long sinceMs = System.currentTimeMillis() - EPOCH_1995_MS;
        return sinceMs / 1000 * SkipTime.TICKS_PER_SECOND + sinceMs % 1000 * SkipTime.TICKS_PER_SECOND / 1000;
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }
}
