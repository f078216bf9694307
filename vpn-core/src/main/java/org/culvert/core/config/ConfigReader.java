package org.culvert.core.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.culvert.core.crypto.Suite;
import org.culvert.core.echo.PeerEcho;
import org.culvert.core.epoch.Mode;
import org.culvert.core.packet.TrafficClass;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.keymgmt.Prefix;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * Turns the tables of a file into records. What is wrong goes to the findings and a stand-in takes its place, so the records
 * are only good when there are no findings.
 */
final class ConfigReader {
    private static final Mode USUAL_FORWARD_SECRECY = Mode.REQUIRED;
    private static final String DEFAULT_TUN = "culvert0";
    private static final String DEFAULT_CIPHER_BACKEND = "auto";
    /** Not beside the control socket: /run is empty after a reboot, when the replay floor needs what was saved. */
    private static final Path STATE_FOLDER = Path.of("/var/lib/culvert");

    /** IPv6 needs the least; 65400 leaves room for the largest overhead in a UDP datagram. */
    private static final int LEAST_MTU = 1280;

    private static final int MOST_MTU = 65_400;
    private static final List<String> TABLES = List.of("gateway", "tun", "status", "hooks", "peer", "allow", "group");

    private final Path file;
    private final Path folder;
    private final TomlTable root;
    private final boolean complete;
    private final Findings findings;
    private final AllowReader allow = new AllowReader();
    private final GroupReader groups = new GroupReader();

    /** @param complete false when lines were lost to syntax errors: what is missing then may well be in one of them */
    ConfigReader(Path file, TomlTable root, boolean complete, Findings findings) {
        this.file = file;
        Path absolute = file.toAbsolutePath();
        Path parent = absolute.getParent();
        this.folder = parent == null ? absolute : parent;
        this.root = root;
        this.complete = complete;
        this.findings = findings;
    }

    GatewayConfig config() {
        root.keySet().stream().filter(key -> !TABLES.contains(key)).forEach(this::unknownAtTop);
        if (complete && !root.contains(List.of("gateway"))) {
            findings.add(1, "there is no [gateway]", "add [gateway] with key, certificate and trust");
        }
        Section gateway = section("gateway", Table.GATEWAY);
        TunConfig tun = tun(section("tun", Table.TUN));
        List<PeerConfig> peers = peers();
        tables("allow", Table.ALLOW, "a rule", allow::rule);
        tables("group", Table.GROUP, "a group", groups::group);
        return gateway(gateway, tun, peers);
    }

    /** Reads nothing else, so that findings are about nothing else. */
    Path control() {
        return control(section("gateway", Table.GATEWAY));
    }

    private GatewayConfig gateway(Section gateway, TunConfig tun, List<PeerConfig> peers) {
        gateway.refuseUnknownKeys();
        List<Path> keys = files(gateway, "key", "host.key");
        List<Path> certificates = files(gateway, "certificate", "host.crt");
        if (!keys.isEmpty() && !certificates.isEmpty() && keys.size() != certificates.size()) {
            findings.add(
                    gateway.lineOf("certificate"),
                    "`key` names " + keys.size() + " and `certificate` " + certificates.size(),
                    "name a certificate for each key, in the same order");
        }
        return new GatewayConfig(
                file,
                keys,
                certificates,
                trust(gateway, peers),
                gateway.text("crl", "\"ca.crl\"", text -> Values.path(folder, text)),
                gateway.text("crl-stale", "\"warn\"", Values::refusesStale).orElse(false),
                gateway.text("listen", "\"0.0.0.0:1640\"", HostPort::listen).orElse(HostPort.ANY_IPV4),
                control(gateway),
                tun,
                peers,
                gateway.text("cipher-backend", '"' + DEFAULT_CIPHER_BACKEND + '"', Values::cipherBackend)
                        .orElse(DEFAULT_CIPHER_BACKEND),
                gateway.text("state", "\"/var/lib/culvert/culvert0.state\"", text -> Values.path(folder, text))
                        .orElse(STATE_FOLDER.resolve(tun.name() + ".state")),
                gateway.flag("transit").orElse(false),
                status(section("status", Table.STATUS)),
                gateway.textOrNumber("dscp", "\"copy\"", Values::dscp).orElse(TrafficClass.COPY_DSCP),
                gateway.flag("discovery").orElse(true),
                gateway.text("epoch", "\"1h\"", EpochLength::parse).orElse(EpochLength.USUAL_NS),
                allow.policy(),
                hooks(section("hooks", Table.HOOKS)),
                groups.all(),
                gateway.lines());
    }

