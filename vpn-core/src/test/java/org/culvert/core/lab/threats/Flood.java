package org.culvert.core.lab.threats;

import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.culvert.core.demo.Await;

/** Somebody sends as fast as one thread can, until it is enough. */
final class Flood implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int RUNNING = 20_000;

    /** What he sends, one after the other. */
    interface Shots {
        void send(long number) throws Exception;
    }

    private final AtomicLong sent = new AtomicLong();
    private final AtomicBoolean enough = new AtomicBoolean();
    private final FutureTask<Void> work;
    private final Thread thread;

    private Flood(Shots shots) {
        work = new FutureTask<>(() -> {
            while (!enough.get()) {
                shots.send(sent.get());
                sent.incrementAndGet();
            }
            return null;
        });
        thread = Thread.ofPlatform().daemon().name("flood").start(work);
    }

    /** Returns when it is in full course. */
    static Flood of(Shots shots) throws Exception {
        Flood flood = new Flood(shots);
        Await.until("the flood runs", SOON, () -> flood.work.isDone() || flood.sent.get() > RUNNING);
        return flood;
    }

    /** Ends it. @return how many were sent */
    long end() throws Exception {
        enough.set(true);
        work.get();
        return sent.get();
    }

    /** What it sends with may be closed afterwards. */
    @Override
    public void close() {
        enough.set(true);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
