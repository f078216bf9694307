package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

final class SystemRandomTest {
    @Test
    void fillsAllOfItAndNothingElse() {
        try (Region region = new Region(2048)) {
            long a = region.address();
            SystemRandom.fill(a + 8, 2000);
            assertEquals(0, OffHeap.i64(a));
            assertEquals(0, OffHeap.i64(a + 2008));
            long first = OffHeap.i64(a + 8);
            for (int at = 16; at < 2008; at += 8) {
                assertNotEquals(first, OffHeap.i64(a + at));
                assertNotEquals(0, OffHeap.i64(a + at), "8 bytes of zeros, once in 2^64");
            }
            SystemRandom.fill(a + 8, 2000);
            assertNotEquals(first, OffHeap.i64(a + 8));
            SystemRandom.fill(a, 0);
            assertEquals(0, OffHeap.i64(a));
        }
    }

    /** Never a weaker answer: an address nobody mapped makes getrandom fail. */
    @Test
    void throwsWhenTheSystemCallFails() {
        IllegalStateException e = assertThrows(IllegalStateException.class, () -> SystemRandom.fill(16, 32));
        assertTrue(e.getMessage().contains("getrandom: bad address"), e.getMessage());
    }

    @Test
    void allocatesNothing() {
        try (Region region = new Region(2048)) {
            Allocation.assertNone("fill", () -> SystemRandom.fill(region.address(), 704));
        }
    }
}