    /** Peers that are known by their fingerprints need no CA. */
    private Optional<Path> trust(Section gateway, List<PeerConfig> peers) {
        boolean pinned = !peers.isEmpty()
                && peers.stream().allMatch(peer -> !peer.fingerprints().isEmpty());
        if (!pinned) {
            demand(gateway, "trust", "\"ca.crt\"");
        }
        return gateway.text("trust", "\"ca.crt\"", text -> Values.path(folder, text));
    }

    private Path control(Section gateway) {
        return gateway.text(
                        "control",
                        '"' + ConfigFile.DEFAULT_CONTROL.toString() + '"',
                        text -> Values.socketPath(folder, text))
                .orElse(ConfigFile.DEFAULT_CONTROL);
    }

    private static Optional<InetSocketAddress> status(Section status) {
        status.refuseUnknownKeys();
        return status.text("listen", "\"127.0.0.1:9640\"", HostPort::listen);
    }

    private TunConfig tun(Section tun) {
        tun.refuseUnknownKeys();
        return new TunConfig(
                tun.text("name", '"' + DEFAULT_TUN + '"', Values::interfaceName).orElse(DEFAULT_TUN),
                tun.number("mtu", "1420", LEAST_MTU, MOST_MTU)
                        .map(mtu -> OptionalInt.of(mtu.intValue()))
                        .orElse(OptionalInt.empty()),
                tun.flag("persistent").orElse(false),
                tun.text("offloads", '"' + Offloads.AUTO.label() + '"', Values::offloads)
                        .orElse(Offloads.AUTO),
                tun.textOrNumber("queues", "1", Values::queues).orElse(1),
                tun.lines());
    }

    private static HooksConfig hooks(Section hooks) {
        hooks.refuseUnknownKeys();
        return new HooksConfig(
                hooks.command("up"), hooks.command("down"), hooks.command("peer-up"), hooks.command("peer-down"));
    }

    private List<PeerConfig> peers() {
        List<PeerConfig> peers = new ArrayList<>();
        Claims claims = new Claims();
        tables("peer", Table.PEER, "a peer", section -> peers.add(peer(section, claims)));
        return peers;
    }

    /**
     * Tables that may come any number of times.
     *
     * @param one what one of them is, for a message about something else in its place
     */
    private void tables(String key, Table kind, String one, Consumer<Section> each) {
        Object value = root.get(List.of(key));
        if (value instanceof TomlArray array) {
            for (int i = 0; i < array.size(); i++) {
                int line = array.inputPositionOf(i).line();
                if (array.get(i) instanceof TomlTable table) {
                    each.accept(new Section(kind, table, line, findings));
                } else {
                    findings.add(
                            line,
                            one + " is " + Section.type(array.get(i)),
                            "write " + kind.head() + " with its keys below");
                }
            }
        } else if (value != null) {
            findings.add(
                    lineOf(key),
                    "`" + key + "` is " + Section.type(value),
                    "write " + kind.head() + ", once for each " + key);
        }
    }

