package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Asserts that something allocates nothing on the Java heap, once it has run often enough to be loaded and linked. */
final class Allocation {
    private static final int CALLS = 5_000;

    /** The compiler runs beside us and, on a busy machine, late; until then an object it would remove is made. */
    private static final long PATIENCE_NS = 20_000_000_000L;

    private Allocation() {}

    static void assertNone(String what, Runnable call) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        long start = System.nanoTime();
        while (allocated != 0 && System.nanoTime() - start < PATIENCE_NS) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                call.run();
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertEquals(0, allocated, what + ": bytes allocated in " + CALLS + " calls");
    }
}
