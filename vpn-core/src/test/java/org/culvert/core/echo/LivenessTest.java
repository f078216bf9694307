package org.culvert.core.echo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.culvert.core.echo.Liveness.State;
import org.junit.jupiter.api.Test;

class LivenessTest {
    private static final long S = 1_000_000_000L;

    private final Liveness usual = new Liveness(25 * S, false);
    private long nowNs = 7_000 * S;
    private long heardNs;
    private long packets = 17;
    private int asked;

    /** A second at a time. */
    private void run(Liveness liveness, int seconds, boolean answers, int packetsPerSecond) {
        for (int i = 0; i < seconds; i++) {
            nowNs += S;
            packets += packetsPerSecond;
            if (liveness.due(nowNs, heardNs, packets)) {
                asked++;
                liveness.asked(nowNs, packets);
                if (answers) {
                    heardNs = nowNs + S / 50;
                    liveness.answered();
                }
            }
        }
    }

    private State state() {
        return usual.state(nowNs, heardNs);
    }

    @Test
    void idleLinkIsAskedTwiceAMinuteAndBusyOneEveryFiveSeconds() {
        run(usual, 600, true, 0);
        assertEquals(20, asked, 1);
        assertEquals(State.ALIVE, state());
        asked = 0;
        for (int i = 0; i < 600; i++) {
            heardNs = nowNs; // data comes back all the while
            run(usual, 1, true, 3);
        }
        assertEquals(120, asked, 12);
    }

    @Test
    void peerNeverHeardIsUnheardAndAskedLessAndLess() {
        run(usual, 3_600, false, 0);
        assertEquals(State.UNHEARD, state());
        assertTrue(asked < 300, "asked " + asked + " times in an hour");
    }

    @Test
    void busyPeerThatFallsSilentIsCalledSoAfterTenSeconds() {
        run(usual, 60, true, 3);
        long heard = heardNs;
        while (state() != State.SILENT) {
            run(usual, 1, false, 3);
            assertTrue(nowNs - heard < 13 * S, "still " + state() + " after 13 s");
        }
        assertTrue(nowNs - heard >= 10 * S);
        heardNs = nowNs + 1; // any packet of it will do
        usual.due(nowNs + 2, heardNs, packets);
        assertEquals(State.ALIVE, state());
    }

    @Test
    void oneLostEchoIsNoDeath() {
        run(usual, 60, true, 0);
        run(usual, 32, false, 0);
        run(usual, 5, true, 0);
        assertEquals(State.ALIVE, state());
    }

    /** Sending all the while and hearing nothing back: asked at once, not in five seconds. */
    @Test
    void silenceWhileWeSendIsNoticed() {
        run(usual, 60, true, 3);
        asked = 0;
        nowNs = heardNs + S;
        run(usual, 3, false, 3);
        assertTrue(asked >= 2, "asked " + asked + " times in 3 s");
    }

    @Test
    void peerThatSendsButNeverAnswersIsAnOlderOne() {
        for (int i = 0; i < 300; i++) {
            heardNs = nowNs;
            run(usual, 1, false, 1);
        }
        assertEquals(State.MUTE, state());
        asked = 0;
        for (int i = 0; i < 600; i++) {
            heardNs = nowNs;
            run(usual, 1, false, 1);
        }
        assertEquals(10, asked, 1);
        usual.answered(); // upgraded
        assertEquals(State.ALIVE, state());
    }

    /** Both gateways boot after a power cut, the peer's takes longer. */
    @Test
    void peerThatStartsLaterIsAskedAtOnceAndNotCalledOlder() {
        run(usual, 1_800, false, 0);
        heardNs = nowNs + S / 4;
        asked = 0;
        run(usual, 1, false, 0);
        assertEquals(1, asked);
        assertEquals(State.ALIVE, state());
        run(usual, 2, true, 0);
        assertTrue(usual.answersEchoes());
    }

    @Test
    void peerThatGoesBeforeItAnsweredIsSilent() {
        run(usual, 30, false, 0);
        heardNs = nowNs + S / 4;
        run(usual, 13, false, 0);
        assertEquals(State.SILENT, state());
        assertTrue(usual.wayIsDead(nowNs, heardNs));
    }

    @Test
    void peerThatAsksIsNoOlderOneThoughItHearsNoQuestion() {
        usual.asksToo();
        for (int i = 0; i < 300; i++) {
            heardNs = nowNs;
            run(usual, 1, false, 1);
            assertEquals(State.ALIVE, state());
        }
        assertTrue(usual.wayIsDead(nowNs, heardNs));
    }

    /** A gateway restarted again and again lives too short to answer; the one that stays says so by its first question. */
    @Test
    void peerTakenForAnOlderOneIsAskedAtOnceWhenItAsks() {
        for (int i = 0; i < 30; i++) {
            heardNs = nowNs;
            run(usual, 1, false, 0);
        }
        assertEquals(State.MUTE, state());
        heardNs = nowNs;
        usual.asksToo();
        asked = 0;
        run(usual, 1, true, 0);
        assertEquals(1, asked);
        assertTrue(usual.answersEchoes());
    }

    @Test
    void keepaliveSendsAtLeastThatOften() {
        Liveness configured = new Liveness(7 * S, true);
        run(configured, 700, true, 0);
        assertEquals(100, asked, 1);
    }

    @Test
    void natThatIsSeenTurnsTheKeepaliveOn() {
        run(usual, 600, true, 0);
        usual.seenBehindNat();
        asked = 0;
        run(usual, 600, true, 0);
        assertEquals(24, asked, 1);
    }

    @Test
    void wayIsDeadOnlyWhenAskedInVain() {
        assertFalse(usual.wayIsDead(nowNs, heardNs));
        run(usual, 6, false, 0);
        assertFalse(usual.wayIsDead(nowNs, heardNs));
        run(usual, 6, false, 0);
        assertTrue(usual.wayIsDead(nowNs, heardNs));
        heardNs = nowNs + 1;
        usual.due(nowNs + 2, heardNs, packets);
        assertFalse(usual.wayIsDead(nowNs, heardNs));
    }

    /** Its packets come all the while, so it is not silent; but ours do not arrive. */
    @Test
    void wayIsDeadWhenThePeerIsHeardAndDoesNotHearUs() {
        run(usual, 60, true, 3);
        for (int i = 0; i < 30; i++) {
            assertFalse(i < 15 && usual.wayIsDead(nowNs, heardNs));
            heardNs = nowNs;
            run(usual, 1, false, 3);
        }
        assertEquals(State.ALIVE, state());
        assertTrue(usual.wayIsDead(nowNs, heardNs));
        usual.answered();
        assertFalse(usual.wayIsDead(nowNs, heardNs));
    }
}
