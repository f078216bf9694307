package org.culvert.core.policy;

/** Which way a packet passes this gateway. */
public enum Direction {
    /** From our LAN to a peer. */
    OUTBOUND,
    /** From a peer to our LAN. */
    INBOUND;

    Direction other() {
        return this == OUTBOUND ? INBOUND : OUTBOUND;
    }
}
