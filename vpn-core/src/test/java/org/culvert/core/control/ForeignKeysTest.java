package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** When a peer is said to send under keys that we do not have. */
class ForeignKeysTest {
    private static final long START_NS = -7_000_000_000L;

    private final ForeignKeys keys = new ForeignKeys();

    private static long at(int seconds) {
        return START_NS + seconds * 1_000_000_000L;
    }

    private void seenAt(int... seconds) {
        for (int second : seconds) {
            keys.seen(at(second));
        }
    }

    @Test
    void aPeerThatIsNeverUnderstoodIsNamed() {
        seenAt(0, 1, 3);
        assertFalse(keys.any(at(3)), "a restart looks like this, too");
        seenAt(7);
        assertTrue(keys.any(at(7)));
        assertTrue(keys.any(at(70)), "it says its piece every 32 s at last");
    }

    @Test
    void twoDatagramsAreNotEnough() {
        seenAt(0, 20);
        assertFalse(keys.any(at(20)));
    }

    @Test
    void oneThatIsUnderstoodMeanwhileIsNot() {
        seenAt(0, 3, 6);
        keys.heard(at(2));
        assertFalse(keys.any(at(6)));
        seenAt(8, 10);
        assertFalse(keys.any(at(10)), "counted anew");
    }

    @Test
    void whatWasHeardBeforeSaysNothing() {
        seenAt(10, 13, 16);
        keys.heard(at(9));
        assertTrue(keys.any(at(16)));
    }

    @Test
    void itIsForgottenWhenItEnds() {
        seenAt(0, 3, 6);
        assertFalse(keys.any(at(77)));
        seenAt(78);
        assertFalse(keys.any(at(78)), "begun anew");
    }
}
