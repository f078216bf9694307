package org.culvert.core.why;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.culvert.core.why.Surroundings.Neighbour;
import org.culvert.keymgmt.Prefix;
import org.jspecify.annotations.Nullable;

/**
 * Walks a packet and its answer through the checks of the data path (design.md sections 4 and 5) and of the kernel around it. All
 * checks are made, also behind one that fails: an administrator repairs more than one thing at a time.
 */
public final class Why {
    private static final String ROUTE = "route";
    private static final String FORWARDING = "forwarding";
    private static final String PEER = "peer";
    private static final String PEER_NETWORKS = "peer networks";
    private static final String OWN_NETWORKS = "own networks";
    private static final String COUNTERS = "counters";

    private final Surroundings here;

    public Why(Surroundings here) {
        this.here = here;
    }

    public Verdict of(Passage passage) {
        Optional<Neighbour> from = owner(passage.source());
        Optional<Neighbour> to = owner(passage.destination());
        List<Way> ways = new ArrayList<>();
        if (from.isPresent() && to.isPresent()) {
            ways.add(inbound(passage, from.get()));
            ways.add(outbound(passage, to));
        } else if (from.isPresent()) {
            ways.add(inbound(passage, from.get()));
            ways.add(outbound(passage.back(), from));
        } else {
            ways.add(outbound(passage, to));
            to.ifPresent(peer -> ways.add(inbound(passage.back(), peer)));
        }
        return Verdict.of(passage, ways);
    }

    // From the LAN into the tunnel

    private Way outbound(Passage passage, Optional<Neighbour> to) {
        List<Step> steps = new ArrayList<>();
        steps.add(routeIntoTunnel(passage));
        addForwarding(steps, passage, passage.source());
        steps.add(to.map(peer -> Step.ok(PEER, membership(peer, passage.destination())))
                .orElseGet(() -> Step.no(PEER, nobodys(passage.destination()))));
        steps.add(sourceIsOurs(passage));
        to.ifPresent(peer -> {
            steps.add(certificates(peer));
            addKeys(steps, peer);
            steps.add(endpoint(peer));
            steps.add(Step.ok("mtu", "packets of up to " + peer.mtuBytes() + " bytes go in one piece"));
            steps.add(here.policy().decide(passage, peer.name(), true));
            steps.add(Step.ok(
                    COUNTERS, peer.sent() + " packets sent to " + peer.name() + " so far" + drops(peer, "tx_")));
        });
        return new Way(true, passage, to.map(Neighbour::name), steps);
    }

    private Step routeIntoTunnel(Passage passage) {
        String destination = Passage.text(passage.destination());
        Optional<String> through = here.kernel().interfaceTo(passage.destination());
        if (through.isEmpty()) {
            return Step.no(
                    ROUTE,
                    "the kernel has no open route to " + destination + " (the guard route refuses it while"
                            + " the one through " + here.tunName() + " is missing)");
        }
        return through.get().equals(here.tunName())
                ? Step.ok(ROUTE, destination + " goes through " + here.tunName())
                : Step.no(
                        ROUTE,
                        "the kernel sends " + destination + " through " + through.get() + ", not through "
                                + here.tunName() + "; see `ip route get " + destination + "`");
    }

    private Step sourceIsOurs(Passage passage) {
        String source = Passage.text(passage.source());
        boolean transit = here.transit() && owner(passage.source()).isPresent();
        return match(here.ownNetworks(), passage.source())
                .map(network -> Step.ok(OWN_NETWORKS, source + " is in our certificate's " + network))
                .orElseGet(() -> transit
                        ? Step.ok(OWN_NETWORKS, source + " is another peer's, and transit is on")
                        : Step.no(
                                OWN_NETWORKS,
                                source + " is in no network of our own certificate (" + list(here.ownNetworks())
                                        + "), so the peer would refuse it (tx_source)"));
    }

    private Step certificates(Neighbour peer) {
        List<String> problems = new ArrayList<>(here.ownProblems());
        problems.addAll(peer.problems());
        return problems.isEmpty()
                ? Step.ok("certificate", "both certificates are good")
                : Step.no("certificate", peer.name() + " is down: " + String.join("; ", problems));
    }

    private static void addKeys(List<Step> steps, Neighbour peer) {
        if (!peer.keyRemark().isEmpty()) {
            steps.add(Step.no("keys", peer.name() + ": " + peer.keyRemark()));
        }
    }

    private Step endpoint(Neighbour peer) {
        @Nullable InetAddress address = peer.endpoint().orElse(null);
        if (address == null) {
            return Step.no(
                    "endpoint",
                    "where " + peer.name()
                            + " is, is not known until it speaks (tx_no_endpoint); configure its endpoint");
        }
        String text = Passage.text(address);
        return here.kernel()
                .interfaceTo(address)
                .map(through -> through.equals(here.tunName())
                        ? Step.no("endpoint", text + " is routed into the tunnel itself")
                        : Step.ok("endpoint", peer.name() + " is at " + text + ", through " + through))
                .orElseGet(() -> Step.no("endpoint", "there is no route to " + peer.name() + " at " + text));
    }

    // From the tunnel to the LAN

    private Way inbound(Passage passage, Neighbour from) {
        List<Step> steps = new ArrayList<>();
        steps.add(certificates(from));
        addKeys(steps, from);
        steps.add(Step.ok(PEER_NETWORKS, membership(from, passage.source())));
        steps.add(destinationIsOurs(passage, from));
        steps.add(here.policy().decide(passage, from.name(), false));
        steps.add(routeToLan(passage));
        addForwarding(steps, passage, passage.destination());
        addReversePath(steps, passage);
        steps.add(Step.ok(
                COUNTERS, from.received() + " packets received from " + from.name() + " so far" + drops(from, "")));
        return new Way(false, passage, Optional.of(from.name()), steps);
    }

