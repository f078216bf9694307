package org.culvert.core.why;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;
import org.culvert.keymgmt.Prefix;

/**
 * The packet asked about.
 *
 * @param protocol of the IP header: 6 for TCP; empty: not asked
 * @param port destination port of TCP or UDP
 */
public record Passage(InetAddress source, InetAddress destination, Optional<Protocol> protocol, OptionalInt port) {
    /** By name or number. */
    public record Protocol(String name, int number) {
        private static final int TCP = 6;
        private static final int UDP = 17;

        /**
         * Reads it as people write it.
         *
         * @throws IllegalArgumentException when it is neither a name we know nor a number from 0 to 255
         */
        public static Protocol of(String text) {
            return switch (text) {
                case "icmp" -> new Protocol(text, 1);
                case "tcp" -> new Protocol(text, TCP);
                case "udp" -> new Protocol(text, UDP);
                case "icmpv6" -> new Protocol(text, 58);
                default -> {
                    if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) > 255) {
                        throw new IllegalArgumentException(
                                text + " is no protocol; write tcp, udp, icmp, icmpv6 or a number from 0 to 255");
                    }
                    yield new Protocol(text, Integer.parseInt(text));
                }
            };
        }

        public boolean hasPorts() {
            return number == TCP || number == UDP;
        }
    }

    /**
     * Checks that the parts belong together.
     *
     * @throws IllegalArgumentException when the addresses are of two families, or a port has no TCP or UDP
     */
    public Passage {
        if (source.getClass() != destination.getClass()) {
            throw new IllegalArgumentException(
                    text(source) + " and " + text(destination) + " are of two families: no packet has both");
        }
        if (port.isPresent() && protocol.filter(Protocol::hasPorts).isEmpty()) {
            throw new IllegalArgumentException("a port needs tcp or udp in front of it");
        }
    }

    /** The answer to it; ports are not asked about on the way back. */
    Passage back() {
        return new Passage(/* source= */ destination, /* destination= */ source, protocol, OptionalInt.empty());
    }

    /** As people write it, also IPv6. */
    public static String text(InetAddress address) {
        String host = Prefix.of(address, address.getAddress().length * 8).toString();
        return host.substring(0, host.indexOf('/'));
    }

    @Override
    public String toString() {
        return text(source) + " -> " + text(destination)
                + protocol.map(known -> " " + known.name()).orElse("")
                + (port.isPresent() ? " " + port.getAsInt() : "");
    }
}
