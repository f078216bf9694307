package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The descriptor watched is another eventfd, because anybody can make one readable. */
final class WakeupTest {
    private final int watched = LibC.eventfd(0, LibC.O_NONBLOCK);
    private final Region one = new Region(8);
    private Wakeup wakeup;

    @BeforeEach
    void open() throws SystemCallException {
        wakeup = Wakeup.open(watched);
        OffHeap.putNativeI64(one.address(), 1);
    }

    @AfterEach
    void close() {
        wakeup.close();
        LibC.close(watched);
        one.close();
    }

    /** Were it not, every later wait would return at once and the idle thread would spin. */
    @Test
    void aWakeIsSpentByOneWait() throws InterruptedException {
        wakeup.wake();
        wakeup.wake();
        assertFalse(wakeup.awaitReadable(-1));
        Thread writer = new Thread(() -> LibC.write(watched, one.address(), 8));
        writer.start();
        assertTrue(wakeup.awaitReadable(-1), "the wait lasted until there was something to read");
        writer.join();
    }

    @Test
    void tellsReadableAndWokenApart() {
        assertFalse(wakeup.awaitReadable(0));
        LibC.write(watched, one.address(), 8);
        assertTrue(wakeup.awaitReadable(-1));
        assertTrue(wakeup.awaitReadable(-1), "nobody read it");
        wakeup.wake();
        assertTrue(wakeup.awaitReadable(-1), "both");
    }

    /** The number of a closed descriptor belongs to whoever opens next; a late wake would write into it. */
    @Test
    void aWakeAfterCloseReachesNobody() {
        wakeup.close();
        int[] next = new int[8];
        for (int i = 0; i < next.length; i++) {
            next[i] = LibC.eventfd(0, LibC.O_NONBLOCK);
        }
        wakeup.wake();
        for (int fd : next) {
            assertTrue(LibC.read(fd, one.address(), 8) < 0, "nothing was written to descriptor " + fd);
            LibC.close(fd);
        }
    }
}
