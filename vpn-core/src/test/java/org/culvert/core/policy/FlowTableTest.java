package org.culvert.core.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FlowTableTest {
    private static final int NOW = Integer.MAX_VALUE - 50; // the clock wraps while the test runs

    private static long note(int lifeS, int rule) {
        return FlowNote.of(NOW + lifeS, rule, FlowNote.ASKED);
    }

    @Test
    void findsWhatWasAddedUntilItsEnd() {
        FlowTable table = new FlowTable(64);
        table.add(0x7001, NOW, note(90, 3));
        assertEquals(3, FlowNote.rule(table.find(0x7001, NOW + 89)));
        assertEquals(FlowTable.NONE, table.find(0x7001, NOW + 90));
        assertEquals(FlowTable.NONE, table.find(0x7002, NOW));
    }

    @Test
    void keepsAFlowAliveByANewNote() {
        FlowTable table = new FlowTable(64);
        table.add(0x7001, NOW, note(90, 3));
        assertTrue(table.note(0x7001, NOW + 80, note(400, 3)));
        assertEquals(3, FlowNote.rule(table.find(0x7001, NOW + 399)));
        assertFalse(table.note(0x7001, NOW + 400, note(900, 3)), "it has ended, and does not come back");
    }

    @Test
    void fullBucketGivesUpTheFlowThatWouldEndFirst() {
        FlowTable table = new FlowTable(8); // one bucket
        for (int i = 0; i < 8; i++) {
            table.add(100 + i, NOW, note(i == 5 ? 10 : 50 + i, 1));
        }
        assertEquals(0, table.evicted());
        table.add(200, NOW + 1, note(70, 2));
        assertEquals(1, table.evicted());
        assertEquals(FlowTable.NONE, table.find(105, NOW + 1));
        assertEquals(8, table.living(NOW + 1));
        assertEquals(2, FlowNote.rule(table.find(200, NOW + 1)));
    }

    @Test
    void takesTheSlotOfWhatHasEndedWithoutCountingIt() {
        FlowTable table = new FlowTable(8);
        for (int i = 0; i < 8; i++) {
            table.add(100 + i, NOW, note(20 + i, 1));
        }
        table.add(200, NOW + 21, note(70, 2));
        assertEquals(0, table.evicted());
        assertEquals(7, table.living(NOW + 21));
    }

    /** A map that forgets nothing: what the table finds is in the map and alive, and what it does not find was evicted. */
    @Test
    void agreesWithAMap() {
        long seed = 20260817;
        SplittableRandom random = new SplittableRandom(seed);
        FlowTable table = new FlowTable(256);
        Map<Long, Long> model = new HashMap<>();
        long missing = 0;
        int now = NOW;
        for (int i = 0; i < 200_000; i++) {
            now += random.nextInt(40) == 0 ? 1 : 0;
            long tag = 1 + random.nextInt(400) * 0x9e37_79b9_7f4aL;
            long note = FlowNote.of(now + 1 + random.nextInt(20), 1 + random.nextInt(9), FlowNote.ANSWERED);
            Long known = model.get(tag);
            boolean alive = known != null && FlowNote.leftS(known, now) > 0;
            long found = table.find(tag, now);
            if (found != FlowTable.NONE) {
                assertTrue(alive, "seed " + seed + " step " + i + ": found what had ended");
                assertEquals(known, found, "seed " + seed + " step " + i);
            } else if (alive) {
                missing++;
                model.remove(tag);
            }
            if (random.nextBoolean()) {
                if (!table.note(tag, now, note)) {
                    table.add(tag, now, note);
                }
                model.put(tag, note);
            }
        }
        assertTrue(missing <= table.evicted(), missing + " flows gone, " + table.evicted() + " counted");
        assertTrue(table.evicted() > 0, "the table was never full: the test shows nothing");
    }

    /** Several lanes at once: nothing is found that nobody opened, and with room for all nothing is lost. */
    @Test
    void manyThreadsLoseNothingWhileThereIsRoom() throws Exception {
        FlowTable table = new FlowTable(1 << 14);
        int threads = 4;
        int each = 800;
        CountDownLatch begin = new CountDownLatch(1);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int t = 0; t < threads; t++) {
                int first = t * each / 2; // half of a thread's flows are its neighbour's too
                pool.submit(() -> {
                    begin.await();
                    for (int round = 0; round < 50; round++) {
                        for (int i = first; i < first + each; i++) {
                            long tag = tag(i);
                            if (!table.note(tag, NOW, note(60, i))) {
                                table.add(tag, NOW, note(60, i));
                            }
                        }
                    }
                    return null;
                });
            }
            begin.countDown();
            pool.shutdown();
            assertTrue(pool.awaitTermination(60, TimeUnit.SECONDS));
        }
        assertEquals(0, table.evicted());
        for (int i = 0; i < (threads + 1) * each / 2; i++) {
            assertEquals(i, FlowNote.rule(table.find(tag(i), NOW)));
        }
        for (int i = 10_000; i < 20_000; i++) {
            assertEquals(FlowTable.NONE, table.find(tag(i), NOW));
        }
    }

    private static long tag(int i) {
        return new SipHash(7, 9).of(i, 0, 0, 0, 0);
    }
}
