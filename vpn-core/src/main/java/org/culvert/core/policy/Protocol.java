package org.culvert.core.policy;

import java.util.List;
import java.util.Optional;
import org.culvert.core.packet.FiveTuple;

/**
 * What a rule may name as its protocol.
 *
 * @param label as it is configured
 * @param ipv4 the number in an IPv4 header
 * @param ipv6 the same in the last IPv6 header of the chain
 * @param echoOnly of ICMP only the question of a ping; its answer comes back as a reply
 */
public record Protocol(String label, int ipv4, int ipv6, boolean echoOnly) {
    /** Protocols with names; all others are numbers. */
    public static final List<Protocol> NAMED = List.of(
            of("tcp", FiveTuple.TCP),
            of("udp", FiveTuple.UDP),
            new Protocol("icmp", FiveTuple.ICMP, FiveTuple.ICMPV6, false),
            new Protocol("ping", FiveTuple.ICMP, FiveTuple.ICMPV6, true),
            of("sctp", FiveTuple.SCTP),
            of("gre", 47),
            of("esp", 50));

    private static final int MOST = 255;

    /** By name or number. */
    public static Optional<Protocol> ofLabel(String label) {
        Optional<Protocol> named =
                NAMED.stream().filter(each -> each.label.equals(label)).findFirst();
        if (named.isPresent() || !label.matches("[0-9]{1,3}") || Integer.parseInt(label) > MOST) {
            return named;
        }
        return Optional.of(of(label, Integer.parseInt(label)));
    }

    public boolean hasPorts() {
        return ipv4 == ipv6 && FiveTuple.hasPorts(ipv4);
    }

    /** Whether every packet of {@code other} is one of this. */
    boolean covers(Protocol other) {
        return ipv4 == other.ipv4 && ipv6 == other.ipv6 && (!echoOnly || other.echoOnly);
    }

    private static Protocol of(String label, int number) {
        return new Protocol(label, number, number, false);
    }

    @Override
    public String toString() {
        return label;
    }
}
