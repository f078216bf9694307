package org.culvert.core.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** WireGuard's table of cases (selftest/counter.c), for a window of 8192, and a slow model. */
class ReplayWindowTest {
    private static final long W = ReplayWindow.USABLE;
    private static final long LIMIT = 1L << 60; // the first number that 60 bits cannot hold

    private ReplayWindow window = new ReplayWindow();

    @BeforeEach
    void newWindow() {
        window = new ReplayWindow();
    }

    @Test
    void theWindowIsAllButOneBlockOfTheBitmap() {
        assertEquals(8192 - 64, W);
    }

    @Test
    void theTableOfCases() {
        accept(0);
        accept(1);
        refuse(1);
        accept(9);
        accept(8);
        accept(7);
        refuse(7);
        accept(W + 1);
        accept(W);
        refuse(W);
        accept(W - 1);
        accept(W - 2);
        accept(2);
        refuse(2);
        accept(W + 17);
        refuse(3);
        refuse(W + 17);
        accept(4 * (W + 1));
        accept(4 * (W + 1) - W);
        refuse(4 * (W + 1) - (W + 1));
        accept(4 * (W + 1) - (W - 1));
        accept(4 * (W + 1) + 1);
        refuse(4 * (W + 1) - W);
        refuse(0);
    }

    @Test
    void theLastNumbersThatSixtyBitsHold() {
        accept(LIMIT - 1);
        refuse(LIMIT - 1);
        accept(LIMIT - 2);
        refuse(LIMIT - 1);
        accept(LIMIT - 3);
        refuse(LIMIT - 2);
        accept(LIMIT - 1 - W);
        refuse(LIMIT - 2 - W);
        refuse(0);
    }

    @Test
    void sweepsUpOverAWholeWindow() {
        for (long i = 1; i <= W; i++) {
            accept(i);
        }
        accept(0);
        refuse(0);
    }

    @Test
    void sweepsUpFromOneBelow() {
        for (long i = 2; i <= W + 1; i++) {
            accept(i);
        }
        accept(1);
        refuse(0);
    }

    @Test
    void sweepsDownOverAWholeWindow() {
        for (long i = W; i >= 0; i--) {
            accept(i);
        }
        refuse(W);
        refuse(0);
    }

    @Test
    void sweepsDownPastTheEndOfTheWindow() {
        for (long i = W + 1; i >= 1; i--) {
            accept(i);
        }
        refuse(0);
    }

    @Test
    void sweepsDownAndThenOneUp() {
        for (long i = W; i >= 1; i--) {
            accept(i);
        }
        accept(W + 1);
        refuse(0);
    }

    @Test
    void sweepsDownAndThenOneUpInTheOtherOrder() {
        for (long i = W; i >= 1; i--) {
            accept(i);
        }
        accept(0);
        accept(W + 1);
    }

    @Test
    void lookingChangesNothing() {
        accept(100);
        for (int i = 0; i < 3; i++) {
            assertFalse(window.isSeen(101));
            assertFalse(window.isSeen(LIMIT - 1));
            assertFalse(window.isSeen(99));
            assertTrue(window.isSeen(100));
        }
        assertEquals(100, window.highest());
        accept(99);
    }

    @Test
    void knowsTheHighest() {
        assertEquals(-1, window.highest());
        accept(77);
        accept(5);
        assertEquals(77, window.highest());
        refuse(77);
        accept(78);
        assertEquals(78, window.highest());
    }

    /** Every jump lands on every bit of a block, so that an error of one in clearing would show. */
    @Test
    void jumpsOfEverySizeForgetNothingAndInventNothing() {
        for (long jump = 1; jump <= 2 * ReplayWindow.BITS + 130; jump += jump < 300 ? 1 : 61) {
            newWindow();
            accept(1000);
            accept(1000 + jump);
            for (long number = Math.max(1001, 1000 + jump - W); number < 1000 + jump; number++) {
                assertFalse(window.isSeen(number), "jump " + jump + ", number " + number);
            }
            assertTrue(window.isSeen(1000), "jump " + jump);
        }
    }

    @Test
    void agreesWithASetOfNumbers() {
        for (long seed = 1; seed <= 60; seed++) {
            Random random = new Random(seed);
            newWindow();
            Set<Long> seen = new HashSet<>();
            long highest = random.nextLong(LIMIT / 2);
            long start = highest;
            for (int i = 0; i < 20_000; i++) {
                long number = Math.max(0, next(random, highest));
                boolean fresh = !seen.contains(number) && (seen.isEmpty() || number >= highest - W);
                assertEquals(!fresh, window.isSeen(number), "seed " + seed + ", step " + i);
                assertEquals(fresh, window.mark(number), "seed " + seed + ", step " + i);
                if (fresh) {
                    seen.add(number);
                    highest = seen.size() == 1 ? number : Math.max(highest, number);
                }
            }
            assertTrue(highest > start);
        }
    }

    /** Mostly onwards and a little disorder; now and then a leap, or something from the edge of the window. */
    private static long next(Random random, long highest) {
        return switch (random.nextInt(20)) {
            case 0 -> highest + random.nextLong(3 * ReplayWindow.BITS);
            case 1 -> highest - W + random.nextLong(-3, 4);
            case 2, 3, 4 -> highest - random.nextLong(W + 200);
            case 5, 6, 7, 8 -> highest - random.nextLong(100);
            default -> highest + random.nextLong(3);
        };
    }

    private void accept(long number) {
        assertTrue(window.mark(number), "number " + number);
    }

    private void refuse(long number) {
        assertTrue(window.isSeen(number), "number " + number);
        assertFalse(window.mark(number), "number " + number);
    }
}
