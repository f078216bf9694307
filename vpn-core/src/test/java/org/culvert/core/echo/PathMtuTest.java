package org.culvert.core.echo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The search against a path in memory: what is longer than it carries is lost without a word, and some of the rest by chance. */
class PathMtuTest {
    private static final long MS = 1_000_000L;
    private static final long RTT_NS = 20 * MS;
    private static final int LIMIT = 1472;
    private static final int FLOOR = 1332;
    private static final int HEADERS = 28;

    private final Random random = new Random(20_260_127);
    private final PathMtu mtu = new PathMtu();

    private record Answer(long atNs, long sentNs, int bytes) {}

    private final Deque<Answer> answers = new ArrayDeque<>();
    private long nowNs = 5_000_000_000L;
    private int carries = LIMIT;
    private double loss;

    /** What waits in front of the line: answers come this much later, in their order. */
    private long queueNs;

    private boolean peerThere = true;
    private int probes;

    private void begin() {
        mtu.path(LIMIT, FLOOR, HEADERS);
        mtu.search(nowNs);
    }

    /** Runs in steps of 10 ms of the path's time, data being sent all the while. */
    private void run(long ms) {
        for (long end = nowNs + ms * MS; nowNs < end; nowNs += 10 * MS) {
            while (!answers.isEmpty() && answers.peek().atNs <= nowNs) {
                Answer answer = answers.remove();
                if (answer.bytes == 0) {
                    mtu.shortAnswered(answer.sentNs);
                } else {
                    mtu.answered(answer.bytes, nowNs - answer.sentNs, nowNs);
                }
            }
            if (mtu.startDue(nowNs) && peerThere) {
                mtu.search(nowNs);
            }
            if (mtu.shortEchoDue(nowNs)) {
                send(0);
                mtu.shortSent(nowNs);
            }
            for (int bytes = mtu.due(nowNs, true); bytes != 0; bytes = mtu.due(nowNs, true)) {
                probes++;
                send(bytes);
                mtu.sent(nowNs);
            }
        }
    }

    private void send(int bytes) {
        if (peerThere && bytes <= carries && random.nextDouble() >= loss) {
            answers.add(new Answer(nowNs + RTT_NS + queueNs, nowNs, bytes));
        }
    }

    @Test
    void findsWhatTheLinkCarriesInOneRoundTrip() {
        begin();
        run(30);
        assertTrue(mtu.found());
        assertEquals(LIMIT, mtu.bytes());
        assertEquals(1, probes);
    }

    @ParameterizedTest
    @ValueSource(ints = {548, 549, 700, 1252, 1331, 1332, 1392, 1433, 1464, 1470, 1471, 1472})
    void findsAnyLengthExactly(int length) {
        carries = length;
        begin();
        run(6_000);
        assertTrue(mtu.found());
        assertEquals(length, mtu.bytes());
    }

    @Test
    void findsJumboFrames() {
        mtu.path(65_507, FLOOR, HEADERS);
        carries = 8_972;
        mtu.search(nowNs);
        run(8_000);
        assertEquals(8_972, mtu.bytes());
    }

    /** Nothing is known of a path before: the egress link decides. From the first sign on, what passes nearly everywhere does. */
    @Test
    void sendsShortDatagramsAsSoonAsTheLongestIsLost() {
        carries = 1_400;
        begin();
        run(200);
        assertEquals(0, mtu.bytes());
        run(40);
        assertEquals(FLOOR, mtu.bytes());
        run(40);
        assertTrue(mtu.bytes() > FLOOR && mtu.bytes() <= 1_400, "in force " + mtu.bytes());
    }

    @ParameterizedTest
    @CsvSource({"0.02, 1420", "0.05, 1472", "0.1, 1300"})
    void lossByChanceCostsAtMostTheLengthOfOneStep(double part, int length) {
        loss = part;
        carries = length;
        begin();
        run(20_000);
        assertTrue(mtu.bytes() <= length && mtu.bytes() > length - 60, length + " found as " + mtu.bytes());
    }

