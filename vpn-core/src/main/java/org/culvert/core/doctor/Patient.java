package org.culvert.core.doctor;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.culvert.core.config.EndpointConfig;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.daemon.Credentials;
import org.culvert.core.status.StatusTree;
import org.culvert.keymgmt.Prefix;
import org.culvert.tun.Link;
import org.culvert.tun.Route;

/**
 * What the checks look at.
 *
 * @param status what the running daemon says; empty: none runs
 */
record Patient(GatewayConfig config, Credentials credentials, Optional<StatusTree> status, Machine machine) {
    String tunName() {
        return config.tun().name();
    }

    boolean ownNetworksAre(boolean ipv4) {
        return credentials.ownNetworks().stream().anyMatch(network -> network.ipv4() == ipv4);
    }

    /** Both ends have networks of the family. */
    boolean linksNetworksOf(boolean ipv4) {
        return ownNetworksAre(ipv4) && credentials.peerNetworks().stream().anyMatch(network -> network.ipv4() == ipv4);
    }

    /** Where peers' datagrams come in, as far as routes tell: the ways to their endpoints, and default routes. */
    Set<String> outsideInterfaces() {
        Set<String> outside = new TreeSet<>();
        config.peers().stream()
                .flatMap(peer -> peer.endpoints().stream())
                .filter(EndpointConfig::isLiteral)
                .forEach(endpoint ->
                        interfaceTo(InetAddress.ofLiteral(endpoint.host())).ifPresent(outside::add));
        machine.routes().stream()
                .filter(route -> route.prefixLength() == 0 && route.kind() == Route.Kind.UNICAST)
                .forEach(route -> nameOf(route.interfaceIndex()).ifPresent(outside::add));
        outside.removeAll(Set.of(tunName(), "lo"));
        return outside;
    }

    List<StatusTree> peers() {
        return status.map(tree -> tree.children("peers")).orElse(List.of());
    }

    /** The interface by which packets to an address leave; empty: the kernel refuses them. */
    Optional<String> interfaceTo(InetAddress address) {
        return machine.routeTo(address).flatMap(route -> nameOf(route.interfaceIndex()));
    }

    Optional<String> nameOf(int index) {
        return machine.links().stream()
                .filter(link -> link.index() == index)
                .map(Link::name)
                .findFirst();
    }

    /** Where a network's own packets go: asked of an address inside it. */
    Optional<String> interfaceTo(Prefix network) {
        return interfaceTo(inside(network));
    }

    private static InetAddress inside(Prefix network) {
        byte[] bytes = network.address().getAddress();
        boolean wide = network.length() < bytes.length * 8 - 1;
        bytes[bytes.length - 1] |= (byte) (wide ? 1 : 0);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new AssertionError("4 or 16 bytes are an address", impossible);
        }
    }

    boolean hasGuard(Prefix network) {
        return machine.routes().stream()
                .anyMatch(route -> route.kind() == Route.Kind.UNREACHABLE
                        && route.prefixLength() == network.length()
                        && route.destination().equals(network.address()));
    }
}
