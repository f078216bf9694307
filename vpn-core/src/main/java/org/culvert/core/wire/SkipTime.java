package org.culvert.core.wire;

import java.time.Instant;

/**
 * Time as SKIP counts it: from 1995-01-01T00:00Z, like Unix without leap seconds. A "tick" is 1/32768 s; 27 bits of them
 * hold an hour, which is why the wire has the hour in the keys and only the rest in each packet. Clocks before 1995
 * (a board without a battery) give negative hours, not wrong ones.
 */
public final class SkipTime {
    public static final int TICKS_PER_SECOND = 32_768;
    public static final int TICKS_PER_HOUR = 3_600 * TICKS_PER_SECOND;

    /** 1995-01-01T00:00Z in Unix time. */
    private static final long EPOCH_SECONDS = 788_918_400L;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private SkipTime() {}

    public static long ticks(Instant instant) {
        return ticks(instant.getEpochSecond(), instant.getNano());
    }

    /** The tick that Unix time is in; {@code nanos} is 0 to 999,999,999. */
    public static long ticks(long epochSeconds, int nanos) {
        return (epochSeconds - EPOCH_SECONDS) * TICKS_PER_SECOND + nanos * (long) TICKS_PER_SECOND / NANOS_PER_SECOND;
    }

    /** SKIP's counter n: whole hours. */
    public static int hour(long ticks) {
        return (int) Math.floorDiv(ticks, (long) TICKS_PER_HOUR);
    }

    /** What the inner word carries: 0 to {@link #TICKS_PER_HOUR} - 1. */
    public static int timeInHour(long ticks) {
        return (int) Math.floorMod(ticks, (long) TICKS_PER_HOUR);
    }

    /** The moment {@code time} ticks into hour {@code hour}: how a receiver puts both halves together again. */
    public static long ticks(int hour, int time) {
        return hour * (long) TICKS_PER_HOUR + time;
    }

    /** The first nanosecond of that tick, so that {@link #ticks(Instant)} of it is the same tick again. */
    public static Instant instant(long ticks) {
        long seconds = Math.floorDiv(ticks, (long) TICKS_PER_SECOND);
        long rest = Math.floorMod(ticks, (long) TICKS_PER_SECOND);
        return Instant.ofEpochSecond(EPOCH_SECONDS + seconds, Math.ceilDiv(rest * NANOS_PER_SECOND, TICKS_PER_SECOND));
    }

    /**
     * The first packet number's count after a start: the clock in units of 100 ns, so that a restarted sender begins above
     * everything it sent before, having sent fewer than ten million packets per second.
     */
    public static long firstCount(Instant start) {
        long units = (start.getEpochSecond() - EPOCH_SECONDS) * 10_000_000L + start.getNano() / 100;
        return Math.max(0, units);
    }
}