    private PeerConfig peer(Section peer, Claims claims) {
        peer.refuseUnknownKeys();
        demand(peer, "name", "\"osaka\"");
        String name = peer.text("name", "\"osaka\"", text -> claims.name(Values.peerName(text), peer.lineOf("name")))
                .orElse("");
        allow.peer(peer, name);
        groups.peer(name);
        if (!peer.has("endpoint")) { // else the certificate may come from there
            demand(peer, "certificate", "\"peers/" + (name.isEmpty() ? "osaka" : name) + ".crt\"");
        }
        List<Suite> suites = peer.list("suites", '"' + Suite.AES_128_GCM.label() + '"', Values::suite);
        if (suites.isEmpty()) {
            suites = List.of(Suite.AES_128_GCM);
        }
        List<Prefix> networks =
                peer.list("networks", "\"10.2.0.0/24\"", text -> claims.network(Values.network(text), name));
        return new PeerConfig(
                name,
                atMostTwo(
                        peer,
                        "certificate",
                        peer.textOrList(
                                "certificate",
                                "\"peers/osaka.crt\"",
                                text -> claims.certificate(Values.path(folder, text), name))),
                atMostTwo(peer, "fingerprint", peer.textOrList("fingerprint", "\"5E:1D:...\"", Values::fingerprint)),
                peer.textOrList("endpoint", "\"192.0.2.2:1640\"", HostPort::endpoint),
                suites,
                networks,
                peer.text("traffic-key", "\"packet\"", TrafficKeyLimits::parse).orElse(TrafficKeyPolicy.EVERY_PACKET),
                peer.text("forward-secrecy", "\"required\"", Values::forwardSecrecy)
                        .orElse(USUAL_FORWARD_SECRECY),
                peer.text("pre-shared-key", "\"peers/osaka.psk\"", text -> Values.path(folder, text)),
                manner(peer),
                peer.text("compression", "\"zstd\"", Values::compresses).orElse(false),
                peer.lines());
    }

    private static PeerEcho.Manner manner(Section peer) {
        PeerEcho.Manner manner =
                peer.text("keepalive", "\"25s\"", Keepalive::parse).orElse(PeerEcho.Manner.USUAL);
        boolean measure = peer.flag("measure").orElse(true);
        return new PeerEcho.Manner(measure, manner.keepaliveNs(), manner.keepaliveAlways());
    }

    private List<Path> files(Section section, String key, String example) {
        demand(section, key, '"' + example + '"');
        return atMostTwo(section, key, section.textOrList(key, '"' + example + '"', text -> Values.path(folder, text)));
    }

    /** The old and the new: more would mean that a change was begun before the last one had ended. */
    private <T> List<T> atMostTwo(Section section, String key, List<T> values) {
        if (values.size() > GatewayConfig.MOST_KEYS) {
            findings.add(
                    section.lineOf(key),
                    "`" + key + "` names " + values.size() + ", and a change of keys has two: the old and the new",
                    "take out what is no longer used");
        }
        return values;
    }

    private void demand(Section section, String key, String example) {
        if (complete && section.isThere()) {
            section.demand(key, example);
        }
    }

    /** An empty one when the file has none. */
    private Section section(String key, Table kind) {
        Object value = root.get(List.of(key));
        if (value instanceof TomlTable table) {
            return new Section(kind, table, lineOf(key), findings);
        }
        if (value != null) {
            findings.add(lineOf(key), "`" + key + "` is " + Section.type(value), "write " + kind.head() + ", once");
        }
        return new Section(kind, Toml.parse(""), 0, findings);
    }

    private void unknownAtTop(String key) {
        int line = lineOf(key);
        Object value = root.get(List.of(key));
        if (value instanceof TomlTable || (value instanceof TomlArray array && isTables(array))) {
            findings.add(line, "unknown table [" + key + "]", Table.hintForTable(key));
            return;
        }
        Table home = Table.of(key);
        if (home != null) {
            findings.add(line, "`" + key + "` stands above all tables", "put it under " + home.head());
        } else {
            findings.add(
                    line,
                    "unknown key `" + key + "` above all tables",
                    "keys stand below [gateway], [tun], [status], [hooks], [[peer]], [[allow]] or [[group]]");
        }
    }

    private static boolean isTables(TomlArray array) {
        return !array.isEmpty() && array.get(0) instanceof TomlTable;
    }

    private int lineOf(String key) {
        return lineOf(root, key);
    }

    static int lineOf(TomlTable root, String key) {
        @Nullable TomlPosition position = root.inputPositionOf(List.of(key));
        return position == null ? 1 : position.line();
    }
}
