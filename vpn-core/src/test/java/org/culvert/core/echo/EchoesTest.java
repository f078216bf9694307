package org.culvert.core.echo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class EchoesTest {
    private static final long MS = 1_000_000L;

    private final Echoes echoes = new Echoes(1_234_567);
    private long nowNs = 3_000 * MS;

    @Test
    void roundTripIsWithoutTheTimeThePeerTook() {
        long id = echoes.ask(0, nowNs);
        Echoes.Answer answer = echoes.answer(id, 5 * MS, nowNs + 25 * MS);
        assertNotNull(answer);
        assertEquals(20 * MS, answer.rttNs());
        assertEquals(20 * MS, echoes.lastRttNs());
        assertEquals(20_000, echoes.rttUs().getValueAtPercentile(50), 200);
    }

    @Test
    void answerCountsOnceAndOnlyToAQuestion() {
        long id = echoes.ask(0, nowNs);
        assertNull(echoes.answer(id + 1, 0, nowNs));
        assertNull(echoes.answer(0, 0, nowNs));
        assertNotNull(echoes.answer(id, 0, nowNs + MS));
        assertNull(echoes.answer(id, 0, nowNs + MS));
        assertEquals(1, echoes.asked());
        assertEquals(1, echoes.answered());
    }

    @Test
    void paddedEchoesSayNothingAboutLoss() {
        long id = echoes.ask(1472, nowNs);
        echoes.ask(1400, nowNs);
        echoes.expire(nowNs + 10_000 * MS);
        assertEquals(-1, echoes.lossPercent());
        Echoes.Answer answer = echoes.answer(id, 0, nowNs + 10 * MS);
        assertNotNull(answer);
        assertEquals(1472, answer.bytes());
        assertEquals(0, echoes.asked() + echoes.answered());
    }

    @Test
    void lossIsThatOfTheLastHundred() {
        assertEquals(-1, echoes.lossPercent());
        for (int i = 0; i < 300; i++) {
            long id = echoes.ask(0, nowNs);
            if (i < 200 ? i % 2 == 0 : i % 4 != 0) {
                echoes.answer(id, 0, nowNs + MS);
            }
            nowNs += 5_000 * MS;
            echoes.expire(nowNs);
        }
        assertEquals(25, echoes.lossPercent());
        assertEquals(300, echoes.asked());
        assertEquals(175, echoes.answered());
    }

    @Test
    void whatIsUnderWayIsNotLostYet() {
        echoes.ask(0, nowNs);
        echoes.expire(nowNs + Echoes.LOST_AFTER_NS - 1);
        assertEquals(-1, echoes.lossPercent());
        echoes.expire(nowNs + Echoes.LOST_AFTER_NS);
        assertEquals(100, echoes.lossPercent());
    }

    @Test
    void absurdTimesDoNotBreakTheHistogram() {
        long id = echoes.ask(0, nowNs);
        assertNotNull(echoes.answer(id, 4_000_000_000L * 1_000, nowNs + MS)); // says it waited an hour
        long late = echoes.ask(0, nowNs);
        assertNotNull(echoes.answer(late, 0, nowNs + 3_600_000 * MS));
        assertEquals(2, echoes.rttUs().getTotalCount());
    }
}
