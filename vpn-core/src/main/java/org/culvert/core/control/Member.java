package org.culvert.core.control;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.culvert.core.control.Plan.PeerPlan;
import org.culvert.core.peer.Peer;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;

/** A configured peer with its certificate as loaded, and why it is down if it is. Control thread. */
public final class Member {
    private static final Problem NOT_FETCHED = new Problem(Problem.Kind.OTHER, "its certificate was not fetched yet");

    private final Peer peer;
    private final long loadedNs;
    private PeerSetup setup;
    private final CertifiedPairs pairs;
    private List<HostCertificate> certificates;
    private List<HostCertificate> planned;
    private boolean moved;
    private List<Examined> examined;
    private Optional<Problem> refused = Optional.empty();
    private Instant nextChange = Instant.MIN;

    /** @param loadedNs monotonic time of loading: what was sent before is not accepted */
    Member(PeerPlan planned, Peer peer, CertifiedPairs pairs, long loadedNs) {
        this.setup = planned.setup();
        this.peer = peer;
        this.pairs = pairs;
        this.certificates = planned.certificates();
        this.planned = planned.certificates();
        this.examined = unexamined();
        this.loadedNs = loadedNs;
        peer.compresses(setup.compresses());
    }

    /**
     * Takes what is configured from now on. The peer goes on: its packet numbers, replay windows, counters and, unless another endpoint
     * is configured, where it was last heard from.
     */
    void follow(PeerPlan next) {
        if (!next.setup().hasEndpointOf(setup) && !next.setup().namesPlaceOf(peer)) {
            next.setup().literalEndpoint().ifPresent(peer::moveTo);
            moved = next.setup().literalEndpoint().isEmpty();
        }
        setup = next.setup();
        if (!next.certificates()
                .equals(planned)) { // each is itself alone; of the same, newer ones may have been read meanwhile
            planned = next.certificates();
            certificates = planned;
            examined = unexamined();
        }
        peer.agreeOn(setup.suites(), setup.trafficKey());
        peer.compresses(setup.compresses());
        examineSoon();
    }

    private List<Examined> unexamined() {
        return certificates.stream().map(each -> new Examined(each, List.of())).toList();
    }

    /** Whether all its keys are others. */
    boolean hasAnotherSecretThan(PeerPlan next) {
        return !Objects.equals(setup.secrecy().psk(), next.setup().secrecy().psk());
    }

    /** Whether its keys are used otherwise. */
    boolean usesKeysOtherwiseThan(PeerPlan next) {
        return !setup.suites().equals(next.setup().suites())
                || !setup.trafficKey().equals(next.setup().trafficKey());
    }

    /** The configured host name is to be asked for: nothing is known of where the peer is, or a new name was configured. */
    boolean mustBeResolved() {
        return !setup.places().isEmpty() && (moved || peer.endpoint() == null);
    }

    void resolvedTo(Endpoint endpoint) {
        moved = false;
        peer.moveTo(endpoint);
    }

    public PeerSetup setup() {
        return setup;
    }

    public Peer peer() {
        return peer;
    }

    /** The one whose networks and groups count; null while none was fetched, and then there is a problem, too. */
    public @Nullable HostCertificate certificate() {
        return setup.counting(examined).map(Examined::certificate).orElse(null);
    }

    /** All: one, or two during a change of its keys. */
    public List<Examined> certificates() {
        return examined;
    }

    /** Whether a packet opened under a static pair with this certificate's key: no more than a sign where somebody may have ours. */
    boolean heardWith(HostCertificate theirs) {
        return pairs.heardWith(theirs);
    }

    /** Those that are accepted now. */
    List<HostCertificate> goodCertificates() {
        return examined.stream()
                .filter(Examined::good)
                .map(Examined::certificate)
                .toList();
    }

    CertifiedPairs pairs() {
        return pairs;
    }

    /** How far a change of keys is, for people; empty when there is none. */
    public Optional<String> changeOfKeys() {
        return pairs.progress();
    }