    @Test
    void blackHoleIsFoundWhileDataIsSentAndTheWayBackUpToo() {
        begin();
        run(1_000);
        carries = 1_380;
        long began = nowNs;
        while (mtu.bytes() == LIMIT && nowNs - began < 60_000 * MS) {
            run(10);
        }
        long toNoticeMs = (nowNs - began) / MS;
        assertTrue(toNoticeMs < 8_000, "noticed after " + toNoticeMs + " ms");
        assertEquals(FLOOR, mtu.bytes());
        run(5_000);
        assertEquals(1_380, mtu.bytes());

        carries = LIMIT;
        run(500_000);
        assertEquals(1_380, mtu.bytes(), "asked for more before the ten minutes");
        run(110_000);
        assertEquals(LIMIT, mtu.bytes());
    }

    /** Raising fails on a path that has not grown, and nothing gets shorter meanwhile. */
    @Test
    void askingForMoreInVainCostsNothing() {
        carries = 1_433;
        begin();
        run(5_000);
        for (int i = 0; i < 650; i++) {
            run(1_000);
            assertEquals(1_433, mtu.bytes());
        }
        assertTrue(mtu.found());
    }

    @Test
    void peerThatIsGoneIsNoBlackHole() {
        begin();
        run(1_000);
        peerThere = false;
        run(60_000);
        assertEquals(LIMIT, mtu.bytes());
        peerThere = true;
        run(10_000);
        assertEquals(LIMIT, mtu.bytes());
    }

    /** A modem's queue is full for a minute: everything passes, seconds later. */
    @Test
    void answersThatWaitInAQueueAreNotLost() {
        begin();
        run(1_000);
        int before = probes;
        queueNs = 8_000 * MS;
        for (int i = 0; i < 60; i++) {
            run(1_000);
            assertEquals(LIMIT, mtu.bytes());
        }
        assertTrue(probes - before <= 8, "a slow line has carried " + (probes - before) + " long echoes in a minute");
    }

    @Test
    void searchOverAFullQueueAsksOnceAndWaits() {
        queueNs = 4_000 * MS;
        begin();
        run(4_100);
        assertTrue(mtu.found());
        assertEquals(LIMIT, mtu.bytes());
        assertEquals(1, probes);
    }

    @Test
    void blackHoleBehindAQueueIsFoundToo() {
        begin();
        run(1_000);
        queueNs = 2_000 * MS;
        carries = 1_380;
        run(60_000);
        assertEquals(1_380, mtu.bytes());
    }

    @Test
    void peerThatGoesDuringTheSearchSaysNothingAboutLengths() {
        begin();
        peerThere = false;
        run(20_000);
        int before = probes;
        assertTrue(before < 40, "asked " + before + " times");
        peerThere = true;
        run(4_000);
        assertEquals(LIMIT, mtu.bytes());
    }

    @Test
    void idlePathIsNotAsked() {
        begin();
        run(1_000);
        int before = probes;
        for (int i = 0; i < 100; i++) {
            nowNs += 10_000 * MS;
            assertEquals(0, mtu.due(nowNs, false));
        }
        assertEquals(before, probes);
    }

    @Test
    void confirmationIsOneEchoEveryFiveSeconds() {
        begin();
        run(100);
        int before = probes;
        run(100_000);
        assertEquals(20, probes - before, 2);
    }

    @Test
    void anotherPathIsSearchedAnew() {
        begin();
        run(1_000);
        assertEquals(LIMIT, mtu.bytes());
        mtu.path(1_400, FLOOR, HEADERS);
        assertEquals(0, mtu.bytes());
        assertFalse(mtu.found());
        carries = 1_390;
        mtu.search(nowNs);
        run(5_000);
        assertEquals(1_390, mtu.bytes());
    }
}
