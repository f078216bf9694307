package org.culvert.core.daemon;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.culvert.core.config.ConfigException;
import org.culvert.core.config.EndpointConfig;
import org.culvert.core.config.Finding;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.config.PeerConfig;
import org.culvert.core.config.PolicyConfig;
import org.culvert.core.control.OwnIdentity;
import org.culvert.core.control.PeerSetup;
import org.culvert.core.control.Trust;
import org.culvert.core.policy.RuleReview;
import org.culvert.core.policy.Site;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.HostKey;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.keymgmt.trust.RevocationList;
import org.culvert.keymgmt.trust.TrustStore;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration names, read and fitted together: the own key and certificate, the trusted CAs, the peers' certificates.
 * Nothing of the system is touched. A certificate that cannot be read, or a key that is not the certificate's, refuses the whole; a
 * certificate that is not valid is for the running daemon to watch, and for {@code check} to report.
 */
public final class Credentials {
    private final GatewayConfig config;
    private final OwnIdentity own;
    private final Trust trust;
    private final List<PeerCredential> peers;

    /** A configured peer with its certificate as read. */
    record PeerCredential(PeerConfig config, PeerSetup setup, HostCertificate certificate) {
        List<Prefix> networks() {
            return setup.networksOf(certificate);
        }
    }

    private Credentials(GatewayConfig config, OwnIdentity own, Trust trust, List<PeerCredential> peers) {
        this.config = config;
        this.own = own;
        this.trust = trust;
        this.peers = List.copyOf(peers);
    }

    /**
     * Reads all that the configuration names.
     *
     * @throws ConfigException with every file that cannot be used, and every two that do not fit together
     */
    public static Credentials load(GatewayConfig config) throws ConfigException {
        Reader reader = new Reader(config);
        HostKey key = reader.read("key", config.key(), HostKey::read);
        HostCertificate certificate = reader.read("certificate", config.certificate(), HostCertificate::read);
        Trust trust = reader.trust();
        List<PeerCredential> peers = new ArrayList<>();
        for (PeerConfig peer : config.peers()) {
            HostCertificate theirs = reader.read(peer, HostCertificate::read);
            if (theirs != null) {
                peers.add(new PeerCredential(peer, setup(peer), theirs));
            }
        }
        if (key != null && certificate != null && !key.matches(certificate)) {
            reader.found.add(config.finding(
                    "key",
                    config.key() + " is not the key of " + config.certificate() + ", which holds "
                            + certificate.keyFingerprint() + ", the key file " + key.keyFingerprint(),
                    "use the key that the certificate was requested with, or have this key's request signed"));
        }
        if (key == null || certificate == null || trust == null || !reader.found.isEmpty()) {
            throw new ConfigException(reader.found);
        }
        Credentials credentials = new Credentials(config, new OwnIdentity(key, certificate), trust, peers);
        credentials.refuseOverlaps();
        return credentials;
    }

    /**
     * The same with the CAs and revocation lists as their files say now.
     *
     * @throws ConfigException when one of them cannot be used
     */
    Credentials withTrustReadAnew() throws ConfigException {
        Reader reader = new Reader(config);
        Trust anew = reader.trust();
        if (anew == null) {
            throw new ConfigException(reader.found);
        }
        return new Credentials(config, own, anew, peers);
    }

    /** The same, believing whom others believe. */
    Credentials withTrustOf(Credentials others) {
        return new Credentials(config, own, others.trust, peers);
    }

    /**
     * Lists that would take the place of newer ones.
     *
     * @throws ConfigException at the line that names their file
     */
    void refuseOlderListsThan(Credentials inForce) throws ConfigException {
        Optional<String> older = trust.olderThan(inForce.trust);
        if (older.isPresent()) {
            throw new ConfigException(List.of(config.finding(
                    "crl",
                    older.get(),
                    "make a new one with `culvert ca crl`; to go back on purpose, restart the daemon")));
        }
    }

    OwnIdentity own() {
        return own;
    }

    Trust trust() {
        return trust;
    }

    List<PeerCredential> peers() {
        return peers;
    }

    /** What our certificate lets us speak for. */
    public List<Prefix> ownNetworks() {
        return own.networks();
    }

    /** All that is to be routed into the tunnel. */
    public List<Prefix> peerNetworks() {
        return peers.stream().flatMap(peer -> peer.networks().stream()).toList();
    }

