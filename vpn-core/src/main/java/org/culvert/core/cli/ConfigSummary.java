package org.culvert.core.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.culvert.core.config.EndpointConfig;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.config.GroupConfig;
import org.culvert.core.config.PeerConfig;
import org.culvert.core.config.TunConfig;
import org.culvert.core.crypto.Suite;
import org.culvert.keymgmt.Prefix;

/** What would run with a configuration, in a few lines: the place to see that it is good and yet not what was meant. */
final class ConfigSummary {
    private final GatewayConfig config;

    ConfigSummary(GatewayConfig config) {
        this.config = config;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("listens on " + config.listenText() + ", answers commands at " + config.control());
        lines.add(tun(config.tun()) + (config.transit() ? ", transit" : ""));
        if (config.peers().isEmpty()) {
            lines.add("no peers: nothing is linked yet");
        }
        for (PeerConfig peer : config.peers()) {
            lines.add("peer " + peer.name()
                    + at(peer) + ": " + networks(peer)
                    + (peer.certificates().isEmpty() ? ", which is fetched from there" : "")
                    + "; sends " + peer.suites().getFirst().label()
                    + (peer.preSharedKey().isPresent() ? "; pre-shared key" : ""));
            if (peer.suites().stream().anyMatch(suite -> !suite.encrypts())) {
                lines.add("peer " + peer.name() + ": packets may travel in CLEAR (" + Suite.AES_128_GMAC.label()
                        + " signs, it does not hide)");
            }
        }
        for (GroupConfig group : config.groups()) {
            lines.add("group " + group.text() + " with " + String.join(", ", group.members()) + ", at most "
                    + group.packetsPerSecond() + " packets per second each way: the daemon needs CAP_NET_RAW");
        }
        lines.addAll(nested());
        return lines;
    }

    private static String tun(TunConfig tun) {
        return "TUN " + tun.name()
                + (tun.mtuBytes().isPresent()
                        ? ", MTU " + tun.mtuBytes().getAsInt()
                        : ", MTU of the outgoing link less overhead")
                + (tun.persistent() ? ", persistent" : "");
    }

    private static String at(PeerConfig peer) {
        return peer.endpoints().isEmpty()
                ? ", which speaks first"
                : " at "
                        + peer.endpoints().stream()
                                .map(EndpointConfig::toString)
                                .collect(Collectors.joining(", else "));
    }

    private static String networks(PeerConfig peer) {
        return peer.networks().isEmpty()
                ? "all networks of its certificate"
                : peer.networks().stream().map(Prefix::toString).collect(Collectors.joining(", "));
    }

    /** Allowed, and what is meant when a branch lies inside the networks of its head office; else a surprise. */
    private List<String> nested() {
        List<String> lines = new ArrayList<>();
        for (PeerConfig outer : config.peers()) {
            for (PeerConfig inner : config.peers()) {
                for (Prefix wide : outer.networks()) {
                    for (Prefix narrow : inner.networks()) {
                        if (!outer.equals(inner) && wide.contains(narrow)) {
                            lines.add(narrow + " goes to " + inner.name() + ", the rest of " + wide + " to "
                                    + outer.name());
                        }
                    }
                }
            }
        }
        return lines;
    }
}
