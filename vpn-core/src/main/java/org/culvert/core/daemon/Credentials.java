package org.culvert.core.daemon;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.culvert.core.compress.Compressor;
import org.culvert.core.config.ConfigException;
import org.culvert.core.config.EndpointConfig;
import org.culvert.core.config.Finding;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.config.PeerConfig;
import org.culvert.core.config.PolicyConfig;
import org.culvert.core.control.Examined;
import org.culvert.core.control.OwnIdentities;
import org.culvert.core.control.OwnIdentity;
import org.culvert.core.control.PeerSetup;
import org.culvert.core.control.Secrecy;
import org.culvert.core.control.Trust;
import org.culvert.core.crypto.SecretBytes;
import org.culvert.core.policy.RuleReview;
import org.culvert.core.policy.Site;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.HostKey;
import org.culvert.keymgmt.trust.PreSharedKeyFile;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.keymgmt.trust.RevocationList;
import org.culvert.keymgmt.trust.TrustStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the configuration names, read and fitted together: the own key and certificate, the trusted CAs, the peers' certificates.
 * Nothing of the system is touched. A certificate that cannot be read, or a key that is not the certificate's, refuses the whole; a
 * certificate that is not valid is for the running daemon to watch, and for {@code check} to report.
 */
public final class Credentials {
    private static final Logger LOG = LoggerFactory.getLogger(Credentials.class);

    private final GatewayConfig config;
    private final OwnIdentities own;
    private final HostCertificate counting;
    private final Trust trust;
    private final List<PeerCredential> peers;

    /**
     * A configured peer with its certificates as read: none when it is to be fetched and was not yet.
     *
     * @param examined its certificates with what stood against each when they were read
     */
    record PeerCredential(PeerConfig config, PeerSetup setup, List<Examined> examined) {
        PeerCredential {
            examined = List.copyOf(examined);
        }

        List<HostCertificate> certificates() {
            return examined.stream().map(Examined::certificate).toList();
        }

        /** The one whose networks and groups count. */
        @Nullable
        HostCertificate certificate() {
            return setup.counting(examined).map(Examined::certificate).orElse(null);
        }

        /** The one it was heard with last; nothing where it was fetched and not heard yet. */
        Optional<HostCertificate> heard() {
            return FetchedCertificates.heard(setup.certificate(), certificates());
        }

        List<Prefix> networks() {
            HostCertificate theirs = certificate();
            return theirs == null ? List.of() : setup.networksOf(theirs);
        }

        private PeerCredential with(List<Examined> others) {
            return new PeerCredential(config, setup, others);
        }
    }

    /** What of a peer was read from files. */
    private record PeerFiles(
            List<HostCertificate> certificates, @Nullable SecretBytes preSharedKey) {}

    private Credentials(GatewayConfig config, OwnIdentities own, Trust trust, List<PeerCredential> peers) {
        this.config = config;
        this.own = own;
        this.counting = own.counting(trust, Instant.now()).certificate();
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
        List<OwnIdentity> own = reader.own();
        Trust trust = reader.trust();
        Map<PeerConfig, PeerFiles> theirs = new LinkedHashMap<>();
        for (PeerConfig peer : config.peers()) {
            theirs.put(peer, new PeerFiles(reader.certificates(peer), reader.preSharedKey(peer)));
            if (peer.compresses() && !Compressor.available()) {
                reader.found.add(config.finding(
                        peer,
                        "compression",
                        Compressor.missing(),
                        "install it (Debian: libzstd1), or leave compression out"));
            }
        }
        if (trust == null || !reader.found.isEmpty()) {
            throw new ConfigException(reader.found);
        }
        Credentials credentials = of(config, new OwnIdentities(own), trust, theirs);
        credentials.refuseOverlaps();
        return credentials.withoutMisfits(peer -> credentials.objections(peer));
    }

    /** What stands against a peer's certificate beside all that is configured. */
    private interface Objections {
        List<Finding> to(PeerCredential peer);
    }

