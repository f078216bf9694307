package org.culvert.core.lab.threats;

import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** What somebody does in a thread of his own until it is enough. */
final class Meanwhile<T> implements AutoCloseable {
    private final AtomicBoolean enough = new AtomicBoolean();
    private final FutureTask<T> work;
    private final Thread thread;

    interface Work<T> {
        T until(BooleanSupplier enough) throws Exception;
    }

    Meanwhile(String name, Work<T> what) {
        work = new FutureTask<>(() -> what.until(enough::get));
        thread = Thread.ofPlatform().daemon().name(name).start(work);
    }

    /** Whether it has ended, perhaps by itself and in vain: {@link #end} says why. */
    boolean isDone() {
        return work.isDone();
    }

    /** @return what came of it */
    T end() throws Exception {
        enough.set(true);
        return work.get();
    }

    /** What it works with may be closed afterwards. */
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
