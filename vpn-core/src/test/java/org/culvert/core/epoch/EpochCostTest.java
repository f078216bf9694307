package org.culvert.core.epoch;

import static org.culvert.core.epoch.TwoEnds.MS;
import static org.culvert.core.epoch.TwoEnds.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What doc/forward-secrecy.md says an epoch costs on the wire, counted over a hundred changes of both sides of a link in use. */
class EpochCostTest {
    private static final int CHANGES = 100;

    @Test
    void classical() throws Exception {
        assertDocumented("| classical |", 0);
    }

    @Test
    void withMlKem() throws Exception {
        assertDocumented("| with ML-KEM-768 |", Core.ML_KEM);
    }

    private static void assertDocumented(String row, int capabilities) throws Exception {
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
        String cost = String.format(
                Locale.ROOT,
                "%s %.1f | %.0f |",
                row,
                1.0 * (said(ends) - messages) / epochs,
                1.0 * (ends.a.saidBytes + ends.b.saidBytes - bytes) / epochs);
        assertTrue(Files.readString(Path.of("doc/forward-secrecy.md")).contains(cost), cost);
        assertTrue(ends.a.made + ends.b.made - made <= 2 * epochs, "a pair on each side at most");
        assertTrue(epochs >= 2 * CHANGES - 2);
        assertEquals(0, ends.a.refusedForKey + ends.b.refusedForKey);
    }

    private static int said(TwoEnds ends) {
        return ends.a.saidInAll + ends.b.saidInAll;
    }
}
