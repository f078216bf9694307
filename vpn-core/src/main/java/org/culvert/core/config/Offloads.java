package org.culvert.core.config;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What is exchanged with the kernel in pieces larger than a packet: {@code [tun] offloads}. */
public enum Offloads {
    /** Whatever the kernel has. */
    AUTO,
    /** No UDP super-packets on the TUN. */
    TCP,
    /** Every packet singly, with its checksum complete, on the TUN and on the socket. */
    NONE;

    /** As it is written in the configuration. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static List<String> labels() {
        return Stream.of(values()).map(Offloads::label).toList();
    }
}
