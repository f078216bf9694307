package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class PacketCostTest {
    private final PacketCost cost = new PacketCost();
    private long nowNs = 7_000_000_123L;

    private final Clock clock = new Clock() {
        @Override
        public long ticks() {
            return 0;
        }

        @Override
        public long nanoTime() {
            return nowNs;
        }
    };

    @Test
    void dividesTheTimeToTheNextBatchByItsPackets() {
        batch(40);
        nowNs += 40 * 900;
        batch(1);
        Histogram total = cost.total();
        assertEquals(1, total.getTotalCount());
        assertEquals(900, total.getMaxValue(), 9);
    }

    @Test
    void countsNoTimeSpentWaiting() {
        batch(2);
        nowNs += 2 * 5_000;
        cost.waits(clock);
        nowNs += 60_000_000_000L;
        cost.waits(clock);
        batch(1);
        assertEquals(1, cost.total().getTotalCount());
        assertEquals(5_000, cost.total().getMaxValue(), 50);
    }

    @Test
    void neverForgetsAndNeverFails() {
        batch(1);
        nowNs += 3_600_000_000_000L; // a machine that slept
        batch(1);
        nowNs -= 5;
        batch(0);
        nowNs += 5;
        cost.waits(clock);
        assertEquals(2, cost.total().getTotalCount());
        assertEquals(2, cost.total().getTotalCount());
    }

    private void batch(int packets) {
        cost.batchBegins(nowNs);
        cost.batchHad(packets);
    }
}