    private Step destinationIsOurs(Passage passage, Neighbour from) {
        String destination = Passage.text(passage.destination());
        boolean transit = here.transit()
                && owner(passage.destination()).filter(to -> !to.equals(from)).isPresent();
        return match(here.ownNetworks(), passage.destination())
                .map(network -> Step.ok(OWN_NETWORKS, destination + " is in our certificate's " + network))
                .orElseGet(() -> transit
                        ? Step.ok(OWN_NETWORKS, destination + " is another peer's, and transit is on")
                        : Step.no(
                                OWN_NETWORKS,
                                destination + " is in no network of our own certificate (" + list(here.ownNetworks())
                                        + "), so it is not for us (not_for_us)"));
    }

    private Step routeToLan(Passage passage) {
        String destination = Passage.text(passage.destination());
        if (here.kernel().isLocal(passage.destination())) {
            return Step.ok(ROUTE, destination + " is this gateway itself");
        }
        boolean toPeer = owner(passage.destination()).isPresent();
        return here.kernel()
                .interfaceTo(passage.destination())
                .map(through -> through.equals(here.tunName()) && !toPeer
                        ? Step.no(ROUTE, "the kernel would send " + destination + " back into " + through)
                        : Step.ok(ROUTE, destination + " goes through " + through))
                .orElseGet(() -> Step.no(ROUTE, "the kernel has no route to " + destination));
    }

    /** @param host the end that is not in the tunnel: the gateway's own packets need no forwarding */
    private void addForwarding(List<Step> steps, Passage passage, InetAddress host) {
        boolean ipv4 = passage.source().getAddress().length == 4;
        if (here.kernel().isLocal(host)) {
            return;
        }
        steps.add(
                here.kernel().forwards(ipv4)
                        ? Step.ok(FORWARDING, (ipv4 ? "IPv4" : "IPv6") + " forwarding is on")
                        : Step.no(
                                FORWARDING,
                                ipv4
                                        ? "IPv4 forwarding is off: sysctl -w net.ipv4.ip_forward=1"
                                        : "IPv6 forwarding is off: sysctl -w net.ipv6.conf.all.forwarding=1"));
    }

    private void addReversePath(List<Step> steps, Passage passage) {
        boolean ipv4 = passage.source().getAddress().length == 4;
        boolean backIntoTunnel = here.kernel()
                .interfaceTo(passage.source())
                .filter(here.tunName()::equals)
                .isPresent();
        if (ipv4 && here.kernel().strictReversePath() && !backIntoTunnel) {
            steps.add(Step.no(
                    "reverse path",
                    "the kernel drops it: rp_filter is strict on " + here.tunName() + " and its route to "
                            + Passage.text(passage.source()) + " does not lead there"));
        }
    }

    // Whose is it

    /** The peer with the longest network around an address, unless a longer one is our own. */
    private Optional<Neighbour> owner(InetAddress address) {
        int longest = match(here.ownNetworks(), address).map(Prefix::length).orElse(-1);
        Optional<Neighbour> owner = Optional.empty();
        for (Neighbour peer : here.peers()) {
            int length = match(peer.networks(), address).map(Prefix::length).orElse(-1);
            if (length > longest) {
                longest = length;
                owner = Optional.of(peer);
            }
        }
        return owner;
    }

    private static Optional<Prefix> match(List<Prefix> networks, InetAddress address) {
        Prefix host = Prefix.of(address, address.getAddress().length * 8);
        return networks.stream()
                .filter(network -> network.contains(host))
                .reduce((a, b) -> a.length() >= b.length() ? a : b);
    }

    private static String membership(Neighbour peer, InetAddress address) {
        return Passage.text(address) + " is in " + peer.name() + "'s "
                + match(peer.networks(), address).map(Prefix::toString).orElse("networks");
    }

    /** Also says whose it would be, were it not for the configuration. */
    private String nobodys(InetAddress address) {
        String text = Passage.text(address);
        if (match(here.ownNetworks(), address).isPresent()) {
            return text + " is in our own networks: it does not go through the tunnel";
        }
        return here.peers().stream()
                .filter(peer -> match(peer.certified(), address).isPresent())
                .findFirst()
                .map(peer -> peer.networks().isEmpty()
                        ? text + " would be " + peer.name() + "'s, whose certificate is not accepted: "
                                + String.join("; ", peer.problems())
                        : "the certificate of " + peer.name() + " has " + text
                                + ", but [[peer]] networks leaves it out (tx_no_route)")
                .orElse("no peer's networks contain " + text + " (tx_no_route)");
    }

    private static String list(List<Prefix> networks) {
        return networks.isEmpty()
                ? "none"
                : networks.stream().map(Prefix::toString).collect(Collectors.joining(", "));
    }

    private static String drops(Neighbour peer, String prefix) {
        String dropped = peer.drops().entrySet().stream()
                .filter(drop -> drop.getValue() != 0)
                .filter(drop -> prefix.isEmpty() != drop.getKey().startsWith("tx_"))
                .map(Map.Entry::toString)
                .map(text -> text.replace('=', ' '))
                .collect(Collectors.joining(", "));
        return dropped.isEmpty() ? ", none dropped" : "; dropped: " + dropped;
    }
}
