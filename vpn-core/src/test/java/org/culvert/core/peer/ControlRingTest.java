package org.culvert.core.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControlRingTest {
    private static boolean offer(ControlRing ring, int value) {
        ControlRing.Slot slot = ring.claim();
        if (slot == null) {
            return false;
        }
        slot.messageBytes = value;
        ring.offer(slot);
        return true;
    }

    @Test
    void givesMessagesInOrderAndHasNoRoomWhenFull() {
        ControlRing ring = new ControlRing(4);
        for (int round = 0; round < 5; round++) {
            assertNull(ring.peek());
            for (int i = 0; i < 4; i++) {
                assertEquals(true, offer(ring, 10 * round + i));
            }
            assertNull(ring.claim(), "a fifth of four");
            for (int i = 0; i < 4; i++) {
                ControlRing.Slot slot = ring.peek();
                assertNotNull(slot);
                assertEquals(10 * round + i, slot.messageBytes);
                ring.release(slot);
            }
        }
    }

    @Test
    void whatIsClaimedIsNotSeenBeforeItIsOffered() {
        ControlRing ring = new ControlRing(2);
        ControlRing.Slot slot = ring.claim();
        assertNotNull(slot);
        assertNull(ring.peek());
        ring.offer(slot);
        assertNotNull(ring.peek());
    }

    @Test
    void sizeIsAPowerOfTwo() {
        assertThrows(IllegalArgumentException.class, () -> new ControlRing(6));
    }

    /** Two receiving threads offer, one takes: each message once, in each offerer's order. */
    @Test
    void losesAndDoublesNothingBetweenThreads() throws InterruptedException {
        ControlRing ring = new ControlRing(8);
        int each = 20_000;
        List<Thread> threads = new ArrayList<>();
        for (int offerer = 0; offerer < 2; offerer++) {
            int number = offerer;
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < each; i++) {
                    while (!offer(ring, number * each + i)) {
                        Thread.yield();
                    }
                }
            }));
        }
        int[] next = {0, each};
        for (int taken = 0; taken < 2 * each; ) {
            ControlRing.Slot slot = ring.peek();
            if (slot == null) {
                Thread.yield();
                continue;
            }
            int offerer = slot.messageBytes / each;
            assertEquals(next[offerer]++, slot.messageBytes);
            ring.release(slot);
            taken++;
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertNull(ring.peek());
    }
}
