package org.culvert.core.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A whole configuration, as {@link ConfigFile} read it. Paths of the configuration are resolved against its folder.
 *
 * @param file the file itself, as it was named
 * @param keys this gateway's host key; two during a change of keys
 * @param certificates its host certificate, of each key one, in the same order: leaf first, then intermediates
 * @param trust certificates of the CA; empty only where every peer is pinned by its fingerprint
 * @param crl revoked certificates, if there is a list
 * @param refusesStaleCrl whether nobody is accepted once a list is past its time; else it stays in force with a warning
 * @param listen UDP address, a literal; port 0 lets the kernel choose
 * @param control UNIX socket of the daemon, at most {@link Values#CONTROL_BYTES} bytes
 * @param peers in the order of the file; names and networks are unique
 * @param cipherBackend "auto", "jce" or "ipsec-mb"
 * @param state small file that must survive a reboot: what the replay floor of the next start needs
 * @param transit whether packets for networks that are not our own may leave through the TUN
 * @param statusListen TCP address of metrics and status page, if there is to be one
 * @param dscp of outer datagrams, 0 to 63, or {@link org.culvert.core.packet.TrafficClass#COPY_DSCP}
 * @param discovery whether our certificate is handed to whoever asks for it
 * @param epochNs how long an epoch key serves
 * @param policy what may pass between the networks
 * @param hooks programs to run at certain events
 * @param groups multicast addresses shared with peers; none twice
 * @param lines of [gateway]
 */
public record GatewayConfig(
        Path file,
        List<Path> keys,
        List<Path> certificates,
        Optional<Path> trust,
        Optional<Path> crl,
        boolean refusesStaleCrl,
        InetSocketAddress listen,
        Path control,
        TunConfig tun,
        List<PeerConfig> peers,
        String cipherBackend,
        Path state,
        boolean transit,
        Optional<InetSocketAddress> statusListen,
        int dscp,
        boolean discovery,
        long epochNs,
        PolicyConfig policy,
        HooksConfig hooks,
        List<GroupConfig> groups,
        Lines lines) {
    private static final String STATE_ENDING = ".state";

    /** So many keys of one gateway may be in use at once: the old and the new. */
    static final int MOST_KEYS = 2;

    public GatewayConfig {
        keys = List.copyOf(keys);
        certificates = List.copyOf(certificates);
        peers = List.copyOf(peers);
        groups = List.copyOf(groups);
    }

    /** As it would be configured: "0.0.0.0:1640", "[::]:1640". */
    public String listenText() {
        return new EndpointConfig(HostPort.text(listen.getAddress()), listen.getPort()).toString();
    }

    /** Folder of what was fetched from peers and must outlive the daemon: beside the state file, and named after it. */
    public Path fetched() {
        String name = String.valueOf(state.getFileName());
        String stem = name.endsWith(STATE_ENDING) ? name.substring(0, name.length() - STATE_ENDING.length()) : name;
        return state.resolveSibling(stem + ".fetched");
    }

    /** A finding about what a key of [gateway] names. */
    public Finding finding(String key, String cause, String hint) {
        return new Finding(file, lines.of(key), cause, hint);
    }

    /** A finding about what a key of a peer names. */
    public Finding finding(PeerConfig peer, String key, String cause, String hint) {
        return new Finding(file, peer.lines().of(key), cause, hint);
    }
}
