package org.culvert.core.control;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.LongConsumer;

/** The control thread, which says when it is at work: a receiving thread does not wait for one that has been for long. */
final class ControlThread extends ScheduledThreadPoolExecutor {
    private final LongConsumer begins;
    private final Runnable ends;

    /**
     * @param begins called on it before each task, with the monotonic time
     * @param ends called on it after each
     */
    ControlThread(LongConsumer begins, Runnable ends) {
        super(1, Thread.ofPlatform().name("control").factory());
        this.begins = begins;
        this.ends = ends;
    }

    @Override
    protected void beforeExecute(Thread thread, Runnable task) {
        begins.accept(System.nanoTime());
    }

    @Override
    protected void afterExecute(Runnable task, Throwable thrown) {
        ends.run();
    }
}
