package org.culvert.core.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int LAST = History.SLOTS - 1;

    private final History history = new History();

    @Test
    void turnsCountersIntoRates() {
        add(100, 1_000, 5_000, 1.5f);
        add(110, 2_000, 5_500, 2.5f);
        History.Series series = history.of("osaka");
        assertEquals(800, series.sent()[LAST]);
        assertEquals(400, series.received()[LAST]);
        assertEquals(2.5f, series.rttMs()[LAST]);
        assertTrue(Float.isNaN(series.sent()[LAST - 1]), "the first sample has no rate");
    }

    @Test
    void keepsAnHourAndNotMore() {
        for (int i = 0; i <= History.SLOTS + 7; i++) {
            add(i, 125L * i * i, 0, i);
        }
        History.Series series = history.of("osaka");
        assertEquals(History.SLOTS, series.sent().length);
        assertEquals(History.SLOTS + 7, series.rttMs()[LAST]);
        assertEquals(8, series.rttMs()[0]);
        assertEquals(15_000, series.sent()[0], 1);
    }

    /** A peer taken out and put back begins with new counters. */
    @Test
    void neverShowsANegativeRate() {
        add(100, 1_000, 0, 1);
        add(110, 10, 0, 1);
        assertEquals(0, history.of("osaka").sent()[LAST]);
    }

    @Test
    void forgetsPeersThatAreGone() {
        add(100, 1, 1, 1);
        history.add(List.of(new History.Sample("kyoto", 1, 1, 1)), 110 * SECOND);
        assertEquals(List.of("kyoto"), history.peers());
        assertTrue(Float.isNaN(history.of("osaka").sent()[LAST]));
    }

    private void add(long seconds, long sent, long received, float rttMs) {
        history.add(List.of(new History.Sample("osaka", sent, received, rttMs)), seconds * SECOND);
    }
}
