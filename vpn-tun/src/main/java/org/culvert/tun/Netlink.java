package org.culvert.tun;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Links, addresses and routes by rtnetlink(7), in the network namespace it was opened in. Not by running {@code ip}:
 * no program to find, no text to parse, and errors that can be told apart. One thread.
 */
public final class Netlink implements AutoCloseable {
    /** Marks our routes, so that a clean-up never touches another's. Below 256, and unused in iproute2's rt_protos. */
    public static final int PROTOCOL_CULVERT = 148;

    /** What is listed changed while the kernel listed it: so often we ask again. */
    private static final int DUMP_ATTEMPTS = 20;

    private final NetlinkSocket socket;

    private Netlink(NetlinkSocket socket) {
        this.socket = socket;
    }

    public static Netlink open() throws SystemCallException {
        return new Netlink(NetlinkSocket.open());
    }

    public List<Link> links() throws SystemCallException {
        List<Link> links = new ArrayList<>();
        dump(LinkMessage.RTM_GETLINK, LinkMessage.BYTES, "RTM_GETLINK", links, (type, from, end) -> {
            if (type == LinkMessage.RTM_NEWLINK) {
                links.add(LinkMessage.parse(from, end));
            }
        });
        return links;
    }

    public Optional<Link> link(String name) throws SystemCallException {
        return links().stream().filter(link -> link.name().equals(name)).findFirst();
    }

    /** The one alone: asking for all costs more the more there are. */
    public Optional<Link> link(int index) throws SystemCallException {
        LinkMessage.putQuestion(socket.request(), index);
        List<Link> links = new ArrayList<>();
        int errno = socket.exchange((type, from, end) -> {
            if (type == LinkMessage.RTM_NEWLINK) {
                links.add(LinkMessage.parse(from, end));
            }
        });
        return switch (errno) {
            case 0 -> links.stream().findFirst();
            case Errno.ENODEV -> Optional.empty();
            default -> throw failure("RTM_GETLINK", "#" + index, errno, "");
        };
    }

    /** IPv4 and IPv6 addresses of all interfaces. */
    public List<Address> addresses() throws SystemCallException {
        List<Address> addresses = new ArrayList<>();
        dump(LinkMessage.RTM_GETADDR, LinkMessage.ADDRESS_BYTES, "RTM_GETADDR", addresses, (type, from, end) -> {
            Address address = type == LinkMessage.RTM_NEWADDR ? LinkMessage.parseAddress(from, end) : null;
            if (address != null) {
                addresses.add(address);
            }
        });
        return addresses;
    }

    /** The main table, both families. */
    public List<Route> routes() throws SystemCallException {
        List<Route> routes = new ArrayList<>();
        dump(RouteMessage.RTM_GETROUTE, RouteMessage.BYTES, "RTM_GETROUTE", routes, (type, from, end) -> {
            if (type == RouteMessage.RTM_NEWROUTE && RouteMessage.mainTable(from, end)) {
                routes.add(RouteMessage.parse(from, end));
            }
        });
        return routes;
    }

    /**
     * What the kernel would do with a packet of ours to {@code destination} now: {@link Route.Kind#LOCAL} when the
     * address is this machine's. The prefix length is that of an address, not of the route that matched.
     *
     * @return empty when there is no route, or one that refuses
     */
    public Optional<Route> routeTo(InetAddress destination) throws SystemCallException {
        RouteMessage.putQuestion(socket.request(), destination);
        List<Route> routes = new ArrayList<>();
        int errno = socket.exchange((type, from, end) -> {
            if (type == RouteMessage.RTM_NEWROUTE) {
                routes.add(RouteMessage.parse(from, end));
            }
        });
        return switch (errno) {
            case 0 -> routes.stream().findFirst().filter(route -> route.kind() != Route.Kind.UNREACHABLE);
            // No route; unreachable; prohibit; blackhole.
            case Errno.ENETUNREACH, Errno.EHOSTUNREACH, Errno.EACCES, Errno.EINVAL -> Optional.empty();
            default -> throw failure("RTM_GETROUTE", AddressText.of(destination), errno, "");
        };
    }

