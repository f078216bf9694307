package org.culvert.core.policy;

import org.culvert.core.packet.FiveTuple;

/**
 * What is known of a flow, in one word: {@code end of life in s (32 bits) | rule (24 bits) | state (8 bits)}. The end is on the monotonic
 * clock and compared by difference, so that its wrap after 136 years is none.
 */
final class FlowNote {
    /** The asking side alone has been seen; or, of TCP, a connection found in its middle. */
    static final int ASKED = 0;

    static final int ANSWERED = 1;

    /** A FIN or RST was seen: what is left of the connection needs minutes, not hours. */
    static final int ENDING = 2;

    /** RFC 5382 (BEHAVE for TCP) REQ-5: an established connection at least 2 h 4 min, any other at least 4 min. */
    private static final int TCP_ESTABLISHED_S = 7_440;

    private static final int TCP_OTHER_S = 240;

    /** RFC 4787 (BEHAVE for UDP) REQ-5: 5 min recommended. */
    private static final int UDP_S = 300;

    /** RFC 5508 (BEHAVE for ICMP) REQ-2: at least 60 s. */
    private static final int ICMP_S = 60;

    /** GRE, ESP and the like: as long as Linux keeps what it does not know. */
    private static final int OTHER_S = 600;

    /** RFC 791 and 8200 give up reassembling after 15 to 60 s, Linux after 30 s. */
    private static final int FRAGMENTS_S = 30;

    private static final int RULE_MASK = 0xff_ffff;

    private FlowNote() {}

    static long of(int endS, int rule, int state) {
        return (long) endS << 32 | (long) (rule & RULE_MASK) << 8 | state;
    }

    static int leftS(long note, int nowS) {
        return (int) (note >>> 32) - nowS;
    }

    static int rule(long note) {
        return (int) (note >>> 8) & RULE_MASK;
    }

    static int state(long note) {
        return (int) note & 0xff;
    }

    /**
     * For a packet of the asking side.
     *
     * @param state before; {@link #ASKED} for a new flow
     */
    static long asked(FiveTuple tuple, int state, int rule, int nowS) {
        int next = tuple.endsTcp() ? ENDING : tuple.opensTcp() ? ASKED : state;
        return of(nowS + lifeS(tuple.protocol(), next), rule, next);
    }

    /** For a packet of the other side. */
    static long answered(FiveTuple tuple, long note, int nowS) {
        int state = state(note);
        int next = tuple.endsTcp() ? ENDING : state == ASKED ? ANSWERED : state;
        return of(nowS + lifeS(tuple.protocol(), next), rule(note), next);
    }

    static long fragments(int nowS) {
        return of(nowS + FRAGMENTS_S, 0, ASKED);
    }

    private static int lifeS(int protocol, int state) {
        return switch (protocol) {
            case FiveTuple.TCP -> state == ANSWERED ? TCP_ESTABLISHED_S : TCP_OTHER_S;
            case FiveTuple.UDP -> UDP_S;
            case FiveTuple.ICMP, FiveTuple.ICMPV6 -> ICMP_S;
            default -> OTHER_S;
        };
    }
}
