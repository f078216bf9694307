package org.culvert.core.ping;

import java.util.Locale;

/** A place on the way from a gateway to a host of a peer, in order. */
public enum Hop {
    /** Where the command runs: it answers by running. */
    GATEWAY("own gateway"),

    /** Asked by an echo in the tunnel, which nobody else can answer. */
    PEER("peer gateway"),

    /** Asked by ICMP from this gateway. */
    HOST("host");

    private final String words;

    Hop(String words) {
        this.words = words;
    }

    public String words() {
        return words;
    }

    /** As in JSON. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Hop of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }
}