    /** Monotonic time of loading. */
    public long loadedNs() {
        return loadedNs;
    }

    /** What stands against this peer, as of the last {@link #examine}; empty when it is up. */
    public List<Problem> problems() {
        List<Problem> all =
                new ArrayList<>(setup.counting(examined).map(Examined::problems).orElse(List.of(NOT_FETCHED)));
        refused.ifPresent(all::add);
        return all;
    }

    /** True when the result of {@link #examine} may differ from the last one. */
    boolean due(Instant now) {
        return !now.isBefore(nextChange);
    }

    /** Validates chain, name, key and networks as of {@code now}. @return true when the problems are not those of last time */
    boolean examine(Trust trust, OwnIdentities own, Instant now) {
        List<Examined> before = examined;
        boolean refusedBefore = refused.isPresent();
        examined = setup.examine(certificates, trust, own, now);
        refused = Optional.empty();
        nextChange = Instant.MAX;
        for (HostCertificate each : certificates) {
            Instant change = nextChangeAfter(each, trust, now);
            nextChange = change.isBefore(nextChange) ? change : nextChange;
        }
        return refusedBefore
                || !examined.stream()
                        .map(Examined::problems)
                        .toList()
                        .equals(before.stream().map(Examined::problems).toList());
    }

    /** Adds a problem found after the examination; it stays until the next one. */
    void refuse(Problem problem) {
        refused = Optional.of(problem);
    }

    /** Forces the next {@link #due}: the clock was set, or the hour changed. */
    void examineSoon() {
        nextChange = Instant.MIN;
    }

    /** Files of certificates that are not accepted. */
    List<Path> refusedFiles() {
        if (setup.fetched()) {
            return List.of(); // it is fetched again
        }
        boolean all = !problems().isEmpty();
        return examined.stream()
                .filter(each -> all || !each.good())
                .map(each -> each.certificate().file())
                .toList();
    }

    /** Takes a certificate file that was replaced. */
    void reload(Path file) throws CredentialException {
        HostCertificate anew = HostCertificate.read(file);
        certificates = certificates.stream()
                .map(each -> each.file().equals(file) ? anew : each)
                .toList();
        examined = unexamined();
        examineSoon();
    }

    /** What this peer may speak for: its certificate's networks, narrowed by the configuration. */
    public List<Prefix> networks() {
        HostCertificate theirs = certificate();
        return theirs == null ? List.of() : setup.networksOf(theirs);
    }

    /** The same, not narrowed. */
    public List<Prefix> networksOfCertificate() {
        HostCertificate theirs = certificate();
        return theirs == null ? List.of() : theirs.networks();
    }

    /** Whether its networks are routed into the TUN: also while it is down, so that they stay closed, unless it never was trusted. */
    public boolean isRouted() {
        return refused.isEmpty()
                && setup.counting(examined).filter(Examined::isRouted).isPresent();
    }

    /** The first moment after {@code now} at which a certificate of the chain, or one it may lead to, begins or ends. */
    static Instant nextChangeAfter(HostCertificate leaf, Trust trust, Instant now) {
        List<X509Certificate> all = new ArrayList<>(List.of(leaf.x509()));
        leaf.intermediates().forEach(each -> all.add(each.x509()));
        trust.store().authorities().forEach(each -> all.add(each.x509()));
        Instant next = Instant.MAX;
        for (X509Certificate certificate : all) {
            Instant begin = certificate.getNotBefore().toInstant();
            Instant end = certificate.getNotAfter().toInstant().plusMillis(1); // notAfter itself still counts
            next = begin.isAfter(now) && begin.isBefore(next) ? begin : next;
            next = end.isAfter(now) && end.isBefore(next) ? end : next;
        }
        for (Instant end : trust.ends()) {
            next = end.isAfter(now) && end.isBefore(next) ? end.plusMillis(1) : next;
        }
        return next;
    }
}
