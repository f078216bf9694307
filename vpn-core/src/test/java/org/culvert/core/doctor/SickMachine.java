package org.culvert.core.doctor;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.culvert.tun.Link;
import org.culvert.tun.Route;

/** A machine that has what the test gives it. */
final class SickMachine implements Machine {
    boolean clockSynchronized = true;
    boolean hasIpsecMb = true;

    /** Interfaces not named here do not filter. */
    Map<String, Integer> reversePathFilter = Map.of();

    List<Link> links = List.of();
    List<Route> routes = List.of();
    Optional<Firewall> firewall = Optional.empty();

    /** The index of the interface to every address. */
    int interfaceToAll;

    @Override
    public boolean forwards(boolean ipv4) {
        return true;
    }

    @Override
    public int reversePathFilter(String interfaceName) {
        return reversePathFilter.getOrDefault(interfaceName, 0);
    }

    @Override
    public List<Link> links() {
        return links;
    }

    @Override
    public List<Route> routes() {
        return routes;
    }

    @Override
    public Optional<Route> routeTo(InetAddress destination) {
        return interfaceToAll == 0 ? Optional.empty() : Optional.of(route(destination, 32, interfaceToAll));
    }

    @Override
    public Optional<Firewall> firewall() {
        return firewall;
    }

    @Override
    public boolean canListen(InetSocketAddress address) {
        return true;
    }

    @Override
    public boolean clockSynchronized() {
        return clockSynchronized;
    }

    @Override
    public boolean hasIpsecMb() {
        return hasIpsecMb;
    }

    static Route route(InetAddress destination, int prefixLength, int interfaceIndex) {
        return new Route(destination, prefixLength, Route.Kind.UNICAST, interfaceIndex, null, null, 0, 4, 0);
    }
}
