package org.culvert.core.epoch;

import static org.culvert.core.epoch.TwoEnds.MS;
import static org.culvert.core.epoch.TwoEnds.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What doc/forward-secrecy.md says a change of epoch costs on the wire, counted over a hundred changes of a link in use. */
class EpochCostTest {
    private static final int CHANGES = 100;

    @Test
    void classical() {
        cost("classical", 0);
    }

    @Test
    void withMlKem() {
        cost("with ML-KEM", Core.ML_KEM);
    }

    private static void cost(String what, int capabilities) {
        Terms terms = new Terms(Mode.REQUIRED, capabilities, 1);
        long epochNs = 60 * SECOND;
        TwoEnds ends = new TwoEnds(3, terms, terms, epochNs);
        ends.run(20 * SECOND, 100 * MS);
        int messages = said(ends);
        long bytes = ends.a.saidBytes + ends.b.saidBytes;
        int made = ends.a.made + ends.b.made;
        int begun = ends.a.epochs.newest().serial() + ends.b.epochs.newest().serial();
        ends.run(CHANGES * (epochNs - ends.a.epochs.leadNs()), 100 * MS);
        int epochs = ends.a.epochs.newest().serial() + ends.b.epochs.newest().serial() - begun;
        System.out.printf(
                "%s: %d epochs, %.2f messages, %.0f bytes, %.2f pairs made each%n",
                what,
                epochs,
                1.0 * (said(ends) - messages) / epochs,
                1.0 * (ends.a.saidBytes + ends.b.saidBytes - bytes) / epochs,
                1.0 * (ends.a.made + ends.b.made - made) / epochs);
        assertTrue(epochs >= 2 * CHANGES - 2);
        assertEquals(0, ends.a.refusedForKey + ends.b.refusedForKey);
    }

    private static int said(TwoEnds ends) {
        return ends.a.saidInAll + ends.b.saidInAll;
    }
}