    public void setLinkUp(int index) throws SystemCallException {
        LinkMessage.putUp(socket.request(), index);
        change("RTM_NEWLINK", "#" + index + " up");
    }

    public void setMtu(int index, int mtuBytes) throws SystemCallException {
        LinkMessage.putMtu(socket.request(), index, mtuBytes);
        change("RTM_NEWLINK", "#" + index + " mtu " + mtuBytes);
    }

    /**
     * Keeps the kernel from giving the interface a link-local IPv6 address, and with it from sending router
     * solicitations and multicast reports through the tunnel. Does nothing where IPv6 is off.
     */
    public void setAddressGenerationNone(int index) throws SystemCallException {
        LinkMessage.putAddressGenerationNone(socket.request(), index);
        int errno = socket.exchange(NOTHING);
        if (errno != 0 && errno != Errno.EAFNOSUPPORT) {
            throw failure("RTM_NEWLINK", "#" + index + " addrgenmode none", errno, linkHint(errno));
        }
    }

    /** Removes an interface for good, a persistent TUN too. */
    public void deleteLink(int index) throws SystemCallException {
        LinkMessage.putDelete(socket.request(), index);
        change("RTM_DELLINK", "#" + index);
    }

    /** Fails with EEXIST when there is a route with this destination and metric already, whoever made it. */
    public void addRoute(Route route) throws SystemCallException {
        putRoute(NetlinkMessage.NLM_F_EXCL, route);
    }

    /** Also replaces a route of another protocol with the same destination and metric: look first. */
    public void replaceRoute(Route route) throws SystemCallException {
        putRoute(NetlinkMessage.NLM_F_REPLACE, route);
    }

    private void putRoute(int flag, Route route) throws SystemCallException {
        RouteMessage.put(socket.request(), NetlinkMessage.NLM_F_CREATE | flag, route);
        int errno = socket.exchange(NOTHING);
        if (errno != 0) {
            throw failure("RTM_NEWROUTE", route.toString(), errno, routeHint(errno));
        }
    }

    /** Deletes a route that has all these properties; false when there is none. */
    public boolean deleteRoute(Route route) throws SystemCallException {
        RouteMessage.putDelete(socket.request(), route);
        int errno = socket.exchange(NOTHING);
        if (errno != 0 && errno != Errno.ESRCH) {
            throw failure("RTM_DELROUTE", route.toString(), errno, routeHint(errno));
        }
        return errno == 0;
    }

    private static final NetlinkSocket.Visitor NOTHING = (type, from, end) -> {};

    private void change(String call, String object) throws SystemCallException {
        int errno = socket.exchange(NOTHING);
        if (errno != 0) {
            throw failure(call, object, errno, linkHint(errno));
        }
    }

    private void dump(int type, int headerBytes, String call, List<?> result, NetlinkSocket.Visitor visitor)
            throws SystemCallException {
        int attempts = 0;
        do {
            result.clear();
            socket.request().begin(type, NetlinkMessage.NLM_F_DUMP, headerBytes);
            int errno = socket.exchange(visitor);
            if (errno != 0) {
                throw failure(call, "", errno, "");
            }
        } while (socket.interrupted() && ++attempts < DUMP_ATTEMPTS);
    }

    private SystemCallException failure(String call, String object, int errno, String hint) {
        return new SystemCallException(call, object, errno, hint.isEmpty() ? socket.kernelText() : hint);
    }

    private static String linkHint(int errno) {
        return errno == Errno.ENODEV ? "the interface was deleted" : Hints.permission(errno);
    }

    private static String routeHint(int errno) {
        return switch (errno) {
            case Errno.EEXIST -> "a route to it with this metric exists already";
            case Errno.ENODEV -> "the interface was deleted";
            case Errno.ENETDOWN -> "the interface is down";
            default -> Hints.permission(errno);
        };
    }

    @Override
    public void close() {
        socket.close();
    }
}
