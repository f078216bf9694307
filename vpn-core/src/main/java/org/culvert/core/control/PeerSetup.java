package org.culvert.core.control;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.culvert.core.crypto.Suite;
import org.culvert.core.echo.PeerEcho;
import org.culvert.core.epoch.Core;
import org.culvert.core.epoch.Terms;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.keymgmt.trust.TrustStore;
import org.culvert.tun.Endpoint;

/**
 * A peer as it is configured.
 *
 * @param certificate file of its host certificate, where it has one: leaf first, then its intermediates
 * @param fetched whether that file is ours, filled from the peer itself; else an administrator's
 * @param fingerprints of its certificates, which are then accepted for it and without a CA
 * @param places where it may be, the preferred one first; empty when the peer speaks first
 * @param suites accepted; the first is sent
 * @param networks narrows what the certificate allows; empty: all of it
 * @param compresses packets to it, and accepts them so
 * @param manner how it is asked whether it is there
 * @param secrecy whether its keys end with their epoch
 */
public record PeerSetup(
        String name,
        Path certificate,
        boolean fetched,
        List<String> fingerprints,
        List<Place> places,
        List<Suite> suites,
        List<Prefix> networks,
        TrafficKeyPolicy trafficKey,
        boolean compresses,
        PeerEcho.Manner manner,
        Secrecy secrecy) {
    public PeerSetup {
        fingerprints = List.copyOf(fingerprints);
        places = List.copyOf(places);
        suites = List.copyOf(suites);
        networks = List.copyOf(networks);
    }

    /**
     * A place to look for a peer.
     *
     * @param host literal address, or a name
     * @param port UDP
     */
    public record Place(String host, int port) {
        /** Empty for a name: it has to be resolved, which may take long. */
        Optional<Endpoint> literal() {
            try {
                InetAddress address = InetAddress.ofLiteral(host);
                return Optional.of(Endpoint.of(new InetSocketAddress(address, port)));
            } catch (IllegalArgumentException name) {
                return Optional.empty();
            }
        }
    }

    /** What we announce to it. */
    Terms terms() {
        int accepted =
                suites.stream().mapToInt(suite -> 1 << (suite.code() - 1)).reduce(0, (all, one) -> all | one);
        return new Terms(secrecy.mode(), Core.ML_KEM, accepted);
    }

    /** The first endpoint that is an address: nothing has to be waited for. */
    public Optional<Endpoint> literalEndpoint() {
        return places.stream().flatMap(place -> place.literal().stream()).findFirst();
    }

    /** Whether there is more than one place to look for it: several, or a name, which may be another address tomorrow. */
    boolean hasChoice() {
        return places.size() > 1 || (!places.isEmpty() && literalEndpoint().isEmpty());
    }

    boolean hasEndpointOf(PeerSetup other) {
        return places.equals(other.places);
    }

    /** Whether the peer is at one of the addresses: one of several places may be added or left out while it is at another. */
    boolean namesPlaceOf(Peer peer) {
        Endpoint at = peer.endpoint();
        return at != null
                && places.stream()
                        .flatMap(place -> place.literal().stream())
                        .anyMatch(place -> place.equals(at.fromAnyLocal()));
    }

    /** What this peer may speak for: its certificate's networks, narrowed by the configuration. */
    public List<Prefix> networksOf(HostCertificate theirs) {
        return networks.isEmpty() ? theirs.networks() : networks;
    }

    /**
     * Of its certificates the one whose networks and groups count. Of an administrator's it is the newest, of those that were fetched the
     * first: the peer was heard with it, and with those after it not yet.
     */
    public Optional<Examined> counting(List<Examined> all) {
        return fetched ? Examined.first(all) : Examined.counting(all);
    }

    /** Its certificates with what stands against each, in the same order. */
    public List<Examined> examine(List<HostCertificate> theirs, Trust trust, OwnIdentities own, Instant now) {
        return theirs.stream()
                .map(each -> new Examined(each, problems(each, trust, own, now)))
                .toList();
    }

    /** All that stands against a certificate as this peer's: chain, name, key, networks; empty when it is good. */
    public List<Problem> problems(HostCertificate theirs, Trust trust, OwnIdentities own, Instant now) {
        List<Problem> found =
                new ArrayList<>(fingerprints.isEmpty() ? trust.check(theirs, now) : checkPinned(theirs, now));
        if (!own.kinds().contains(theirs.keyKind())) {
            found.add(new Problem(
                    Problem.Kind.OTHER,
                    "its key is " + theirs.keyKind().label() + " and this gateway's is "
                            + own.kinds().getFirst().label() + ": both must be of one kind to agree on a secret"));
        }
        if (!theirs.name().equals(name)) {
            found.add(new Problem(
                    Problem.Kind.NAME,
                    "the certificate is for \"" + theirs.name() + "\", the configuration says \"" + name + "\""));
        }
        if (own.hasKeyOf(theirs)) {
            found.add(new Problem(Problem.Kind.OTHER, "the certificate holds this gateway's own key"));
        }
        for (Prefix narrowed : networks) {
            if (theirs.networks().stream().noneMatch(network -> network.contains(narrowed))) {
                found.add(new Problem(
                        Problem.Kind.NETWORKS,
                        narrowed + " is not inside the certificate's networks " + theirs.networks()));
            }
        }
        return found;
    }

    private List<Problem> checkPinned(HostCertificate theirs, Instant now) {
        List<Problem> found = TrustStore.checkPinned(theirs, fingerprints.getFirst(), now);
        for (String other : fingerprints.subList(1, fingerprints.size())) {
            List<Problem> less = TrustStore.checkPinned(theirs, other, now);
            found = less.size() < found.size() ? less : found;
        }
        return found;
    }
}