    /** The same without the certificates that were fetched and fit no more: a file nobody wrote is no reason not to start. */
    private Credentials withoutMisfits(Objections objections) {
        List<PeerCredential> fitting = new ArrayList<>();
        for (PeerCredential peer : peers) {
            List<Finding> found =
                    peer.setup().fetched() && peer.certificate() != null ? objections.to(peer) : List.of();
            if (!found.isEmpty()) {
                LOG.warn(
                        "peer {}: the certificate that was fetched from it is not used: {}",
                        peer.config().name(),
                        found.getFirst().cause());
            }
            fitting.add(found.isEmpty() ? peer : peer.with(List.of()));
        }
        return fitting.equals(peers) ? this : new Credentials(config, own, trust, fitting);
    }

    /**
     * The same with a certificate that was fetched from a peer. One with another key stands beside the one that the peer was heard with:
     * packets are opened under both, and it counts for nothing else until the peer was heard with it ({@link #withHeard}). One that the peer
     * was not heard with makes room for the next that comes.
     *
     * @throws ConfigException when its networks are not free here: the peer's certificate stays what it was
     */
    Credentials with(PeerCredential peer, HostCertificate fetched, ConnectedNetworks connected) throws ConfigException {
        withFree(peer, List.of(fetched), connected); // else refused now, not when the peer is heard with it
        List<HostCertificate> all = new ArrayList<>();
        Optional<HostCertificate> heard = peer.heard();
        boolean renewed = heard.isPresent() && fetched.file().equals(heard.get().file());
        if (!renewed) {
            heard.ifPresent(all::add);
            all.add(fetched);
        } else {
            all.add(fetched);
            all.addAll(peer.certificates().subList(1, peer.certificates().size()));
        }
        return with(peer, all);
    }

    /**
     * The same with a certificate counting that a peer was heard with for the first time. The one before it goes on opening what is under way.
     *
     * @param heard as it lies where such lie
     * @throws ConfigException when its networks are not free here any more: all stays as it was
     */
    Credentials withHeard(PeerCredential peer, HostCertificate heard, ConnectedNetworks connected)
            throws ConfigException {
        List<HostCertificate> all = new ArrayList<>(List.of(heard));
        peer.heard().ifPresent(all::add);
        return withFree(peer, all, connected);
    }

    private Credentials with(PeerCredential peer, List<HostCertificate> theirs) {
        PeerCredential next = peer.with(peer.setup().examine(theirs, trust, own, Instant.now()));
        return new Credentials(
                config,
                own,
                trust,
                peers.stream().map(each -> each.equals(peer) ? next : each).toList());
    }

    private Credentials withFree(PeerCredential peer, List<HostCertificate> theirs, ConnectedNetworks connected)
            throws ConfigException {
        Credentials next = with(peer, theirs);
        PeerCredential changed = next.peers.get(peers.indexOf(peer));
        List<Finding> found = new ArrayList<>(next.objections(changed));
        found.addAll(next.connected(changed, connected));
        throwIfAny(found);
        return next;
    }

    /** Which of two certificates counts is decided as of now; the running daemon decides anew when that changes. */
    private static Credentials of(
            GatewayConfig config, OwnIdentities own, Trust trust, Map<PeerConfig, PeerFiles> theirs) {
        Instant now = Instant.now();
        List<PeerCredential> peers = new ArrayList<>();
        theirs.forEach((peer, files) -> {
            PeerSetup setup = setup(config, peer, files.preSharedKey());
            peers.add(new PeerCredential(peer, setup, setup.examine(files.certificates(), trust, own, now)));
        });
        return new Credentials(config, own, trust, peers);
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
        return of(config, own, anew, peerFiles());
    }

    private Map<PeerConfig, PeerFiles> peerFiles() {
        Map<PeerConfig, PeerFiles> all = new LinkedHashMap<>();
        peers.forEach(peer -> all.put(
                peer.config(),
                new PeerFiles(peer.certificates(), peer.setup().secrecy().psk())));
        return all;
    }

