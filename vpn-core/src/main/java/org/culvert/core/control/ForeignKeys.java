package org.culvert.core.control;

/**
 * Whether a peer sends under keys that we do not have: datagrams with an SPI of nobody come from where it is, for a while, and nothing of
 * it opens. What a restart has taken from one side is made anew within a second or two and is not meant. Whoever can send from the peer's
 * address can bring this about: it is a hint to people, and changes nothing. Control thread.
 */
final class ForeignKeys {
    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final int LEAST_SEEN = 3;
    private static final long LEAST_NS = 5 * NS_PER_SECOND;

    /** A peer that gets no answer says its piece at least every 32 s (protocol.md, "The exchange", rule 2). */
    private static final long RECENT_NS = 70 * NS_PER_SECOND;

    private int seen;
    private long firstNs;
    private long lastNs;

    /** Such a datagram came. */
    void seen(long nowNs) {
        if (seen == 0 || nowNs - lastNs > RECENT_NS) {
            seen = 0;
            firstNs = nowNs;
        }
        seen++;
        lastNs = nowNs;
    }

    /** Something of the peer has opened, at this monotonic time. */
    void heard(long atNs) {
        if (seen != 0 && atNs - firstNs >= 0) {
            seen = 0;
        }
    }

    boolean any(long nowNs) {
        return seen >= LEAST_SEEN && lastNs - firstNs >= LEAST_NS && nowNs - lastNs <= RECENT_NS;
    }
}