    /** How long a certificate file is good. */
    public record Validity(Path file, Instant notBefore, Instant notAfter) {
        private static Validity of(HostCertificate certificate) {
            return new Validity(certificate.file(), certificate.notBefore(), certificate.notAfter());
        }
    }

    /** Of our own certificate and the peers'. */
    public List<Validity> validities() {
        List<Validity> all = new ArrayList<>(List.of(Validity.of(own.certificate())));
        peers.forEach(peer -> all.add(Validity.of(peer.certificate())));
        return all;
    }

    /** Revocation lists that should have been replaced by now, in words. */
    public List<String> staleLists(Instant now) {
        return trust.store().staleLists(now);
    }

    /** For {@code check}: certificates that are not good at this moment, as findings at the line that names them. */
    public List<Finding> findingsAt(Instant now) {
        List<Finding> found = new ArrayList<>();
        for (Problem problem : trust.checkOwn(own.certificate(), now)) {
            found.add(config.finding("certificate", problem.message(), hint(problem)));
        }
        for (PeerCredential peer : peers) {
            for (Problem problem : peer.setup().problems(peer.certificate(), trust, own, now)) {
                found.add(config.finding(peer.config(), "certificate", problem.message(), hint(problem)));
            }
        }
        return found;
    }

    /** What is not wrong and yet hardly meant: [[allow]] rules that can never match. */
    public List<Finding> warnings() {
        RuleReview review = new RuleReview(
                place(own.certificate(), own.networks(), false),
                peers.stream()
                        .map(peer -> place(
                                peer.certificate(),
                                peer.networks(),
                                !config.policy().closed().contains(peer.config().name())))
                        .toList(),
                config.transit());
        List<PolicyConfig.Allowed> rules = config.policy().rules();
        return review.dead(config.policy().ruleList()).stream()
                .map(dead -> new Finding(
                        config.file(),
                        rules.stream()
                                .filter(allowed -> allowed.rule().equals(dead.rule()))
                                .mapToInt(allowed -> allowed.lines().of("name"))
                                .findFirst()
                                .orElse(0),
                        "rule `" + dead.rule().name() + "` can never match: " + dead.cause(),
                        "correct it, or take it out"))
                .toList();
    }

    private static RuleReview.Place place(HostCertificate certificate, List<Prefix> networks, boolean open) {
        return new RuleReview.Place(new Site(certificate.name(), certificate.groups(), open), networks);
    }

    /**
     * A peer's network that this host is directly in.
     *
     * @throws ConfigException naming each, at its line
     */
    void refuseConnected(ConnectedNetworks connected) throws ConfigException {
        List<Finding> found = new ArrayList<>();
        for (PeerCredential peer : peers) {
            for (Prefix network : peer.networks()) {
                Optional<String> objection = connected.objection(network);
                objection.ifPresent(
                        cause -> found.add(
                                config.finding(
                                        peer.config(),
                                        "networks",
                                        "peer " + peer.config().name() + ": " + cause,
                                        "a route through the tunnel would cut this host off from it; narrow [[peer]] networks, or renumber")));
            }
        }
        throwIfAny(found);
    }

    /** The same network at two peers, or an endpoint inside a network that goes through the tunnel. */
    private void refuseOverlaps() throws ConfigException {
        List<Finding> found = new ArrayList<>();
        for (int i = 0; i < peers.size(); i++) {
            PeerCredential peer = peers.get(i);
            if (Arrays.equals(peer.certificate().spki(), own.certificate().spki())) {
                found.add(config.finding(
                        peer.config(),
                        "certificate",
                        peer.config().certificate() + " holds this gateway's own key",
                        "name the peer's certificate"));
                continue;
            }
            for (PeerCredential earlier : peers.subList(0, i)) {
                peer.networks().stream()
                        .filter(earlier.networks()::contains)
                        .forEach(twice -> found.add(config.finding(
                                peer.config(),
                                "networks",
                                twice + " belongs to peer " + earlier.config().name() + " already",
                                "narrow one of the two with [[peer]] networks")));
            }
            peer.networks().stream()
                    .filter(own.networks()::contains)
                    .forEach(ours -> found.add(config.finding(
                            peer.config(),
                            "networks",
                            ours + " is this gateway's own network",
                            "narrow the peer with [[peer]] networks, or ask who signed it for both")));
            peer.config().endpoints().stream()
                    .filter(EndpointConfig::isLiteral)
                    .forEach(endpoint -> endpointInside(peer, endpoint.host()).ifPresent(found::add));
        }
        throwIfAny(found);
    }

