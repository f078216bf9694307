package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Asserts that something allocates nothing on the Java heap, once it has run often enough to be loaded and linked. */
final class Allocation {
    private static final int CALLS = 5_000;

    /** The compiler runs beside us and, on a busy machine, late; until then an object it would remove is made. */
    private static final int ROUNDS = 400;

    private Allocation() {}

    static void assertNone(String what, Runnable call) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && allocated != 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                call.run();
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertEquals(0, allocated, what + ": bytes allocated in " + CALLS + " calls");
    }
}
