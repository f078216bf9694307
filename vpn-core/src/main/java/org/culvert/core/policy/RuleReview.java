package org.culvert.core.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.culvert.keymgmt.Prefix;

/** Finds rules that can never match: most are slips of the pen, and what they were to allow is dropped. Stateless. */
public final class RuleReview {
    private final Place own;
    private final List<Place> peers;
    private final boolean transit;

    /** A gateway and what it speaks for. */
    public record Place(Site site, List<Prefix> networks) {
        public Place {
            networks = List.copyOf(networks);
        }
    }

    /** A rule that can never match, and why. */
    public record Dead(Rule rule, String cause) {}

    /** @param transit whether packets from one peer to another pass */
    public RuleReview(Place own, List<Place> peers, boolean transit) {
        this.own = own;
        this.peers = List.copyOf(peers);
        this.transit = transit;
    }

    public List<Dead> dead(List<Rule> rules) {
        List<Dead> found = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            rules.subList(0, i).stream()
                    .filter(earlier -> earlier.covers(rule))
                    .findFirst()
                    .map(earlier -> "rule `" + earlier.name() + "` above accepts all that this one would")
                    .or(() -> unreachable(rule))
                    .ifPresent(cause -> found.add(new Dead(rule, cause)));
        }
        return found;
    }

    private Optional<String> unreachable(Rule rule) {
        List<Place> sources = all().filter(place -> speaks(place, rule.fromGroups(), rule.from()))
                .toList();
        List<Place> destinations =
                all().filter(place -> speaks(place, rule.toGroups(), rule.to())).toList();
        if (sources.isEmpty()) {
            return Optional.of(nobody("from", rule.fromGroups(), rule.from()));
        }
        if (destinations.isEmpty()) {
            return Optional.of(nobody("to", rule.toGroups(), rule.to()));
        }
        boolean meets = false;
        for (Place source : sources) {
            for (Place destination : destinations) {
                if (passesHere(source, destination) && haveOneFamily(rule, source, destination)) {
                    if (isAsked(source, destination)) {
                        return Optional.empty();
                    }
                    meets = true;
                }
            }
        }
        return Optional.of(
                meets
                        ? "its packets are to or from peers with default-policy = \"allow\", where no rule is asked"
                        : "no packet between its two sides passes this gateway");
    }

    private Stream<Place> all() {
        return Stream.concat(Stream.of(own), peers.stream());
    }

    private static boolean speaks(Place place, List<String> groups, List<Prefix> networks) {
        return (groups.isEmpty() || groups.stream().anyMatch(place.site().groups()::contains))
                && (networks.isEmpty()
                        || networks.stream()
                                .anyMatch(wanted -> place.networks().stream().anyMatch(wanted::overlaps)));
    }

    private String nobody(String side, List<String> groups, List<Prefix> networks) {
        boolean noGroup = !groups.isEmpty()
                && all().noneMatch(
                                place -> groups.stream().anyMatch(place.site().groups()::contains));
        if (noGroup) {
            return "no certificate of this gateway or its peers has a group of `" + side + "-groups`";
        }
        return networks.isEmpty() || groups.isEmpty()
                ? "neither this gateway nor a peer has any network of `" + side + "`"
                : "no gateway has both a group of `" + side + "-groups` and a network of `" + side + "`";
    }

    private boolean passesHere(Place source, Place destination) {
        return !source.equals(destination) && (source.equals(own) || destination.equals(own) || transit);
    }

    private boolean isAsked(Place source, Place destination) {
        return (!source.equals(own) && !source.site().open())
                || (!destination.equals(own) && !destination.site().open());
    }

    private static boolean haveOneFamily(Rule rule, Place source, Place destination) {
        return Stream.of(true, false)
                .anyMatch(ipv4 -> has(ipv4, rule.from(), source) && has(ipv4, rule.to(), destination));
    }

    private static boolean has(boolean ipv4, List<Prefix> wanted, Place place) {
        return place.networks().stream()
                .filter(network -> network.ipv4() == ipv4)
                .anyMatch(network -> wanted.isEmpty() || wanted.stream().anyMatch(network::overlaps));
    }
}
