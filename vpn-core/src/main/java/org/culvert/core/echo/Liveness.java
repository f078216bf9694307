package org.culvert.core.echo;

/**
 * Whether a peer is there, and when it is to be asked. Every packet of it that opens is a sign of life, so a busy link is asked seldom and
 * an idle one hardly ever; a link that sends and hears nothing is asked every second. It never stops the sending: the peer may hear us
 * though we do not hear it. Control thread.
 */
public final class Liveness {
    /** What is known of a peer. */
    public enum State {
        /** Nothing has come from it since we started. */
        UNHEARD,
        /** It answers. */
        ALIVE,
        /** It has been heard and then not any more, though asked again and again. */
        SILENT,
        /** It sends, but neither answers echoes nor asks any: a gateway from before them. */
        MUTE
    }

    private static final long SECOND_NS = 1_000_000_000L;
    private static final long BUSY_INTERVAL_NS = 5 * SECOND_NS;
    private static final long IDLE_INTERVAL_NS = 30 * SECOND_NS;
    private static final long MUTE_INTERVAL_NS = 60 * SECOND_NS;

    /** We send and hear nothing for this long: ask. */
    private static final long ONE_SIDED_NS = 2 * SECOND_NS;

    /** Silent is who was not heard for this long and did not answer this many in a row: at 10 % loss, once in a hundred thousand. */
    private static final long SILENT_AFTER_NS = 10 * SECOND_NS;

    private static final int SILENT_AFTER_ECHOES = 5;
    private static final int MUTE_AFTER_ECHOES = 3;

    private boolean asked;
    private long firstAskedNs;
    private long lastAskedNs;
    private long packetsThen;
    private boolean everHeard;
    private boolean everAnswered;
    private boolean knowsEchoes;

    /** Asked since the peer was last heard. */
    private int unheard;

    /** Asked in a row without an answer, though the peer had been heard before and was heard after each. */
    private int inVain;

    private boolean keepsMapping;
    private final long keepaliveNs;

    /** @param keepaliveNs send something at least this often: always when it is configured, else once a NAT is seen */
    Liveness(long keepaliveNs, boolean always) {
        this.keepaliveNs = keepaliveNs;
        this.keepsMapping = always;
    }

    /** A NAT between us and the peer forgets its mapping unless something passes. */
    void seenBehindNat() {
        keepsMapping = true;
    }

    /**
     * Whether to ask now.
     *
     * @param heardNs when the last packet came, 0: never
     * @param packets data packets sent to the peer so far
     */
    boolean due(long nowNs, long heardNs, long packets) {
        if (heardNs != 0 && (!asked || heardNs - lastAskedNs >= 0)) {
            // What was asked before the peer started says nothing of it.
            inVain += everHeard && unheard > 0 ? 1 : 0;
            everHeard = true;
            unheard = 0;
        }
        return !asked || nowNs - lastAskedNs >= intervalNs(nowNs, heardNs, packets);
    }

    private long intervalNs(long nowNs, long heardNs, long packets) {
        long interval = isMute()
                ? MUTE_INTERVAL_NS
                : unheard == 0
                        ? heardIntervalNs(nowNs, heardNs, packets != packetsThen)
                        : unheardIntervalNs(nowNs - (heardNs == 0 ? firstAskedNs : heardNs));
        return keepsMapping ? Math.min(interval, keepaliveNs) : interval;
    }

    private long heardIntervalNs(long nowNs, long heardNs, boolean busy) {
        boolean isNew = !everAnswered && inVain < MUTE_AFTER_ECHOES;
        boolean oneSided = busy && knowsEchoes && nowNs - heardNs >= ONE_SIDED_NS;
        return isNew || oneSided ? SECOND_NS : busy ? BUSY_INTERVAL_NS : IDLE_INTERVAL_NS;
    }

    private static long unheardIntervalNs(long silentNs) {
        return silentNs < 60 * SECOND_NS ? SECOND_NS : silentNs < 600 * SECOND_NS ? BUSY_INTERVAL_NS : IDLE_INTERVAL_NS;
    }

    /** An echo goes out. */
    void asked(long nowNs, long packets) {
        if (!asked) {
            firstAskedNs = nowNs;
        }
        asked = true;
        lastAskedNs = nowNs;
        packetsThen = packets;
        unheard++;
    }

    /** An answer came. */
    void answered() {
        everAnswered = true;
        knowsEchoes = true;
        everHeard = true;
        unheard = 0;
        inVain = 0;
    }

    /** It asks itself, so it is no gateway from before echoes; whether it hears us is another matter. */
    void asksToo() {
        if (!knowsEchoes) {
            knowsEchoes = true;
            inVain = 0; // it may have been too short-lived to answer; now it is asked every second again
        }
    }

    State state(long nowNs, long heardNs) {
        if (heardNs == 0) {
            return State.UNHEARD;
        }
        if (isMute()) {
            return State.MUTE;
        }
        return isSilent(nowNs, heardNs) ? State.SILENT : State.ALIVE;
    }

    private boolean isMute() {
        return !knowsEchoes && inVain >= MUTE_AFTER_ECHOES;
    }

    private boolean isSilent(long nowNs, long sinceNs) {
        return unheard >= SILENT_AFTER_ECHOES && nowNs - sinceNs >= SILENT_AFTER_NS;
    }

    /**
     * Asked often enough without an answer to try another way: also before the peer was ever heard, and also when it is heard though it
     * does not hear us.
     */
    boolean wayIsDead(long nowNs, long heardNs) {
        long since = heardNs == 0 || heardNs - firstAskedNs < 0 ? firstAskedNs : heardNs;
        boolean oneWay = inVain >= SILENT_AFTER_ECHOES;
        return asked && !isMute() && (oneWay || isSilent(nowNs, since));
    }

    boolean answersEchoes() {
        return everAnswered;
    }
}
