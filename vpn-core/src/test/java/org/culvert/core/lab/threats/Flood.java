package org.culvert.core.lab.threats;

import java.time.Duration;
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
    private final Meanwhile<Long> work;

    private Flood(Shots shots) {
        work = new Meanwhile<>("flood", enough -> {
            while (!enough.getAsBoolean()) {
                shots.send(sent.get());
                sent.incrementAndGet();
            }
            return sent.get();
        });
    }

    /** Returns when it is in full course. */
    static Flood of(Shots shots) throws Exception {
        Flood flood = new Flood(shots);
        Await.until("the flood runs", SOON, () -> flood.work.isDone() || flood.sent.get() > RUNNING);
        return flood;
    }

    /** Ends it. @return how many were sent */
    long end() throws Exception {
        return work.end();
    }

    /** What it sends with may be closed afterwards. */
    @Override
    public void close() {
        work.close();
    }
}
