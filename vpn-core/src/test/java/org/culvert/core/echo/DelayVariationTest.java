package org.culvert.core.echo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DelayVariationTest {
    private static final long SECOND = 32_768;

    /** Clocks that differ by hours make no difference, only what changes does. */
    @Test
    void steadyDelayDoesNotVaryWhateverTheClocks() {
        DelayVariation variation = new DelayVariation();
        for (int i = 0; i < 50; i++) {
            variation.record(i * 5 * SECOND, i * 5 * SECOND + 4_000 * SECOND + 77);
        }
        assertEquals(0, variation.us());
    }

    @Test
    void delayThatSwingsByAMillisecondVariesByAMillisecond() {
        DelayVariation variation = new DelayVariation();
        for (int i = 0; i < 200; i++) {
            variation.record(i * SECOND, i * SECOND + 500 + (i % 2 == 0 ? 33 : 0));
        }
        assertEquals(1_007, variation.us(), 2);
    }

    @Test
    void clockThatIsSetIsNoDelay() {
        DelayVariation variation = new DelayVariation();
        variation.record(0, 100);
        variation.record(SECOND, 4_000 * SECOND);
        variation.record(2 * SECOND, 4_001 * SECOND);
        assertTrue(variation.us() < 10, variation.us() + " us");
    }
}