    /** The same with a newer revocation list; nothing where it is none, or of no CA of ours. */
    Optional<Credentials> with(RevocationList list) {
        return trust.with(list).map(anew -> of(config, own, anew, peerFiles()));
    }

    /** The same, believing whom others believe. */
    Credentials withTrustOf(Credentials others) {
        return of(config, own, others.trust, peerFiles());
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

    OwnIdentities own() {
        return own;
    }

    Trust trust() {
        return trust;
    }

    List<PeerCredential> peers() {
        return peers;
    }

    /** Of our certificates the one whose networks and groups count. */
    HostCertificate ownCertificate() {
        return counting;
    }

    /** What our certificate lets us speak for. */
    public List<Prefix> ownNetworks() {
        return counting.networks();
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
        List<Validity> all = new ArrayList<>();
        own.all().forEach(each -> all.add(Validity.of(each.certificate())));
        peers.forEach(peer -> peer.certificates().forEach(each -> all.add(Validity.of(each))));
        return all;
    }

    /** Revocation lists that should have been replaced by now, in words. */
    public List<String> staleLists(Instant now) {
        return trust.store().staleLists(now);
    }

    /** For {@code check}: certificates that are not good at this moment, as findings at the line that names them. */
    public List<Finding> findingsAt(Instant now) {
        List<Finding> found = new ArrayList<>();
        for (Examined each : own.examine(trust, now)) {
            for (Problem problem : each.problems()) {
                found.add(config.finding(
                        "certificate", cause(each, problem, own.all().size()), hint(problem)));
            }
        }
        for (PeerCredential peer : peers) {
            if (peer.setup().fetched()) {
                continue; // nobody here can do anything about it: it is fetched again
            }
            int many = peer.certificates().size();
            for (Examined each : peer.setup().examine(peer.certificates(), trust, own, now)) {
                for (Problem problem : each.problems()) {
                    found.add(config.finding(peer.config(), "certificate", cause(each, problem, many), hint(problem)));
                }
            }
        }
        return found;
    }

    /** Of several certificates in one line of the configuration, which. */
    private static String cause(Examined examined, Problem problem, int many) {
        return many == 1 ? problem.message() : examined.certificate().file() + ": " + problem.message();
    }

    /** Names of peers whose certificates are to be fetched and were not yet. */
    public List<String> toBeFetched() {
        return peers.stream()
                .filter(peer -> peer.certificates().isEmpty())
                .map(peer -> peer.config().name())
                .toList();
    }

    /** What is not wrong and yet hardly meant: [[allow]] rules that can never match. */
    public List<Finding> warnings() {
        if (!toBeFetched().isEmpty()) {
            return List.of(); // what networks there will be nobody knows
        }
        RuleReview review = new RuleReview(
                place(counting, ownNetworks(), false),
                peers.stream()
                        .map(peer -> place(
                                Objects.requireNonNull(peer.certificate(), "none is to be fetched"),
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
     * Looks for peers' networks that this host is directly in.
     *
     * @return the same, without the fetched certificates that name such
     * @throws ConfigException naming each of a configured certificate, at its line
     */
    Credentials fitting(ConnectedNetworks connected) throws ConfigException {
        List<Finding> found = new ArrayList<>();
        configured().forEach(peer -> found.addAll(connected(peer, connected)));
        throwIfAny(found);
        return withoutMisfits(peer -> connected(peer, connected));
    }

    private List<Finding> connected(PeerCredential peer, ConnectedNetworks connected) {
        return peer.networks().stream()
                .flatMap(network -> connected.objection(network).stream())
                .map(
                        cause -> config.finding(
                                peer.config(),
                                "networks",
                                "peer " + peer.config().name() + ": " + cause,
                                "a route through the tunnel would cut this host off from it; narrow [[peer]] networks, or renumber"))
                .toList();
    }

    private List<PeerCredential> configured() {
        return peers.stream().filter(peer -> !peer.setup().fetched()).toList();
    }

    /** The same network at two peers, or an endpoint inside a network that goes through the tunnel. */
    private void refuseOverlaps() throws ConfigException {
        List<Finding> found = new ArrayList<>();
        List<PeerCredential> configured = configured();
        for (int i = 0; i < configured.size(); i++) {
            found.addAll(overlaps(configured.get(i), configured.subList(0, i)));
        }
        for (PeerCredential peer : peers) {
            found.addAll(endpointInside(peer, configured));
        }
        throwIfAny(found);
    }

    /** What stands against a fetched certificate beside all others: what {@link #refuseOverlaps} refuses of the configured. */
    private List<Finding> objections(PeerCredential peer) {
        List<PeerCredential> others =
                peers.stream().filter(each -> !each.equals(peer)).toList();
        List<Finding> found = new ArrayList<>(overlaps(peer, others));
        peers.forEach(each -> found.addAll(endpointInside(each, List.of(peer))));
        return found;
    }

    private List<Finding> overlaps(PeerCredential peer, List<PeerCredential> others) {
        Optional<HostCertificate> same =
                peer.certificates().stream().filter(own::hasKeyOf).findFirst();
        if (same.isPresent()) {
            return List.of(config.finding(
                    peer.config(),
                    "certificate",
                    same.get().file() + " holds this gateway's own key",
                    "name the peer's certificate"));
        }
        List<Finding> found = new ArrayList<>();
        for (PeerCredential other : others) {
            peer.networks().stream()
                    .filter(other.networks()::contains)
                    .forEach(twice -> found.add(config.finding(
                            peer.config(),
                            "networks",
                            twice + " belongs to peer " + other.config().name() + " already",
                            "narrow one of the two with [[peer]] networks")));
        }
        peer.networks().stream()
                .filter(ownNetworks()::contains)
                .forEach(ours -> found.add(config.finding(
                        peer.config(),
                        "networks",
                        ours + " is this gateway's own network",
                        "narrow the peer with [[peer]] networks, or ask who signed it for both")));
        return found;
    }

    private List<Finding> endpointInside(PeerCredential peer, List<PeerCredential> others) {
        return peer.config().endpoints().stream()
                .filter(EndpointConfig::isLiteral)
                .flatMap(endpoint -> endpointInside(peer, endpoint.host(), others).stream())
                .toList();
    }

    private Optional<Finding> endpointInside(PeerCredential peer, String host, List<PeerCredential> others) {
        Prefix address = Prefix.parse(host + (host.indexOf(':') >= 0 ? "/128" : "/32"));
        return others.stream()
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

    private static PeerSetup setup(GatewayConfig config, PeerConfig peer, @Nullable SecretBytes preSharedKey) {
        return new PeerSetup(
                peer.name(),
                peer.certificates().stream().findFirst().orElse(fetchedFile(config, peer)),
                peer.certificates().isEmpty(),
                peer.fingerprints(),
                peer.endpoints().stream()
                        .map(place -> new PeerSetup.Place(place.host(), place.port()))
                        .toList(),
                peer.suites(),
                peer.networks(),
                peer.trafficKey(),
                peer.compresses(),
                peer.manner(),
                new Secrecy(peer.forwardSecrecy(), preSharedKey));
    }

    /** Where revocation lists lie that came from peers. */
    static Path fetchedLists(GatewayConfig config) {
        return config.fetched().resolve("lists.crl");
    }

    /** Where a certificate lies that was fetched. Names are host names: nothing in them leads out of the folder. */
    private static Path fetchedFile(GatewayConfig config, PeerConfig peer) {
        return config.fetched().resolve(peer.name() + ".crt");
    }

    /** Reads files and collects what is wrong with them, so that one run names all. */
    private static final class Reader {
        private static final String TWO_OF_ONE =
                "two are for a change of keys: the old and the new certificate of one gateway";

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
            return store == null ? null : withFetchedLists(new Trust(store, config.refusesStaleCrl()));
        }

        /** What came from peers and is newer than the file. What cannot be read is no reason not to start. */
        private Trust withFetchedLists(Trust trust) {
            Path file = fetchedLists(config);
            if (config.crl().isEmpty() || !Files.exists(file)) {
                return trust;
            }
            try {
                Trust newest = trust;
                for (RevocationList list : RevocationList.read(file)) {
                    newest = newest.with(list).orElse(newest);
                }
                return newest;
            } catch (CredentialException e) {
                LOG.warn(
                        "{}: {}; the lists of {} are in force",
                        e.file(),
                        e.reason(),
                        config.crl().get());
                return trust;
            }
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

        /** The keys and certificates of this gateway that could be read, each that of the other, all for one name. */
        List<OwnIdentity> own() {
            List<OwnIdentity> own = new ArrayList<>();
            for (int i = 0; i < config.keys().size(); i++) {
                Path file = config.certificates().get(i);
                HostKey key = read("key", config.keys().get(i), HostKey::read);
                HostCertificate certificate = read("certificate", file, HostCertificate::read);
                if (key != null && certificate != null) {
                    refuseUnlessOfKey(config.keys().get(i), key, certificate);
                    own.add(new OwnIdentity(key, certificate));
                }
            }
            List<HostCertificate> all =
                    own.stream().map(OwnIdentity::certificate).toList();
            unlike(all).ifPresent(cause -> found.add(config.finding("certificate", cause, TWO_OF_ONE)));
            return own;
        }

        private void refuseUnlessOfKey(Path keyFile, HostKey key, HostCertificate certificate) {
            if (!key.matches(certificate)) {
                found.add(
                        config.finding(
                                "key",
                                keyFile + " is not the key of " + certificate.file() + ", which holds "
                                        + certificate.keyFingerprint() + ", the key file " + key.keyFingerprint(),
                                config.keys().size() > 1
                                        ? "name keys and certificates in the same order"
                                        : "use the key that the certificate was requested with, or have this key's request signed"));
            }
        }

        List<HostCertificate> certificates(PeerConfig peer) {
            if (peer.certificates().isEmpty()) {
                return FetchedCertificates.read(fetchedFile(config, peer));
            }
            List<HostCertificate> all = new ArrayList<>();
            for (Path file : peer.certificates()) {
                try {
                    all.add(HostCertificate.read(file));
                } catch (CredentialException e) {
                    found.add(config.finding(peer, "certificate", e.file() + ": " + e.reason(), hint(e, "peer")));
                }
            }
            unlike(all).ifPresent(cause -> found.add(config.finding(peer, "certificate", cause, TWO_OF_ONE)));
            return List.copyOf(all);
        }

        @Nullable
        SecretBytes preSharedKey(PeerConfig peer) {
            if (peer.preSharedKey().isEmpty()) {
                return null;
            }
            try {
                return SecretBytes.sharing(
                        PreSharedKeyFile.read(peer.preSharedKey().get()));
            } catch (CredentialException e) {
                found.add(config.finding(
                        peer, "pre-shared-key", e.file() + ": " + e.reason(), hint(e, "pre-shared-key")));
                return null;
            }
        }

        /** What keeps several certificates from being those of one gateway that changes its key. */
        private static Optional<String> unlike(List<HostCertificate> all) {
            for (HostCertificate other : all.subList(Math.min(1, all.size()), all.size())) {
                HostCertificate first = all.getFirst();
                if (!first.name().equals(other.name())) {
                    return Optional.of(first.file() + " is for \"" + first.name() + "\" and " + other.file() + " for \""
                            + other.name() + "\"");
                }
                if (Arrays.equals(first.spki(), other.spki())) {
                    return Optional.of(first.file() + " and " + other.file() + " hold the same key");
                }
            }
            return Optional.empty();
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
                case "pre-shared-key" ->
                    "make it with `culvert host psk` on one of the two gateways and copy it to the other";
                case "trust" -> "copy the CA's ca.crt to here";
                default -> "copy the peer's certificate to here";
            };
            return source + ", or name the right file";
        }
    }
}
