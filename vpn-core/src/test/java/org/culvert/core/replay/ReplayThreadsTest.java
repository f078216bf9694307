package org.culvert.core.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** Several threads are shown the same packets at the same time: each packet passes once, whoever wins. */
class ReplayThreadsTest {
    private static final int THREADS = 3;
    private static final long NS = 1_000_000_000L;
    private static final long T = 276_101L * 3600 * 32_768;

    private interface Body {
        void run(int thread) throws Exception;
    }

    /** Close behind each other, with a leap over half a window now and then: words change hands all the time. */
    @Test
    void aNumberPassesOnceHoweverManyThreadsMarkIt() throws Exception {
        int numbers = 400_000;
        for (long seed = 1; seed <= 5; seed++) {
            ReplayWindow window = new ReplayWindow();
            AtomicIntegerArray passed = new AtomicIntegerArray(numbers);
            long of = seed;
            inThreads(thread -> {
                Random random = new Random(of * 10 + thread);
                for (int next = 0; next < numbers; next++) {
                    int number = next - random.nextInt(64);
                    if (number >= 0 && window.mark(number)) {
                        passed.incrementAndGet(number);
                    }
                    next += random.nextInt(4_000) == 0 ? 5_000 : 0;
                }
            });
            int fresh = 0;
            for (int number = 0; number < numbers; number++) {
                assertTrue(passed.get(number) < 2, "seed " + seed + ", number " + number + " passed twice");
                fresh += passed.get(number);
            }
            assertTrue(fresh > numbers / 8, "seed " + seed + ": only " + fresh);
        }
    }

    /** Every thread sees every number, in order: none is lost to the others. */
    @Test
    void everyNumberPasses() throws Exception {
        int numbers = 300_000;
        ReplayWindow window = new ReplayWindow();
        AtomicIntegerArray passed = new AtomicIntegerArray(numbers);
        AtomicIntegerArray at = new AtomicIntegerArray(THREADS);
        inThreads(thread -> {
            for (int number = 0; number < numbers; number++) {
                at.set(thread, number);
                while (number - slowest(at) > ReplayWindow.USABLE / 2) {
                    Thread.onSpinWait(); // further apart they may be refused as too old
                }
                if (window.mark(number)) {
                    passed.incrementAndGet(number);
                }
            }
            at.set(thread, Integer.MAX_VALUE);
        });
        for (int number = 0; number < numbers; number++) {
            assertEquals(1, passed.get(number), "number " + number);
        }
        assertEquals(numbers - 1, window.highest());
    }

    /** Instances come, go because their hours are over or a 65th needs room, and come again: no packet passes twice. */
    @Test
    void forgettingBesideTheThreadsLetsNothingPassTwice() throws Exception {
        int instances = 100;
        int packets = 600;
        for (long seed = 1; seed <= 4; seed++) {
            PeerReplay replay = new PeerReplay();
            AtomicIntegerArray passed = new AtomicIntegerArray(instances * packets);
            AtomicBoolean ended = new AtomicBoolean();
            long of = seed;
            Thread forgetting = new Thread(() -> {
                Random random = new Random(of);
                while (!ended.get()) {
                    replay.forgetBefore(replay.newestTicks() - random.nextInt(2_000));
                }
            });
            forgetting.start();
            try {
                inThreads(thread -> {
                    Random random = new Random(of * 10 + thread);
                    for (int step = 0; step < 300_000; step++) {
                        int packet = Math.min(packets - 1, step / 500 + random.nextInt(3));
                        int instance = random.nextInt(instances);
                        long number = (long) (packet % 4) << 60 | 77 + packet;
                        if (replay.accept(instance, number, T + packet * 100L + instance % 7, NS)
                                == PeerReplay.Verdict.FRESH) {
                            passed.incrementAndGet(instance * packets + packet);
                        }
                    }
                });
            } finally {
                ended.set(true);
                forgetting.join();
            }
            int fresh = 0;
            for (int i = 0; i < passed.length(); i++) {
                assertTrue(passed.get(i) < 2, "seed " + seed + ", packet " + i + " passed " + passed.get(i) + " times");
                fresh += passed.get(i);
            }
            assertTrue(fresh > packets, "seed " + seed + ": only " + fresh);
            assertTrue(replay.instances() <= PeerReplay.MAX_INSTANCES);
        }
    }

    private static int slowest(AtomicIntegerArray at) {
        int slowest = Integer.MAX_VALUE;
        for (int i = 0; i < THREADS; i++) {
            slowest = Math.min(slowest, at.get(i));
        }
        return slowest;
    }

    private static void inThreads(Body body) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<?>> runs = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                runs.add(threads.submit(() -> {
                    body.run(thread);
                    return null;
                }));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        }
    }
}
