package org.culvert.core.echo;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Echoes asked of one peer, and what the answers tell: round-trip time and loss. An answer counts once, and only to a question that
 * waits for it. Of echoes padded to a certain length only the answer counts: that one is missing says something about the length.
 */
final class Echoes {
    /** What has not been answered by then is lost; a later answer is still taken, and found not to be. */
    static final long LOST_AFTER_NS = 3_000_000_000L;

    /** Longest time a histogram holds: an answer later than this is as good as none. */
    private static final long LONGEST_US = 60_000_000;

    /** In place of a number of bytes: asked at a place where the peer may not be. */
    static final int ELSEWHERE = -1;

    /** The same: asked by {@code culvert ping}, and none of our own measurements. */
    static final int PING = -2;

    private static final int WAITING = 64; // a power of two
    private static final int WINDOW = 100;
    private static final int DIGITS = 2; // 20 kB per peer

    private final Histogram rttUs = new Histogram(LONGEST_US, DIGITS);
    private final Question[] waiting = new Question[WAITING];
    private final boolean[] lostInWindow = new boolean[WINDOW];
    private long nextId;
    private long asked;
    private long answered;
    private long decided;
    private int lost;
    private long lastRttNs;
    private long smoothedRttNs;

    private static final class Question {
        long id;
        long sentNs;
        int bytes;
        boolean answered;
        boolean decided;
    }

    /** @param firstId a peer that restarts must not take old answers for new ones: random */
    Echoes(long firstId) {
        this.nextId = firstId;
        for (int i = 0; i < WAITING; i++) {
            waiting[i] = new Question();
        }
    }

    /** What an answer was to: a datagram of so many bytes (UDP payload), 0 for a plain echo, {@link #ELSEWHERE} or {@link #PING}. */
    record Answer(int bytes, long sentNs, long rttNs) {}

    /**
     * A question goes out now.
     *
     * @param bytes what it is padded to, 0: plain
     * @return its id
     */
    long ask(int bytes, long nowNs) {
        long id = nextId++;
        Question question = waiting[(int) (id & (WAITING - 1))];
        if (id > WAITING && !question.decided && question.sentNs != 0) {
            decide(question, true);
        }
        question.id = id;
        question.sentNs = nowNs;
        question.bytes = bytes;
        question.answered = false;
        question.decided = bytes != 0;
        if (bytes == 0) {
            asked++;
        }
        return id;
    }

    /** The same for a place where the peer may not be at all: only the answer counts. */
    long askElsewhere(long nowNs) {
        return ask(ELSEWHERE, nowNs);
    }

    long askPing(long nowNs) {
        return ask(PING, nowNs);
    }

    /** There was no room for the question: it was never asked. */
    void cancel(long id) {
        Question question = waiting[(int) (id & (WAITING - 1))];
        asked -= question.bytes == 0 ? 1 : 0;
        question.sentNs = 0;
    }

    /** An answer came. Null: nobody waits for it. */
    @Nullable
    Answer answer(long id, long heldNs, long receivedNs) {
        Question question = waiting[(int) (id & (WAITING - 1))];
        if (question.id != id || question.sentNs == 0 || question.answered) {
            return null;
        }
        question.answered = true;
        long rttNs = Math.max(1, receivedNs - question.sentNs - heldNs);
        if (question.bytes == 0) {
            answered++;
            if (!question.decided) {
                decide(question, false);
            }
            rttUs.recordValue(Math.min(rttNs / 1_000, LONGEST_US));
            lastRttNs = rttNs;
            smoothedRttNs = smoothedRttNs == 0 ? rttNs : smoothedRttNs + (rttNs - smoothedRttNs) / 8;
        }
        return new Answer(question.bytes, question.sentNs, rttNs);
    }

    /** Finds what is lost by now. */
    void expire(long nowNs) {
        for (Question question : waiting) {
            if (question.sentNs != 0 && !question.decided && nowNs - question.sentNs >= LOST_AFTER_NS) {
                decide(question, true);
            }
        }
    }

    private void decide(Question question, boolean isLost) {
        question.decided = true;
        int index = (int) (decided++ % WINDOW);
        lost += (isLost ? 1 : 0) - (lostInWindow[index] ? 1 : 0);
        lostInWindow[index] = isLost;
    }

    /** Of the last hundred plain echoes; -1 when there was none yet. */
    double lossPercent() {
        return decided == 0 ? -1 : 100.0 * lost / Math.min(decided, WINDOW);
    }

    /** Never goes back. Plain echoes only. */
    long asked() {
        return asked;
    }

    long answered() {
        return answered;
    }

    /** Since the start; in microseconds. */
    Histogram rttUs() {
        return rttUs;
    }

    /** 0: not known. */
    long lastRttNs() {
        return lastRttNs;
    }

    /** Smoothed as in RFC 6298; 0: not known. */
    long smoothedRttNs() {
        return smoothedRttNs;
    }
}
