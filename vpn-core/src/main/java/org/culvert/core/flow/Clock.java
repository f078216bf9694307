package org.culvert.core.flow;

/** The two clocks of the data path, injected: read once per batch. */
public interface Clock {
    /** Wall clock in 1/32768 s since 1995-01-01T00:00Z. */
    long ticks();

    /** Monotonic clock, ns. */
    long nanoTime();
}
