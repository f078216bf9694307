package org.culvert.core.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for what must become true, never for time to pass. */
public final class Await {
    private static final int POLL_MS = 10;

    private Await() {}

    /**
     * Asks until the answer is yes.
     *
     * @param what completes "did not happen within 10 s: "
     * @throws IOException when it did not become true in time
     */
    public static void until(String what, Duration longest, Callable<Boolean> condition) throws Exception {
        long deadlineNs = System.nanoTime() + longest.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IOException("did not happen within %d s: %s".formatted(longest.toSeconds(), what));
            }
            Thread.sleep(POLL_MS);
        }
    }
}
