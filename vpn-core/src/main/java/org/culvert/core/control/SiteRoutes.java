package org.culvert.core.control;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32;
import org.culvert.keymgmt.Prefix;
import org.culvert.tun.Address;
import org.culvert.tun.Link;
import org.culvert.tun.Netlink;
import org.culvert.tun.Route;
import org.culvert.tun.SystemCallException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's routes to the peers' networks: one through the TUN, and behind it an unreachable one with the worst metric and no
 * device, so that a TUN without carrier, or a daemon killed, lets nothing leave in clear (design.md section 8). What comes out of the
 * tunnel needs the same: behind each route to a LAN of ours stands a guard of the same prefix, else a LAN address that is removed would
 * send the peers' packets back out by the default route. All carry our protocol number, and the guards the number of their TUN as well; nothing else is ever touched. One thread: the control thread's,
 * or that of {@code up} and {@code down}.
 */
public final class SiteRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(SiteRoutes.class);

    /** Better than what routing daemons and DHCP clients usually install, worse than a hand-made route without a metric. */
    private static final long TUN_METRIC = 50;

    /** The worst a kernel takes are 0xffff0000 to 0xffffffff; which of them tells whose guard it is. */
    private static final long GUARD_METRICS = 0xffff_0000L;

    private static final int NO_INTERFACE = -1;

    /** A smaller path does not make IPv6 packets smaller (RFC 8200 section 5): their datagrams are fragmented instead. */
    private static final int MIN_IPV6_BYTES = 1280;

    private final Netlink netlink;
    private final String tunName;
    private final int tunIndex;
    private final long guardMetric;
    private final boolean mayChange;
    private List<Prefix> ownNetworks;
    private List<PeerNetwork> networks = List.of();
    private boolean tunUp = true;

    /** A network behind a peer and the largest inner packet on the way there. */
    public record PeerNetwork(Prefix prefix, int mtuBytes) {}

    /**
     * @param ownNetworks where to look for the preferred source: the gateway's own address in them
     * @param mayChange whether this process has the right to; without it, what {@code culvert up} made must do
     */
    public SiteRoutes(Netlink netlink, String tunName, int tunIndex, List<Prefix> ownNetworks, boolean mayChange) {
        this.netlink = netlink;
        this.tunName = tunName;
        this.tunIndex = tunIndex;
        this.guardMetric = guardMetric(tunName);
        this.ownNetworks = List.copyOf(ownNetworks);
        this.mayChange = mayChange;
    }

    /** Those of a TUN that may be gone, for taking them away. */
    public static SiteRoutes left(Netlink netlink, String tunName) throws SystemCallException {
        int index = netlink.link(tunName).map(Link::index).orElse(NO_INTERFACE);
        return new SiteRoutes(netlink, tunName, index, List.of(), true);
    }

    /** Of two daemons on a host, each knows its own guards by this, also those of peers it has never heard of. */
    static long guardMetric(String tunName) {
        CRC32 crc = new CRC32();
        crc.update(tunName.getBytes(StandardCharsets.UTF_8));
        return GUARD_METRICS | (crc.getValue() & 0xffff);
    }

    /** Where to look for the preferred source from now on. */
    void ownNetworks(List<Prefix> own) {
        ownNetworks = List.copyOf(own);
    }

    /** What is to be routed from now on; {@link #restore} makes it so. */
    public void networks(List<PeerNetwork> wanted) {
        networks = List.copyOf(wanted);
    }

    /**
     * Adds every route that is missing, corrects those that differ, and removes those of ours that are not wanted any more. What a
     * killed daemon left is thereby taken over or removed, without a moment in which a network is open.
     *
     * @return how many had to be added or corrected
     * @throws MissingRoutesException when one is missing that this process may not add
     */
    public int restore() throws SystemCallException, MissingRoutesException {
        int changed = add();
        if (mayChange) {
            removeUnwanted();
        }
        return changed;
    }

    /** As {@link #restore}, but what is not wanted stays: it may be wanted by the daemon that runs. */
    public int add() throws SystemCallException, MissingRoutesException {
        if (mayChange) {
            guardOwn();
        }
        List<Route> missing = require(networks);
        for (Route route : missing) {
            netlink.replaceRoute(route);
        }
        return missing.size();
    }

    /**
     * What would have to be added to route these networks.
     *
     * @throws MissingRoutesException when there is something and this process may not add it
     */
    List<Route> require(List<PeerNetwork> coming) throws SystemCallException, MissingRoutesException {
        List<Route> missing = missing(wanted(coming));
        if (!missing.isEmpty() && !mayChange) {
            throw new MissingRoutesException(tunName, missing);
        }
        return missing;
    }

    /** Closes networks that are to come, before anything else is done about them. */
    void guard(List<PeerNetwork> coming) throws SystemCallException {
        if (mayChange) {
            for (Route guard : missing(coming.stream().map(this::guard).toList())) {
                netlink.replaceRoute(guard);
            }
        }
    }

    /**
     * Takes a worse route of the same prefix, so nothing goes elsewhere while the LAN's own stands. What routes to our networks there are only
     * the kernel knows; a guard stays when its LAN goes, which is what it is for, until the networks are others.
     */
    private void guardOwn() throws SystemCallException {
        List<Route> present = netlink.routes();
        for (Route lan : present) {
            if (isToOwnLan(lan)) {
                Route guard = guard(lan.destination(), lan.prefixLength());
                if (present.stream().noneMatch(other -> same(other, guard))) {
                    netlink.replaceRoute(guard);
                }
            }
        }
    }

    private boolean isToOwnLan(Route route) {
        return route.kind() == Route.Kind.UNICAST
                && route.interfaceIndex() != tunIndex
                && route.protocol() != Netlink.PROTOCOL_CULVERT
                && isOwn(route);
    }

    private boolean isOwn(Route route) {
        Prefix prefix = Prefix.of(route.destination(), route.prefixLength());
        return ownNetworks.stream().anyMatch(network -> network.contains(prefix));
    }

    private List<Route> missing(List<Route> wanted) throws SystemCallException {
        List<Route> present = netlink.routes();
        return wanted.stream()
                .filter(route -> present.stream().noneMatch(other -> same(other, route)))
                .toList();
    }

    /** Fits the TUN itself, which without the right to do so stays as {@code up} made it. @return its MTU now, in bytes */
    int fitTun(int mtuBytes) throws SystemCallException {
        int present = netlink.link(tunName).map(Link::mtuBytes).orElse(0);
        if (present == 0 || present == mtuBytes || !mayChange) {
            return present;
        }
        netlink.setMtu(tunIndex, mtuBytes);
        return mtuBytes;
    }

    private void removeUnwanted() throws SystemCallException {
        List<Route> wanted = wanted(networks);
        for (Route route : netlink.routes()) {
            boolean stays = isGuard(route) && isOwn(route);
            if (isOurs(route) && !stays && wanted.stream().noneMatch(other -> sameKey(other, route))) {
                netlink.deleteRoute(route);
            }
        }
    }

    /** The guards first: they must stand before anything leads to the TUN. Nothing can lead through a TUN that is down. */
    private List<Route> wanted(List<PeerNetwork> networks) throws SystemCallException {
        List<Route> wanted = new ArrayList<>();
        networks.forEach(network -> wanted.add(guard(network)));
        if (isTunUp()) {
            List<Address> addresses = netlink.addresses();
            networks.forEach(network -> wanted.add(throughTun(network, addresses)));
        }
        return wanted;
    }

    private boolean isTunUp() throws SystemCallException {
        boolean up = netlink.link(tunName).map(Link::up).orElse(false);
        if (up != tunUp) {
            tunUp = up;
            if (up) {
                LOG.info("{} is up again", tunName);
            } else {
                LOG.warn("{} was set down: nothing passes until `ip link set {} up`", tunName, tunName);
            }
        }
        return up;
    }

    /** Whether guards of this TUN stand already. */
    public boolean areThere() throws SystemCallException {
        return netlink.routes().stream().anyMatch(this::isGuard);
    }

    /** Removes all of ours, guards last. Goes on past what fails: the rest must go too. @return how many went */
    public int remove() {
        int removed = 0;
        try {
            List<Route> ours = netlink.routes().stream().filter(this::isOurs).toList();
            for (Route route : ours) {
                removed += !isGuard(route) && netlink.deleteRoute(route) ? 1 : 0;
            }
            for (Route route : ours) {
                removed += isGuard(route) && netlink.deleteRoute(route) ? 1 : 0;
            }
        } catch (SystemCallException e) {
            LOG.warn("a route could not be removed: {}", e.getMessage());
        }
        return removed;
    }

    private boolean isOurs(Route route) {
        boolean throughTun = route.protocol() == Netlink.PROTOCOL_CULVERT && route.interfaceIndex() == tunIndex;
        return throughTun || isGuard(route);
    }

    private boolean isGuard(Route route) {
        return route.protocol() == Netlink.PROTOCOL_CULVERT
                && route.kind() == Route.Kind.UNREACHABLE
                && route.metric() == guardMetric;
    }

    /** Whether the kernel holds both as one route: replacing one replaces the other. */
    private static boolean sameKey(Route a, Route b) {
        return a.protocol() == b.protocol()
                && a.kind() == b.kind()
                && a.prefixLength() == b.prefixLength()
                && a.destination().equals(b.destination())
                && a.metric() == b.metric();
    }

    /** An MTU that cannot be corrected is left to the clamping of TCP's segment size. */
    private boolean same(Route present, Route wanted) {
        return sameKey(present, wanted)
                && (wanted.kind() == Route.Kind.UNREACHABLE
                        || (present.interfaceIndex() == wanted.interfaceIndex()
                                && (present.mtuBytes() == wanted.mtuBytes() || !mayChange)
                                && Objects.equals(present.preferredSource(), wanted.preferredSource())));
    }

    private Route guard(PeerNetwork network) {
        return guard(network.prefix().address(), network.prefix().length());
    }

    private Route guard(InetAddress destination, int prefixLength) {
        return new Route(
                destination,
                prefixLength,
                Route.Kind.UNREACHABLE,
                0,
                null,
                null,
                guardMetric,
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
                network.prefix().ipv4() ? network.mtuBytes() : Math.max(network.mtuBytes(), MIN_IPV6_BYTES));
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
