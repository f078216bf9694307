package org.culvert.core.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.culvert.core.config.ConfigException;
import org.culvert.core.config.ConfigFile;
import org.culvert.core.config.Finding;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.config.Lines;
import org.culvert.core.control.Plan;
import org.culvert.core.control.Plan.PeerPlan;
import org.culvert.tun.Netlink;

/** A configuration with all the files it names, read and fitted together: what a gateway is started as, and reloaded to. Immutable. */
record Site(GatewayConfig config, Credentials credentials) {
    /** @throws ConfigException with everything that is wrong with the file and with those it names */
    static Site load(Path file) throws ConfigException {
        return of(ConfigFile.load(file));
    }

    static Site of(GatewayConfig config) throws ConfigException {
        return new Site(config, Credentials.load(config));
    }

    /** The same without fetched certificates that name a network this host is in. @throws ConfigException for configured ones */
    Site fitting(Netlink netlink) throws ConfigException, IOException {
        ConnectedNetworks connected =
                ConnectedNetworks.read(netlink, config.tun().name());
        return new Site(config, credentials.fitting(connected));
    }

    Plan plan() {
        List<PeerPlan> peers = credentials.peers().stream()
                .map(peer -> new PeerPlan(peer.setup(), peer.certificates()))
                .toList();
        return new Plan(
                credentials.own(),
                credentials.trust(),
                config.transit(),
                config.tun().mtuBytes(),
                config.epochNs(),
                peers,
                new Plan.Allowed(config.policy().ruleList(), config.policy().closed()));
    }

    /**
     * What a daemon that runs as this site cannot become.
     *
     * @throws ConfigException naming each key, at its line in the next configuration
     */
    void refuseFixed(GatewayConfig next) throws ConfigException {
        Fixed fixed = new Fixed(next);
        fixed.key("control", config.control(), next.control(), next.lines());
        fixed.key("state", config.state(), next.state(), next.lines());
        fixed.key("cipher-backend", config.cipherBackend(), next.cipherBackend(), next.lines());
        fixed.key("dscp", config.dscp(), next.dscp(), next.lines());
        fixed.key("name", config.tun().name(), next.tun().name(), next.tun().lines());
        fixed.key(
                "persistent",
                config.tun().persistent(),
                next.tun().persistent(),
                next.tun().lines());
        fixed.key(
                "offloads",
                config.tun().offloads().label(),
                next.tun().offloads().label(),
                next.tun().lines());
        fixed.key(
                "queues", config.tun().queues(), next.tun().queues(), next.tun().lines());
        boolean samePort = config.listen().getPort() == next.listen().getPort();
        if (samePort) { // the old socket still has it while the new one is made
            fixed.key("listen", config.listenText(), next.listenText(), next.lines());
        }
        fixed.key("[status] listen", config.statusListen(), next.statusListen(), next.lines());
        if (!fixed.found.isEmpty()) {
            throw new ConfigException(fixed.found);
        }
    }

    private static final class Fixed {
        final List<Finding> found = new ArrayList<>();
        private final GatewayConfig next;

        Fixed(GatewayConfig next) {
            this.next = next;
        }

        void key(String key, Object now, Object wanted, Lines lines) {
            if (!Objects.equals(now, wanted)) {
                found.add(new Finding(
                        next.file(),
                        lines.of(key),
                        "`" + key + "` cannot change while the daemon runs: it is " + now + ", and would be " + wanted,
                        "restart the daemon for it, or put it back"));
            }
        }
    }
}
