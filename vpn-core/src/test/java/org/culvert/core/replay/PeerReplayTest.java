package org.culvert.core.replay;

import static org.culvert.core.replay.PeerReplay.Verdict.BEFORE_FLOOR;
import static org.culvert.core.replay.PeerReplay.Verdict.FRESH;
import static org.culvert.core.replay.PeerReplay.Verdict.LATE;
import static org.culvert.core.replay.PeerReplay.Verdict.REPLAY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PeerReplayTest {
    private static final long SECOND = 32_768;
    private static final long NS = 1_000_000_000L;

    /** 2026-07-01T05:00Z, the golden hour, and some minutes. */
    private static final long T = 276_101L * 3600 * SECOND + 777 * SECOND;

    private static final int A = 0xa1b2;
    private static final int B = 0x0c3d;
    private static final long PN = 9_942_000_123_456_789L;

    private final PeerReplay replay = new PeerReplay();

    /** Whether the packet taken last may move the peer's endpoint. */
    private boolean moves;

    @Test
    void aNumberIsAcceptedOnce() {
        assertEquals(FRESH, replay.peek(A, PN));
        assertEquals(FRESH, replay.accept(A, PN, T, 5 * NS));
        assertEquals(REPLAY, replay.peek(A, PN));
        assertEquals(REPLAY, replay.accept(A, PN, T, 5 * NS));
        assertEquals(FRESH, replay.accept(A, PN + 1, T, 5 * NS));
    }

    @Test
    void peekCreatesNothing() {
        for (int instance = 0; instance < 70_000; instance += 7) {
            assertEquals(FRESH, replay.peek(instance & 0xffff, PN + instance));
        }
        assertEquals(0, replay.instances());
        replay.accept(A, PN, T, 5 * NS);
        assertEquals(FRESH, replay.peek(A, 3L << 60 | PN));
        assertEquals(1, replay.instances());
    }

    @Test
    void whatTheFloorRefusesCreatesNothing() {
        replay.raiseFloor(T);
        assertEquals(BEFORE_FLOOR, replay.accept(A, PN, T, 5 * NS));
        assertEquals(0, replay.instances());
        assertEquals(Long.MIN_VALUE, replay.newestTicks());
        assertEquals(FRESH, replay.accept(A, PN, T + 1, 5 * NS), "refused packets are not marked");
    }

    @Test
    void instancesAndLanesHaveTheirOwnNumbers() {
        assertEquals(FRESH, replay.accept(A, PN, T, 5 * NS));
        assertEquals(FRESH, replay.accept(B, PN, T, 5 * NS));
        for (long lane = 1; lane < 16; lane++) {
            assertEquals(FRESH, replay.accept(A, lane << 60 | PN, T, 5 * NS), "lane " + lane);
        }
        for (long lane = 0; lane < 16; lane++) {
            assertEquals(REPLAY, replay.peek(A, lane << 60 | PN), "lane " + lane);
            assertEquals(FRESH, replay.peek(A, lane << 60 | PN + 1), "lane " + lane);
        }
        assertEquals(2, replay.instances());
    }

    @Test
    void theFloorHoldsForInstancesThatAreKnownToo() {
        assertEquals(FRESH, replay.accept(A, PN, T, 5 * NS));
        replay.raiseFloor(T + 3 * SECOND);
        assertEquals(BEFORE_FLOOR, replay.accept(A, PN + 1, T + 3 * SECOND, 8 * NS));
        assertEquals(FRESH, replay.accept(A, PN + 1, T + 3 * SECOND + 1, 8 * NS));
    }

    @Test
    void theFloorNeverFalls() {
        replay.raiseFloor(T);
        replay.raiseFloor(T - 1);
        assertEquals(T, replay.floor());
        replay.raiseFloor(T + 9);
        assertEquals(T + 9, replay.floor());
    }

    @Test
    void moreThanAMinuteBehindTheInstancesNewestIsLate() {
        assertEquals(FRESH, replay.accept(A, PN + 10, T, 5 * NS));
        assertEquals(FRESH, replay.accept(A, PN + 1, T - 60 * SECOND, 5 * NS));
        assertEquals(LATE, replay.accept(A, PN + 2, T - 60 * SECOND - 1, 5 * NS));
        assertEquals(FRESH, replay.accept(A, PN + 2, T, 5 * NS), "a late packet is not marked");
    }

    /** Nothing newer came, but the clock of the sender has gone on all the same. */
    @Test
    void aPacketHeldBackWhileNothingElseCameIsLate() {
        assertEquals(FRESH, replay.accept(A, PN, T, 5 * NS));
        long nowNs = 66 * NS + 250_000_000; // the sender's clock shows T + 61.25 s
        assertEquals(LATE, replay.accept(A, PN + 1, T + SECOND, nowNs));
        assertEquals(FRESH, replay.accept(A, PN + 2, T + SECOND + SECOND / 4, nowNs));
    }

    /** A peer silent for days, whose clock and ours drift apart by far less than a minute. */
    @Test
    void aLongSilenceMakesNothingLate() {
        assertEquals(FRESH, replay.accept(A, PN, T, 5 * NS));
        long days = 30L * 86_400;
        assertEquals(LATE, replay.accept(A, PN + 2, T + (days - 61) * SECOND, (5 + days) * NS));
        assertEquals(FRESH, replay.accept(A, PN + 1, T + (days - 59) * SECOND, (5 + days) * NS));
    }

    @Test
    void lateIsMeasuredPerInstance() {
        assertEquals(FRESH, replay.accept(A, PN, T, 5 * NS));
        assertEquals(FRESH, replay.accept(B, PN, T - 300 * SECOND, 5 * NS), "another instance, another clock");
    }

    @Test
    void anOlderPacketDoesNotTurnTheInstancesClockBack() {
        assertEquals(FRESH, replay.accept(A, PN + 9, T, 5 * NS));
        assertEquals(FRESH, replay.accept(A, PN + 1, T - 50 * SECOND, 5 * NS));
        assertEquals(LATE, replay.accept(A, PN + 2, T - 61 * SECOND, 5 * NS));
        assertEquals(T, replay.newestTicks());
    }

    @Test
    void aSixtyFifthInstanceTakesThePlaceOfTheOneQuietForLongest() {
        fillInstances();
        assertEquals(64, replay.instances());
        // instance 17 becomes the newest of all, so the oldest is now 0
        assertEquals(FRESH, replay.accept(17, PN + 1, T + 100 * SECOND, 5 * NS));
        assertEquals(FRESH, replay.accept(A, PN, T + 101 * SECOND, 5 * NS));
        assertEquals(64, replay.instances());
        assertEquals(FRESH, replay.peek(0, PN), "its window is gone");
        assertEquals(T, replay.floor(), "the newest time it had accepted");
        assertEquals(BEFORE_FLOOR, replay.accept(0, PN, T, 5 * NS), "and its packets cannot come back");
        assertEquals(REPLAY, replay.peek(1, PN));
        assertEquals(REPLAY, replay.peek(17, PN + 1));
    }

    /** Else making its window would put the floor above the very packet that made it. */
    @Test
    void aSixtyFifthInstanceOlderThanAllOthersIsRefused() {
        fillInstances();
        assertEquals(BEFORE_FLOOR, replay.accept(A, PN, T, 5 * NS));
        assertEquals(64, replay.instances());
        assertEquals(REPLAY, replay.peek(0, PN), "nothing was given up for it");
        assertEquals(Long.MIN_VALUE, replay.floor());
        assertEquals(FRESH, replay.accept(A, PN, T + 1, 5 * NS));
    }

    @Test
    void forgettingRaisesTheFloorToWhatWasAccepted() {
        replay.accept(A, PN, T, 5 * NS);
        replay.accept(A, PN + 1, T + 7, 5 * NS);
        replay.accept(B, PN, T + 3600 * SECOND, 3605 * NS);
        replay.forgetBefore(T + 8);
        assertEquals(1, replay.instances());
        assertEquals(T + 7, replay.floor());
        assertEquals(BEFORE_FLOOR, replay.accept(A, PN + 1, T + 7, 3605 * NS));
        assertEquals(REPLAY, replay.peek(B, PN));
        replay.forgetBefore(T + 8);
        assertEquals(1, replay.instances());
    }

    @Test
    void aForgottenInstanceStartsAnew() {
        accept(A, PN, T);
        replay.forgetBefore(T + 1);
        assertEquals(FRESH, replay.peek(A, PN));
        assertEquals(FRESH, replay.accept(A, PN + 1, T + 1, 5 * NS));
        assertEquals(1, replay.instances());
        assertEquals(REPLAY, replay.peek(A, PN + 1));
    }

    @Test
    void forgettingKeepsAnInstanceExactlyAtTheTime() {
        replay.accept(A, PN, T, 5 * NS);
        replay.forgetBefore(T);
        assertEquals(1, replay.instances());
        replay.forgetBefore(T + 1);
        assertEquals(0, replay.instances());
        assertEquals(T, replay.floor());
    }

    @Test
    void forgettingManyForgetsEachOnce() {
        fillInstances();
        replay.forgetBefore(T + 40);
        assertEquals(24, replay.instances());
        assertEquals(T + 39, replay.floor());
        for (int instance = 40; instance < 64; instance++) {
            assertEquals(REPLAY, replay.peek(instance, PN), "instance " + instance);
        }
    }

    @Test
    void onlyTheHighestNumberOfTheCurrentInstanceMovesTheEndpoint() {
        accept(A, PN + 5, T);
        assertTrue(moves);
        accept(A, PN + 4, T);
        assertFalse(moves, "overtaken");
        accept(A, PN + 6, T);
        assertTrue(moves, "of the same moment");
        take(A, PN + 6, T);
        assertFalse(moves, "a replay");
        accept(A, PN + 8, T + 4);
        replay.raiseFloor(T + 5);
        take(A, PN + 9, T + 5);
        assertFalse(moves, "before the floor");
        accept(A, PN + 9, T + 90 * SECOND);
        take(A, PN + 10, T + 29 * SECOND);
        assertFalse(moves, "late");
    }

    /** Whoever recorded a packet of the run before last cannot pull the endpoint to himself with it. */
    @Test
    void anotherInstanceMovesTheEndpointOnlyWithATimeAboveTheNewest() {
        accept(A, PN, T);
        accept(B, PN + 100, T);
        assertFalse(moves, "the same time");
        accept(B, PN + 101, T + 1);
        assertTrue(moves);
        accept(A, PN + 1, T + 1);
        assertFalse(moves, "A is no longer the current instance");
        accept(B, PN + 102, T + 1);
        assertTrue(moves);
        assertEquals(T + 1, replay.newestTicks());
    }

    /** A lane that lags does not move the endpoint though its number is the highest of that lane. */
    @Test
    void aLaneThatLagsDoesNotMoveTheEndpoint() {
        long lane = 2L << 60;
        accept(A, lane | PN, T);
        accept(A, PN + 50, T + 9);
        accept(A, lane | PN + 1, T + 8);
        assertFalse(moves);
        accept(A, lane | PN + 2, T + 9);
        assertTrue(moves);
    }

    @Test
    void aRestartIsNoTurn() {
        for (int run = 0; run < 30; run++) {
            for (int packet = 0; packet < 5; packet++) {
                accept(run, PN + packet, T + 10 * run + packet);
            }
        }
        accept(3, PN + 99, T + 5); // a straggler of an earlier run
        assertEquals(0, replay.turns());
    }

    @Test
    void twoGatewaysWithOneKeyTurnAgainAndAgain() {
        accept(A, PN, T);
        accept(B, PN, T + 1);
        assertEquals(0, replay.turns());
        accept(A, PN + 1, T + 2);
        assertEquals(1, replay.turns());
        accept(A, PN + 2, T + 3);
        assertEquals(1, replay.turns(), "still the same one");
        accept(B, PN + 1, T + 4);
        accept(A, PN + 3, T + 5);
        assertEquals(3, replay.turns());
    }

    /** Random senders, lanes, orders, pauses, floors and forgetting against sets that forget nothing: no packet passes twice. */
    @Test
    void noPacketPassesTwiceWhateverHappens() {
        for (long seed = 1; seed <= 40; seed++) {
            Random random = new Random(seed);
            PeerReplay tested = new PeerReplay();
            Set<String> accepted = new HashSet<>();
            long nowNs = NS;
            long ticks = T;
            int fresh = 0;
            for (int step = 0; step < 6_000; step++) {
                nowNs += random.nextLong(200) * 1_000_000;
                ticks += random.nextLong(7_000);
                int instance = random.nextInt(90);
                long packet = random.nextLong(400); // its number decides lane and time: a replay is the same packet
                long packetNumber = packet % 3 << 60 | 1_000 + packet;
                long time = T + instance * 40_000L + packet * 9_000L;
                boolean wasAccepted = accepted.contains(instance + ":" + packetNumber);
                String what = "seed " + seed + ", step " + step;
                PeerReplay.Verdict peek = tested.peek(instance, packetNumber);
                PeerReplay.Verdict verdict = tested.accept(instance, packetNumber, time, nowNs);
                if (verdict == FRESH) {
                    assertEquals(FRESH, peek, what);
                    assertTrue(accepted.add(instance + ":" + packetNumber), what);
                    assertTrue(time > tested.floor(), what);
                    fresh++;
                }
                if (wasAccepted) {
                    assertTrue(verdict != FRESH, what);
                }
                assertTrue(tested.instances() <= 64, what);
                if (random.nextInt(400) == 0) {
                    tested.forgetBefore(ticks - random.nextLong(900_000));
                }
                if (random.nextInt(900) == 0) {
                    tested.raiseFloor(tested.floor() + random.nextLong(5_000));
                }
            }
            assertTrue(fresh > 200, "seed " + seed + ": " + fresh);
        }
    }

    @Test
    void acceptingAllocatesOnlyForANewInstanceOrLane() {
        accept(A, PN, T);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        long number = PN;
        for (int run = 0; run < 4; run++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 50_000; i++) {
                number++;
                replay.peek(A, number);
                replay.accept(A, number, T + i, 5 * NS);
                replay.peek(i & 0xffff, number);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertEquals(0, least / 50_000);
    }

    private void fillInstances() {
        for (int instance = 0; instance < 64; instance++) {
            assertEquals(FRESH, replay.accept(instance, PN, T + instance, 5 * NS));
        }
    }

    private void accept(int instance, long packetNumber, long ticks) {
        assertEquals(FRESH, take(instance, packetNumber, ticks));
    }

    private PeerReplay.Verdict take(int instance, long packetNumber, long ticks) {
        boolean newest = replay.isNewest(instance, packetNumber, ticks);
        PeerReplay.Verdict verdict = replay.accept(instance, packetNumber, ticks, 5 * NS);
        moves = newest && verdict == FRESH;
        return verdict;
    }
}
