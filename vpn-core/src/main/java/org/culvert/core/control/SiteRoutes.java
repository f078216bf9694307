package org.culvert.core.control;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.culvert.keymgmt.Prefix;
import org.culvert.tun.Address;
import org.culvert.tun.Netlink;
import org.culvert.tun.Route;
import org.culvert.tun.SystemCallException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's routes to the peers' networks: one through the TUN, and behind it an unreachable one with the worst metric and no
 * device, so that a TUN without carrier, or a daemon killed, lets nothing leave in clear (design.md section 8). All carry our
 * protocol number; nothing else is ever touched. Control thread.
 */
public final class SiteRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(SiteRoutes.class);

    /** Better than what routing daemons and DHCP clients usually install, worse than a hand-made route without a metric. */
    private static final long TUN_METRIC = 50;

    /** The largest a kernel takes. */
    private static final long GUARD_METRIC = 0xffff_ffffL;

    private final Netlink netlink;
    private final int tunIndex;
    private final List<Prefix> ownNetworks;
    private List<PeerNetwork> networks = List.of();

    /** A network behind a peer and the largest inner packet on the way there. */
    record PeerNetwork(Prefix prefix, int mtuBytes) {}

    /** @param ownNetworks where to look for the preferred source: the gateway's own address in them */
    public SiteRoutes(Netlink netlink, int tunIndex, List<Prefix> ownNetworks) {
        this.netlink = netlink;
        this.tunIndex = tunIndex;
        this.ownNetworks = List.copyOf(ownNetworks);
    }

    /** What is to be routed from now on; {@link #restore} makes it so. */
    void networks(List<PeerNetwork> wanted) {
        networks = List.copyOf(wanted);
    }

    /**
     * Adds every route that is missing, corrects those that differ, and removes those through this TUN that are not wanted any
     * more (a persistent TUN keeps what an earlier configuration asked for). What a killed daemon left is thereby taken over or
     * removed, without a moment in which a network is open.
     *
     * @return how many had to be added or corrected
     */
    int restore() throws SystemCallException {
        List<Route> present = netlink.routes();
        List<Route> wanted = wanted();
        int changed = 0;
        for (Route route : wanted) {
            if (present.stream().noneMatch(other -> same(other, route))) {
                netlink.replaceRoute(route);
                changed++;
            }
        }
        for (Route route : present) {
            boolean throughUs = route.protocol() == Netlink.PROTOCOL_CULVERT && route.interfaceIndex() == tunIndex;
            if (throughUs && wanted.stream().noneMatch(other -> sameKey(other, route))) {
                netlink.deleteRoute(route);
            }
        }
        return changed;
    }

    /** The guard of each network first: it must stand before anything leads to the TUN. */
    private List<Route> wanted() throws SystemCallException {
        List<Address> addresses = netlink.addresses();
        List<Route> wanted = new ArrayList<>();
        for (PeerNetwork network : networks) {
            wanted.add(guard(network));
            wanted.add(throughTun(network, addresses));
        }
        return wanted;
    }

    /** Removes all of ours. Goes on past what fails: the rest must go too. */
    public void remove() {
        try {
            for (Route route : netlink.routes()) {
                if (isOurs(route)) {
                    netlink.deleteRoute(route);
                }
            }
        } catch (SystemCallException e) {
            LOG.warn("a route could not be removed: {}", e.getMessage());
        }
    }

    private boolean isOurs(Route route) {
        if (route.protocol() != Netlink.PROTOCOL_CULVERT) {
            return false;
        }
        return route.interfaceIndex() == tunIndex
                || (route.kind() == Route.Kind.UNREACHABLE
                        && networks.stream().anyMatch(network -> isTo(route, network.prefix())));
    }

    private static boolean isTo(Route route, Prefix prefix) {
        return route.prefixLength() == prefix.length() && route.destination().equals(prefix.address());
    }

    /** Whether the kernel holds both as one route: replacing one replaces the other. */
    private static boolean sameKey(Route a, Route b) {
        return a.protocol() == b.protocol()
                && a.kind() == b.kind()
                && a.prefixLength() == b.prefixLength()
                && a.destination().equals(b.destination())
                && a.metric() == b.metric();
    }

    private static boolean same(Route present, Route wanted) {
        return sameKey(present, wanted)
                && (wanted.kind() == Route.Kind.UNREACHABLE
                        || (present.interfaceIndex() == wanted.interfaceIndex()
                                && present.mtuBytes() == wanted.mtuBytes()
                                && Objects.equals(present.preferredSource(), wanted.preferredSource())));
    }

    private Route guard(PeerNetwork network) {
        return new Route(
                network.prefix().address(),
                network.prefix().length(),
                Route.Kind.UNREACHABLE,
                0,
                null,
                null,
                GUARD_METRIC,
                Netlink.PROTOCOL_CULVERT,
                0);
    }

    private Route throughTun(PeerNetwork network, List<Address> addresses) {
        return new Route(
                network.prefix().address(),
                network.prefix().length(),
                Route.Kind.UNICAST,
                tunIndex,
                ownAddress(addresses, network.prefix().ipv4()).orElse(null),
                null,
                TUN_METRIC,
                Netlink.PROTOCOL_CULVERT,
                network.mtuBytes());
    }

    /** The gateway's own address inside its certified networks: what its own packets to the peers must come from. */
    private Optional<InetAddress> ownAddress(List<Address> addresses, boolean ipv4) {
        List<InetAddress> candidates = new ArrayList<>();
        for (Address address : addresses) {
            @Nullable InetAddress inet = address.address();
            Prefix host = Prefix.of(inet, inet.getAddress().length * 8);
            if (host.ipv4() == ipv4 && ownNetworks.stream().anyMatch(network -> network.contains(host))) {
                candidates.add(inet);
            }
        }
        return candidates.stream().findFirst();
    }
}
