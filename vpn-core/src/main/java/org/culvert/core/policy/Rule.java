package org.culvert.core.policy;

import java.util.List;
import org.culvert.keymgmt.Prefix;

/**
 * One {@code [[allow]]}: packets of which all of this holds may pass. An empty list asks for nothing.
 *
 * @param name of its counter
 * @param from networks of the source
 * @param to networks of the destination
 * @param fromGroups the gateway that speaks for the source has one of these in its certificate
 * @param toGroups the same for the destination
 * @param protocols of the packet
 * @param ports destination ports; only where every protocol has some
 * @param fromPorts source ports; likewise
 */
public record Rule(
        String name,
        List<Prefix> from,
        List<Prefix> to,
        List<String> fromGroups,
        List<String> toGroups,
        List<Protocol> protocols,
        List<PortRange> ports,
        List<PortRange> fromPorts) {
    public Rule {
        from = List.copyOf(from);
        to = List.copyOf(to);
        fromGroups = List.copyOf(fromGroups);
        toGroups = List.copyOf(toGroups);
        protocols = List.copyOf(protocols);
        ports = List.copyOf(ports);
        fromPorts = List.copyOf(fromPorts);
    }

    /** Whether every packet of {@code later} is one of this rule too, as far as one rule alone can say. */
    boolean covers(Rule later) {
        return coversPrefixes(from, later.from)
                && coversPrefixes(to, later.to)
                && (fromGroups.isEmpty() || (!later.fromGroups.isEmpty() && fromGroups.containsAll(later.fromGroups)))
                && (toGroups.isEmpty() || (!later.toGroups.isEmpty() && toGroups.containsAll(later.toGroups)))
                && (protocols.isEmpty()
                        || (!later.protocols.isEmpty()
                                && later.protocols.stream()
                                        .allMatch(theirs -> protocols.stream().anyMatch(ours -> ours.covers(theirs)))))
                && coversPorts(ports, later.ports)
                && coversPorts(fromPorts, later.fromPorts);
    }

    private static boolean coversPrefixes(List<Prefix> ours, List<Prefix> theirs) {
        return ours.isEmpty()
                || (!theirs.isEmpty()
                        && theirs.stream().allMatch(each -> ours.stream().anyMatch(wide -> wide.contains(each))));
    }

    private static boolean coversPorts(List<PortRange> ours, List<PortRange> theirs) {
        return ours.isEmpty()
                || (!theirs.isEmpty()
                        && theirs.stream().allMatch(each -> ours.stream().anyMatch(wide -> wide.holds(each))));
    }
}
