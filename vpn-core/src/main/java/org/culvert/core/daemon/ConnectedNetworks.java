package org.culvert.core.daemon;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.culvert.keymgmt.Prefix;
import org.culvert.tun.Address;
import org.culvert.tun.Link;
import org.culvert.tun.Netlink;
import org.culvert.tun.SystemCallException;

/** The networks this host is directly in: a route through the tunnel to one of them, or into one, would cut it off from its own LAN. */
final class ConnectedNetworks {
    private record Connected(Prefix prefix, String link) {}

    private final List<Connected> connected = new ArrayList<>();

    /** @param tunName not looked at: ours may still be there */
    static ConnectedNetworks read(Netlink netlink, String tunName) throws SystemCallException {
        ConnectedNetworks result = new ConnectedNetworks();
        List<Link> links = netlink.links();
        for (Address address : netlink.addresses()) {
            String link = links.stream()
                    .filter(each -> each.index() == address.interfaceIndex())
                    .map(Link::name)
                    .findFirst()
                    .orElse("?");
            if (!link.equals(tunName)) {
                result.connected.add(new Connected(networkOf(address), link));
            }
        }
        return result;
    }

    /** Why a peer may not have this network, or nothing; a wider one is fine, the kernel prefers the narrower. */
    Optional<String> objection(Prefix peerNetwork) {
        return connected.stream()
                .filter(each -> each.prefix.contains(peerNetwork))
                .map(each -> peerNetwork + (each.prefix.equals(peerNetwork) ? " is" : " lies inside") + " the network "
                        + each.prefix + " that this host is connected to through " + each.link)
                .findFirst();
    }

    private static Prefix networkOf(Address address) {
        byte[] bytes = address.address().getAddress();
        for (int bit = address.prefixLength(); bit < bytes.length * 8; bit++) {
            bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
        }
        try {
            return Prefix.of(InetAddress.getByAddress(bytes), address.prefixLength());
        } catch (UnknownHostException impossible) {
            throw new AssertionError("4 or 16 bytes are an address", impossible);
        }
    }
}
