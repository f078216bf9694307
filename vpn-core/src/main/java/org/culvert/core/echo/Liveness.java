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
        /** It sends, but answers no echo: a gateway from before them. */
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

    private final long idleIntervalNs;
    private boolean asked;
    private long firstAskedNs;
    private long lastAskedNs;
    private long packetsThen;
    private int unanswered;
    private int neverAnswered;
    private boolean everAnswered;
    private boolean keepsMapping;
    private final long keepaliveNs;

    /** @param keepaliveNs send something at least this often: always when it is configured, else once a NAT is seen */
    Liveness(long keepaliveNs, boolean always) {
        this.idleIntervalNs = IDLE_INTERVAL_NS;
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
        if (!asked) {
            return true;
        }
        if (heardNs != 0 && heardNs - lastAskedNs >= 0) {
            unanswered = 0;
        }
        return nowNs - lastAskedNs >= intervalNs(nowNs, heardNs, packets);
    }

    private long intervalNs(long nowNs, long heardNs, long packets) {
        if (unanswered == 0 || state(nowNs, heardNs) == State.MUTE) {
            boolean busy = packets != packetsThen;
            if (busy && everAnswered && nowNs - heardNs >= ONE_SIDED_NS) {
                return SECOND_NS;
            }
            long most =
                    state(nowNs, heardNs) == State.MUTE ? MUTE_INTERVAL_NS : busy ? BUSY_INTERVAL_NS : idleIntervalNs;
            return keepsMapping ? Math.min(most, keepaliveNs) : most;
        }
        long silentNs = nowNs - (heardNs == 0 ? firstAskedNs : heardNs);
        long interval = silentNs < 60 * SECOND_NS
                ? SECOND_NS
                : silentNs < 600 * SECOND_NS ? BUSY_INTERVAL_NS : IDLE_INTERVAL_NS;
        return keepsMapping ? Math.min(interval, keepaliveNs) : interval;
    }

    /** An echo goes out. */
    void asked(long nowNs, long packets) {
        if (!asked) {
            firstAskedNs = nowNs;
        }
        asked = true;
        lastAskedNs = nowNs;
        packetsThen = packets;
        unanswered++;
        neverAnswered++;
    }

    /** An answer came. */
    void answered() {
        everAnswered = true;
        neverAnswered = 0;
    }

    State state(long nowNs, long heardNs) {
        if (heardNs == 0) {
            return State.UNHEARD;
        }
        if (!everAnswered) {
            return neverAnswered >= MUTE_AFTER_ECHOES && heardNs - firstAskedNs > 0 ? State.MUTE : State.ALIVE;
        }
        boolean silent = unanswered >= SILENT_AFTER_ECHOES && nowNs - heardNs >= SILENT_AFTER_NS;
        return silent ? State.SILENT : State.ALIVE;
    }

    /**
     * Asked often enough without an answer to try another way: also before the peer was ever heard, and also when it is heard though it
     * does not hear us.
     */
    boolean wayIsDead(long nowNs, long heardNs) {
        long since = heardNs == 0 || heardNs - firstAskedNs < 0 ? firstAskedNs : heardNs;
        boolean silent = unanswered >= SILENT_AFTER_ECHOES && nowNs - since >= SILENT_AFTER_NS;
        boolean oneWay = everAnswered && neverAnswered >= SILENT_AFTER_ECHOES;
        return asked && (oneWay || ((everAnswered || heardNs == 0) && silent));
    }

    boolean answersEchoes() {
        return everAnswered;
    }
}
