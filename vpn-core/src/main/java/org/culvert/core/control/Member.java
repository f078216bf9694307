package org.culvert.core.control;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
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
    /** Problems that time or an administrator elsewhere may solve: the peer's networks stay routed (and closed) meanwhile. */
    private static final Set<Problem.Kind> PASSING =
            Set.of(Problem.Kind.EXPIRED, Problem.Kind.NOT_YET_VALID, Problem.Kind.REVOKED, Problem.Kind.CRL);

    private static final Problem NOT_FETCHED = new Problem(Problem.Kind.OTHER, "its certificate was not fetched yet");

    private final Peer peer;
    private final long loadedNs;
    private PeerSetup setup;
    private @Nullable HostCertificate certificate;
    private @Nullable HostCertificate planned;
    private boolean moved;
    private List<Problem> problems = List.of();
    private Instant nextChange = Instant.MIN;

    /** @param loadedNs monotonic time of loading: what was sent before is not accepted */
    Member(PeerSetup setup, Peer peer, @Nullable HostCertificate certificate, long loadedNs) {
        this.setup = setup;
        this.peer = peer;
        this.certificate = certificate;
        this.planned = certificate;
        this.loadedNs = loadedNs;
    }

    /**
     * Takes what is configured from now on. The peer goes on: its packet numbers, replay windows, counters and, unless another endpoint
     * is configured, where it was last heard from.
     */
    @SuppressWarnings("ReferenceEquality") // read once, or read again
    void follow(PeerPlan next) {
        if (!next.setup().hasEndpointOf(setup) && !next.setup().namesPlaceOf(peer)) {
            next.setup().literalEndpoint().ifPresent(peer::moveTo);
            moved = next.setup().literalEndpoint().isEmpty();
        }
        setup = next.setup();
        if (next.certificate() != planned) { // else a newer one may have been read meanwhile
            planned = next.certificate();
            certificate = planned;
        }
        peer.agreeOn(setup.suites(), setup.trafficKey());
        examineSoon();
    }

    /** Whether its keys are others with this certificate, or are used otherwise. */
    boolean needsOtherKeysFor(PeerPlan next) {
        HostCertificate theirs = next.certificate();
        return certificate == null
                || theirs == null
                || !Arrays.equals(certificate.spki(), theirs.spki())
                || !setup.suites().equals(next.setup().suites())
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

    /** Null while none was fetched; then there is a problem, too. */
    public @Nullable HostCertificate certificate() {
        return certificate;
    }

    /** Monotonic time of loading. */
    public long loadedNs() {
        return loadedNs;
    }

    /** What stands against this peer, as of the last {@link #examine}; empty when it is up. */
    public List<Problem> problems() {
        return problems;
    }

    /** True when the result of {@link #examine} may differ from the last one. */
    boolean due(Instant now) {
        return !now.isBefore(nextChange);
    }

    /** Validates chain, name, key and networks as of {@code now}. @return true when the problems are not those of last time */
    boolean examine(Trust trust, OwnIdentity own, Instant now) {
        List<Problem> found = certificate == null ? List.of(NOT_FETCHED) : setup.problems(certificate, trust, own, now);
        boolean changed = !found.equals(problems);
        problems = List.copyOf(found);
        nextChange = certificate == null ? Instant.MAX : nextChangeAfter(certificate, trust, now);
        return changed;
    }

    /** Adds a problem found after the examination; it stays until the next one. */
    void refuse(Problem problem) {
        List<Problem> more = new ArrayList<>(problems);
        more.add(problem);
        problems = List.copyOf(more);
    }

    /** Forces the next {@link #due}: the clock was set, or the hour changed. */
    void examineSoon() {
        nextChange = Instant.MIN;
    }

    /** Takes a certificate file that was replaced. */
    void reload() throws CredentialException {
        certificate = HostCertificate.read(file());
        examineSoon();
    }

    Path file() {
        return setup.certificate();
    }

    /** What this peer may speak for: its certificate's networks, narrowed by the configuration. */
    public List<Prefix> networks() {
        return certificate == null ? List.of() : setup.networksOf(certificate);
    }

    /** The same, not narrowed. */
    public List<Prefix> networksOfCertificate() {
        return certificate == null ? List.of() : certificate.networks();
    }

    /** Whether its networks are routed into the TUN: also while it is down, so that they stay closed, unless it never was trusted. */
    public boolean isRouted() {
        return allPass(problems);
    }

    /** Whether a peer with these problems is routed all the same. */
    public static boolean allPass(List<Problem> problems) {
        return problems.stream().allMatch(problem -> PASSING.contains(problem.kind()));
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
