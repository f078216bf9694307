package org.culvert.core.ping;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.culvert.core.why.Passage;

/**
 * The hops between this gateway and what is asked for.
 *
 * @param target as it was given
 * @param gateway name of this one
 * @param peer that the packets go to; empty: they do not enter the tunnel
 * @param host to ask by ICMP; empty: the target is a gateway
 * @param closed why nothing can go this way; empty: it can
 */
public record PingWay(
        String target, String gateway, Optional<String> peer, Optional<InetAddress> host, Optional<String> closed) {

    /** A hop and what it is called. */
    public record Named(Hop hop, String name) {}

    public List<Named> hops() {
        List<Named> hops = new ArrayList<>(List.of(new Named(Hop.GATEWAY, gateway)));
        peer.ifPresent(name -> hops.add(new Named(Hop.PEER, name)));
        host.ifPresent(address -> hops.add(new Named(Hop.HOST, Passage.text(address))));
        return hops;
    }

    @Override
    public String toString() {
        return hops().stream().map(Named::name).collect(Collectors.joining(" -> "));
    }
}
