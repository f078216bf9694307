package org.culvert.core.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.culvert.core.packet.FiveTuple;
import org.culvert.core.route.RouteTable;
import org.culvert.keymgmt.Prefix;

/**
 * Rules compiled for matching: for each property of a packet one table gives the set of rules that accept it, as bits, and the lowest bit
 * that is in all of the sets is the first rule that matches (Lakshman and Stiliadis 1998). A match costs two route lookups and two binary
 * searches over ports, however many rules there are, and one AND of seven words per 64 of them. Immutable; any thread; allocates nothing.
 */
final class RuleSet {
    /** No rule matches. */
    static final int NONE = -1;

    private static final int IPV6 = 256;

    private final List<Rule> rules;
    private final int words;
    private final Networks from;
    private final Networks to;

    /** By protocol number, for IPv6 256 further; without rules that only take pings. */
    private final long[][] protocols;

    private final long[] ping4;
    private final long[] ping6;

    private final Ports ports;
    private final Ports fromPorts;

    /** Rules that ask for no ports: those that a fragment without its ports can match. */
    private final long[] portless;

    RuleSet(List<Rule> rules) {
        this.rules = List.copyOf(rules);
        words = Math.ceilDiv(rules.size(), 64);
        from = new Networks(Rule::from);
        to = new Networks(Rule::to);
        protocols = new long[2 * IPV6][];
        for (int number = 0; number < IPV6; number++) {
            protocols[number] = rulesFor(number, 4, false);
            protocols[number + IPV6] = rulesFor(number, 6, false);
        }
        ping4 = rulesFor(FiveTuple.ICMP, 4, true);
        ping6 = rulesFor(FiveTuple.ICMPV6, 6, true);
        ports = new Ports(Rule::ports);
        fromPorts = new Ports(Rule::fromPorts);
        portless = rulesThat(rule -> rule.ports().isEmpty() && rule.fromPorts().isEmpty());
    }

    List<Rule> rules() {
        return rules;
    }

    /** Rules that a gateway with these groups may be the {@code groupsOf} end of. */
    long[] forGroups(Function<Rule, List<String>> groupsOf, Collection<String> groups) {
        return rulesThat(rule ->
                groupsOf.apply(rule).isEmpty() || groupsOf.apply(rule).stream().anyMatch(groups::contains));
    }

    /**
     * The first rule that accepts a packet.
     *
     * @param fromGroups of the gateway that speaks for the source, from {@link #forGroups}
     * @param toGroups the same for the destination
     * @return its number or {@link #NONE}
     */
    int match(FiveTuple tuple, long[] fromGroups, long[] toGroups) {
        long[] byFrom = from.at(tuple.sourceHigh(), tuple.sourceLow());
        long[] byTo = to.at(tuple.destinationHigh(), tuple.destinationLow());
        long[] byProtocol = byProtocol(tuple);
        boolean hasPorts = FiveTuple.hasPorts(tuple.protocol()) && !tuple.isLaterFragment();
        long[] byPort = hasPorts ? ports.at(tuple.destinationPort()) : portless;
        long[] byFromPort = hasPorts ? fromPorts.at(tuple.sourcePort()) : portless;
        for (int w = 0; w < words; w++) {
            long match = byFrom[w] & byTo[w] & byProtocol[w] & byPort[w] & byFromPort[w] & fromGroups[w] & toGroups[w];
            if (match != 0) {
                return w * 64 + Long.numberOfTrailingZeros(match);
            }
        }
        return NONE;
    }

    private long[] byProtocol(FiveTuple tuple) {
        if (tuple.isEchoRequest()) {
            return tuple.version() == 4 ? ping4 : ping6;
        }
        return protocols[tuple.protocol() + (tuple.version() == 6 ? IPV6 : 0)];
    }

    private long[] rulesFor(int number, int version, boolean ping) {
        return rulesThat(rule -> rule.protocols().isEmpty()
                || rule.protocols().stream()
                        .anyMatch(protocol -> (version == 4 ? protocol.ipv4() : protocol.ipv6()) == number
                                && (ping || !protocol.echoOnly())));
    }

    private long[] rulesThat(Predicate<Rule> accept) {
        long[] bits = new long[words];
        for (int i = 0; i < rules.size(); i++) {
            if (accept.test(rules.get(i))) {
                bits[i / 64] |= 1L << (i % 64);
            }
        }
        return bits;
    }

    /** Which rules accept an address. */
    private final class Networks {
        private final RouteTable table;
        private final long[][] sets;

        Networks(Function<Rule, List<Prefix>> side) {
            Set<Prefix> named = new TreeSet<>();
            rules.forEach(rule -> named.addAll(side.apply(rule)));
            RouteTable.Builder builder = RouteTable.builder();
            List<long[]> found = new ArrayList<>();
            found.add(rulesThat(rule -> side.apply(rule).isEmpty()));
            for (Prefix prefix : named) {
                builder.add(prefix.high(), prefix.low(), prefix.mappedLength(), found.size());
                found.add(rulesThat(rule -> side.apply(rule).isEmpty()
                        || side.apply(rule).stream().anyMatch(wide -> wide.contains(prefix))));
            }
            table = builder.build();
            sets = found.toArray(long[][]::new);
        }

        long[] at(long high, long low) {
            return sets[Math.max(0, table.lookup(high, low))];
        }
    }

    /** Which rules accept a port: between two neighbouring starts the answer is the same. */
    private final class Ports {
        private final int[] starts;
        private final long[][] sets;

        Ports(Function<Rule, List<PortRange>> side) {
            Set<Integer> cuts = new TreeSet<>(Set.of(0));
            for (Rule rule : rules) {
                for (PortRange range : side.apply(rule)) {
                    cuts.add(range.first());
                    cuts.add(range.last() + 1);
                }
            }
            starts = cuts.stream().mapToInt(Integer::intValue).toArray();
            sets = new long[starts.length][];
            for (int i = 0; i < starts.length; i++) {
                int port = starts[i];
                sets[i] = rulesThat(rule ->
                        side.apply(rule).isEmpty() || side.apply(rule).stream().anyMatch(range -> range.holds(port)));
            }
        }

        long[] at(int port) {
            int found = Arrays.binarySearch(starts, port);
            return sets[found >= 0 ? found : -found - 2];
        }
    }
}
