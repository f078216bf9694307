package org.culvert.core.control;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;
import org.culvert.core.crypto.Suite;
import org.culvert.core.peer.Peer;
import org.culvert.tun.Endpoint;
import org.culvert.tun.Link;
import org.culvert.tun.Netlink;
import org.culvert.tun.Route;
import org.culvert.tun.SystemCallException;
import org.jspecify.annotations.Nullable;

/**
 * The largest inner packet per peer: what the egress link carries less our overhead (design.md section 2), unless the
 * configuration says otherwise. Control thread.
 */
public final class MtuPlan {
    /** IPv4 and UDP header in front of a datagram. */
    private static final int OUTER_IPV4_BYTES = 28;

    private static final int OUTER_IPV6_BYTES = 48;

    /** Where no route tells: Ethernet. */
    private static final int DEFAULT_LINK_BYTES = 1500;

    /** IPv6 needs this much on every link (RFC 8200 section 5). */
    private static final int MIN_BYTES = 1280;

    private static final int MAX_BYTES = 65_400;

    private final Netlink netlink;
    private OptionalInt configured;

    public MtuPlan(Netlink netlink, OptionalInt configured) {
        this.netlink = netlink;
        this.configured = configured;
    }

    /** The configuration says otherwise now. */
    void configured(OptionalInt bytes) {
        configured = bytes;
    }

    /** For the routes to a peer's networks: what was measured, else what the egress link leaves. */
    public int of(Peer peer) throws SystemCallException {
        int path = peer.pathBytes();
        return path == 0
                ? of(peer.endpoint(), peer.sendingSuite())
                : Math.min(
                        configured.orElse(MAX_BYTES), path - peer.sendingSuite().overheadBytes());
    }

    /** The same for a peer that nobody talks to yet. */
    public int of(@Nullable Endpoint endpoint, Suite suite) throws SystemCallException {
        return configured.isPresent() ? configured.getAsInt() : inner(endpoint, suite);
    }

    /**
     * Between what the search for a path's MTU is to look.
     *
     * @param limitBytes longest datagram that the egress link carries and the TUN can fill, UDP payload
     * @param floorBytes what leaves 1280 bytes inside, as every IPv6 packet may have
     * @param headerBytes IP and UDP header
     */
    record Bounds(int limitBytes, int floorBytes, int headerBytes) {}

    Bounds bounds(Endpoint endpoint, Suite suite) throws SystemCallException {
        int outer = endpoint.ipv4() ? OUTER_IPV4_BYTES : OUTER_IPV6_BYTES;
        int link = linkBytes(endpoint.remote().getAddress()) - outer;
        int most = configured.orElse(MAX_BYTES) + suite.overheadBytes();
        return new Bounds(Math.min(link, most), floorBytes(suite), outer);
    }

    /** The datagram, UDP payload, that leaves 1280 bytes inside. */
    static int floorBytes(Suite suite) {
        return MIN_BYTES + suite.overheadBytes();
    }

    /** For the TUN itself: no route may carry more than its device. */
    public int ofTun(Iterable<Peer> peers) throws SystemCallException {
        if (configured.isPresent()) {
            return configured.getAsInt();
        }
        int largest = 0;
        for (Peer peer : peers) {
            largest = Math.max(largest, of(peer.endpoint(), peer.sendingSuite())); // a measured one may rise again
        }
        return largest == 0 ? inner(null, Suite.AES_128_GCM) : largest;
    }

    private int inner(@Nullable Endpoint endpoint, Suite suite) throws SystemCallException {
        int link = endpoint == null
                ? DEFAULT_LINK_BYTES
                : linkBytes(endpoint.remote().getAddress());
        int outer = endpoint != null && endpoint.ipv4() ? OUTER_IPV4_BYTES : OUTER_IPV6_BYTES;
        return Math.clamp(link - outer - suite.overheadBytes(), MIN_BYTES, MAX_BYTES);
    }

    private int linkBytes(InetAddress towards) throws SystemCallException {
        Optional<Route> route = netlink.routeTo(towards);
        if (route.isEmpty()) {
            return DEFAULT_LINK_BYTES;
        }
        if (route.get().mtuBytes() > 0) {
            return route.get().mtuBytes();
        }
        return netlink.link(route.get().interfaceIndex()).map(Link::mtuBytes).orElse(DEFAULT_LINK_BYTES);
    }
}
