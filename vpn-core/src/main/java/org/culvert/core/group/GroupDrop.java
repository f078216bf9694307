package org.culvert.core.group;

import java.util.Locale;

/** Why a packet to a group went no further between the LAN and the peers; what a peer sends wrongly counts at the peer. */
public enum GroupDrop {
    /** The LAN's frame holds no whole IP packet. */
    MALFORMED,
    /** Its source is not in our own networks: no certificate vouches for it, and the members would refuse it. */
    SOURCE,
    /** About this link: IGMP, MLD, neighbour discovery. Others would take its hosts for theirs. */
    LOCAL,
    /** Its TTL or hop limit is used up: the sender wants it to go no further. */
    TTL,
    /** It came back: another station sent the very same packet a moment ago, so somebody repeats what we carried. */
    RETURNED,
    /** More packets per second from the LAN than the group may have. */
    RATE_OUT,
    /** More packets per second from the members than the group may have. */
    RATE_IN,
    /** The queue to the sending thread was full, or the packet is longer than its places. */
    FULL,
    /** The LAN's interface refused it: it is longer than its MTU, or the interface is down. */
    LAN;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in counters, JSON and documents; it never changes. */
    public String label() {
        return label;
    }
}
