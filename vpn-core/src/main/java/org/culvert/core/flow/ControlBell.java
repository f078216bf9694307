package org.culvert.core.flow;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How the data path tells the control side that a message waits: a flag and an unpark, without lock or allocation, once for any number
 * of messages. One waiting thread.
 */
public final class ControlBell {
    private volatile boolean rung;
    private volatile @Nullable Thread waiting;

    /** Any thread. */
    public void ring() {
        if (!rung) {
            rung = true;
            LockSupport.unpark(waiting);
        }
    }

    /** Waits until the bell has rung, and takes that back. Returns early when the thread is interrupted. */
    public void await() {
        waiting = Thread.currentThread();
        while (!rung && !Thread.currentThread().isInterrupted()) {
            LockSupport.park(this);
        }
        rung = false;
    }

    /** The same, but not longer than so many nanoseconds. */
    public void await(long longestNs) {
        waiting = Thread.currentThread();
        if (!rung) {
            LockSupport.parkNanos(this, longestNs); // early for no reason does no harm here
        }
        rung = false;
    }
}
