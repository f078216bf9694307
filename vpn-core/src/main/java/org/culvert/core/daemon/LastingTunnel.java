package org.culvert.core.daemon;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.culvert.core.config.ConfigException;
import org.culvert.core.config.Finding;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.control.Examined;
import org.culvert.core.control.MtuPlan;
import org.culvert.core.control.PeerSetup;
import org.culvert.core.control.SiteRoutes;
import org.culvert.core.control.SiteRoutes.PeerNetwork;
import org.culvert.tun.Endpoint;
import org.culvert.tun.Link;
import org.culvert.tun.LinuxTun;
import org.culvert.tun.Netlink;
import org.culvert.tun.SystemCallException;

/**
 * What outlives the daemon, so that nothing leaves in clear while it does not run: the persistent TUN, the routes through it, and
 * behind each an unreachable one. {@link #up} makes it, {@link #down} removes it; both may be called at any time and any number of times.
 */
public final class LastingTunnel {
    private final GatewayConfig config;
    private final Netlink netlink;
    private final String tunName;

    private LastingTunnel(GatewayConfig config, Netlink netlink) {
        this.config = config;
        this.netlink = netlink;
        this.tunName = config.tun().name();
    }

    /** A user by number. */
    public interface UserId {
        int get() throws IOException;
    }

    /**
     * Makes what is missing. Beside a running daemon it only adds: what that one still needs is not known here.
     *
     * @param owner who may open the TUN without CAP_NET_ADMIN, asked when the configuration is known to be good
     * @return what there is now, a line for each network
     * @throws ConfigException when the configuration is bad or its TUN is not persistent: nothing was touched
     */
    public static List<String> up(GatewayConfig config, UserId owner) throws ConfigException, IOException {
        if (!config.tun().persistent()) {
            throw new ConfigException(List.of(new Finding(
                    config.file(),
                    config.tun().lines().of("persistent"),
                    "the TUN is not persistent: `run` makes it and removes it",
                    "set persistent = true under [tun]")));
        }
        Credentials loaded = Credentials.load(config);
        int ownerUserId = owner.get();
        // Above this line nothing touches the system.
        try (Netlink netlink = Netlink.open()) {
            Credentials credentials =
                    loaded.fitting(ConnectedNetworks.read(netlink, config.tun().name()));
            return new LastingTunnel(config, netlink).make(credentials, ownerUserId);
        }
    }

    private List<String> make(Credentials credentials, int ownerUserId) throws IOException {
        List<PeerNetwork> networks = networks(credentials);
        boolean running = RunLock.isHeld(config.control(), tunName);
        if (!running) {
            try (LinuxTun tun = TunDevice.open(config.tun())) {
                tun.setOwner(ownerUserId);
            }
            TunDevice.bringUp(netlink, tunName, mtuBytes(networks), true);
        }
        int index = link().map(Link::index).orElseThrow(() -> new IOException(tunName + ": was deleted meanwhile"));
        SiteRoutes routes = new SiteRoutes(netlink, tunName, index, credentials.ownNetworks(), true);
        routes.networks(networks);
        int changed = running ? routes.add() : routes.restore();

        List<String> lines = new ArrayList<>();
        lines.add(tunName + ": persistent" + (running ? ", in use by the daemon" : "") + ", "
                + (changed == 0 ? "all routes were there" : changed + " routes made"));
        networks.forEach(network -> lines.add(network.prefix() + ": only through " + tunName));
        return lines;
    }

    private List<PeerNetwork> networks(Credentials credentials) throws SystemCallException {
        MtuPlan mtus = new MtuPlan(netlink, config.tun().mtuBytes());
        List<PeerNetwork> networks = new ArrayList<>();
        for (Credentials.PeerCredential peer : credentials.peers()) {
            PeerSetup setup = peer.setup();
            if (setup.counting(peer.examined()).filter(Examined::isRouted).isPresent()) {
                Endpoint endpoint = setup.literalEndpoint().orElse(null);
                int mtuBytes = mtus.of(endpoint, setup.suites().getFirst());
                peer.networks().forEach(prefix -> networks.add(new PeerNetwork(prefix, mtuBytes)));
            }
        }
        return networks;
    }

    private int mtuBytes(List<PeerNetwork> networks) throws SystemCallException {
        return networks.isEmpty()
                ? new MtuPlan(netlink, config.tun().mtuBytes()).ofTun(List.of())
                : networks.stream().mapToInt(PeerNetwork::mtuBytes).max().getAsInt();
    }

    /**
     * Removes the TUN and every route of it; from then on packets to the peers' networks take whatever way the host has for them. Reads
     * only the names in the configuration, not the certificates: those may be gone already.
     *
     * @return what was removed, in words
     * @throws IOException when a daemon runs, or the interface of that name is no TUN
     */
    public static String down(GatewayConfig config) throws IOException {
        try (Netlink netlink = Netlink.open()) {
            return new LastingTunnel(config, netlink).remove();
        }
    }

    private String remove() throws IOException {
        Optional<Link> link = link();
        if (RunLock.isHeld(config.control(), tunName)) {
            throw new IOException(tunName + ": a daemon runs with it; stop that first");
        }
        if (link.isPresent() && !link.get().kind().equals("tun")) {
            throw new IOException(tunName + ": is no TUN but "
                    + (link.get().kind().isEmpty()
                            ? "a network card"
                            : "a " + link.get().kind())
                    + ", so it is not ours to remove");
        }
        if (link.isPresent() && link.get().carrier()) {
            throw new IOException(tunName + ": a process holds it, and it is not a daemon of this configuration");
        }
        int routes = SiteRoutes.left(netlink, tunName).remove();
        if (link.isPresent()) {
            netlink.deleteLink(link.get().index());
        }
        return tunName + ": " + (link.isPresent() ? "removed" : "was not there") + ", " + routes + " routes removed";
    }

    private Optional<Link> link() throws SystemCallException {
        return netlink.link(tunName);
    }
}