    private Optional<Finding> endpointInside(PeerCredential peer, String host) {
        Prefix address = Prefix.parse(host + (host.indexOf(':') >= 0 ? "/128" : "/32"));
        return peers.stream()
                .filter(other -> other.networks().stream().anyMatch(network -> network.contains(address)))
                .findFirst()
                .map(other -> config.finding(
                        peer.config(),
                        "endpoint",
                        host + " lies inside the networks of peer "
                                + other.config().name()
                                + ": its packets would be routed into the tunnel they are to carry",
                        "use the peer's outside address"));
    }

    private static void throwIfAny(List<Finding> found) throws ConfigException {
        if (!found.isEmpty()) {
            throw new ConfigException(found);
        }
    }

    private static String hint(Problem problem) {
        return switch (problem.kind()) {
            case EXPIRED -> "have it renewed, and look at this host's clock (date -u)";
            case NOT_YET_VALID -> "look at this host's clock (date -u)";
            case REVOKED -> "the CA withdrew it; remove the peer, or have a new key certified";
            default -> "see `culvert cert show` for what is in it";
        };
    }

    private static PeerSetup setup(PeerConfig peer) {
        return new PeerSetup(
                peer.name(),
                peer.certificate(),
                peer.fingerprint(),
                peer.endpoints().stream()
                        .map(place -> new PeerSetup.Place(place.host(), place.port()))
                        .toList(),
                peer.suites(),
                peer.networks(),
                peer.trafficKey(),
                peer.manner());
    }

    /** Reads files and collects what is wrong with them, so that one run names all. */
    private static final class Reader {
        final List<Finding> found = new ArrayList<>();
        private final GatewayConfig config;

        Reader(GatewayConfig config) {
            this.config = config;
        }

        interface Read<T> {
            T from(Path file) throws CredentialException;
        }

        @Nullable
        Trust trust() {
            if (config.trust().isEmpty()) {
                return new Trust(TrustStore.of(List.of()), false);
            }
            TrustStore store = read("trust", config.trust().get(), file -> TrustStore.read(file, Optional.empty()));
            if (store != null && config.crl().isPresent()) {
                store = read(
                        "crl",
                        config.crl().get(),
                        list -> withLists(config.trust().get(), list));
            }
            return store == null ? null : new Trust(store, config.refusesStaleCrl());
        }

        /** A file without a list of any CA we trust is somebody else's: with it nobody could be known as revoked. */
        private static TrustStore withLists(Path trust, Path crl) throws CredentialException {
            TrustStore store = TrustStore.read(trust, Optional.of(crl));
            for (RevocationList list : store.revocationLists().orElseThrow()) {
                if (store.authorities().stream().anyMatch(list::signedBy)) {
                    return store;
                }
            }
            throw new CredentialException(crl, "holds no list of a trusted CA", "make one with: culvert ca crl");
        }

        <T> @Nullable T read(String key, Path file, Read<T> read) {
            try {
                return read.from(file);
            } catch (CredentialException e) {
                String at = config.crl().filter(e.file()::equals).isPresent() ? "crl" : key;
                found.add(config.finding(at, e.file() + ": " + e.reason(), hint(e, at)));
                return null;
            }
        }

        <T> @Nullable T read(PeerConfig peer, Read<T> read) {
            try {
                return read.from(peer.certificate());
            } catch (CredentialException e) {
                found.add(config.finding(peer, "certificate", e.file() + ": " + e.reason(), hint(e, "peer")));
                return null;
            }
        }

        /** Where a file comes from that is not there or cannot be read, which only the configuration knows. */
        private static String hint(CredentialException e, String key) {
            if (!e.hint().isEmpty()) {
                return e.hint();
            }
            if (Files.exists(e.file())) {
                return "the user the daemon runs as must be able to read it";
            }
            String source = switch (key) {
                case "key" -> "make it with `culvert host request`";
                case "certificate" -> "have this host's request signed with `culvert ca sign`";
                case "crl" -> "make it with `culvert ca crl`";
                case "trust" -> "copy the CA's ca.crt to here";
                default -> "copy the peer's certificate to here";
            };
            return source + ", or name the right file";
        }
    }
}
