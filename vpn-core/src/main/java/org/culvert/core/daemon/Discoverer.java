package org.culvert.core.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.culvert.core.config.ConfigException;
import org.culvert.core.control.Conductor;
import org.culvert.core.control.Member;
import org.culvert.core.discovery.Chain;
import org.culvert.core.discovery.Discovery;
import org.culvert.core.discovery.Wanted;
import org.culvert.core.log.OneLine;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whose certificates are fetched, and what becomes of those that come: each is looked at as if an administrator had put it there.
 * Control thread, but for {@link #look}.
 */
final class Discoverer implements Discovery.Judge {
    private static final Logger LOG = LoggerFactory.getLogger(Discoverer.class);

    /** A peer that has not been heard for so long since it was loaded may have another key by now. */
    private static final Duration UNHEARD = Duration.ofSeconds(30);

    private static final int LONGEST_REASON_CHARS = 300;

    private final SiteChange change;
    private final Conductor control;
    private final Map<String, String> refusals = new HashMap<>();
    private final Set<String> arrived = new HashSet<>();
    private final Set<String> unfree = new HashSet<>();
    private @Nullable Discovery discovery;
    private @Nullable HostCertificate offered;
    private @Nullable Chain ours;

    Discoverer(SiteChange change, Conductor control) {
        this.change = change;
        this.control = control;
    }

    /** Where chains come from; before anything else. */
    void asks(Discovery asking) {
        discovery = asking;
    }

    private Discovery discovery() {
        Discovery asking = discovery;
        if (asking == null) {
            throw new IllegalStateException("nothing to ask with");
        }
        return asking;
    }

    /** Every second: our own certificate, and whose is wanted, may have changed. */
    void everySecond(List<Member> members) {
        Site site = change.running();
        discovery().offer(site.config().discovery() ? chain(site.credentials().ownCertificate()) : null);
        Instant now = Instant.now();
        List<Wanted> wanted = new ArrayList<>();
        for (Member member : members) {
            if (member.setup().fetched() && hasUnproven(member)) {
                fetched(member.peer().name()).ifPresent(peer -> takeHeard(peer, member));
            }
            Endpoint from = member.peer().endpoint();
            if (from != null && member.setup().fetched()) {
                boolean urgent = urgent(member);
                if (urgent || endsSoon(member.certificate(), now)) {
                    wanted.add(new Wanted(member.peer().name(), from, urgent));
                }
            }
        }
        discovery().want(wanted);
    }

    private @Nullable Chain chain(HostCertificate own) {
        if (!own.equals(offered)) {
            offered = own;
            ours = chainOf(own).orElse(null);
            if (ours == null) {
                LOG.warn(
                        "this gateway's certificate with its {} intermediates is too long to be handed to peers: they need its file",
                        own.intermediates().size());
            }
        }
        return ours;
    }

    private static Optional<Chain> chainOf(HostCertificate certificate) {
        List<byte[]> all = new ArrayList<>(List.of(certificate.der()));
        certificate.intermediates().forEach(each -> all.add(each.der()));
        return Chain.of(all);
    }

    private boolean urgent(Member member) {
        if (!member.problems().isEmpty()) {
            return true;
        }
        return switch (control.report(member).state()) {
            case SILENT -> true;
            case UNHEARD -> System.nanoTime() - member.loadedNs() > UNHEARD.toNanos();
            case ALIVE, MUTE -> false;
        };
    }

    /** From a third of its life before its end. */
    private static boolean endsSoon(@Nullable HostCertificate certificate, Instant now) {
        if (certificate == null) {
            return true;
        }
        Duration life = Duration.between(certificate.notBefore(), certificate.notAfter());
        return Duration.between(now, certificate.notAfter()).compareTo(life.dividedBy(3)) < 0;
    }

    /** Discovery thread. */
    @Override
    public void look(Discovery.Found found) {
        control.submit(() -> {
            boolean good = false;
            try {
                good = take(found);
            } finally {
                discovery().judged(found.peer(), good);
            }
        });
    }

    /** @return whether it is good, be it new or not */
    private boolean take(Discovery.Found found) {
        Credentials.PeerCredential peer = fetched(found.peer()).orElse(null);
        if (peer == null) {
            return true; // configured no more, or otherwise: nobody waits for it
        }
        try {
            HostCertificate theirs = parse(peer, found.chain());
            if (peer.certificates().stream()
                    .anyMatch(known -> known.fingerprint().equals(theirs.fingerprint()))) {
                return true;
            }
            Optional<String> objection = objection(peer, theirs);
            if (objection.isPresent()) {
                return refuse(found, objection.get());
            }
            change.take(peer, theirs);
            FetchedCertificates.keep(theirs);
            arrived.add(theirs.fingerprint());
            refusals.remove(found.peer());
            LOG.info(
                    "peer {}: its certificate came from {}: {}, until {}, fingerprint {}{}",
                    found.peer(),
                    found.from(),
                    theirs.networks(),
                    theirs.notAfter(),
                    theirs.fingerprint(),
                    peer.heard().isPresent() && !isRenewed(peer, theirs)
                            ? "; its key is another, and counts when the peer is heard with it"
                            : "");
            return true;
        } catch (CredentialException e) {
            return refuse(found, e.reason());
        } catch (ConfigException e) {
            return refuse(found, e.findings().getFirst().cause());
        } catch (IOException e) {
            return refuse(found, String.valueOf(e.getMessage()));
        }
    }

    private Optional<Credentials.PeerCredential> fetched(String name) {
        return change.running().credentials().peers().stream()
                .filter(each -> each.setup().fetched() && each.config().name().equals(name))
                .findFirst();
    }

    /** Whether a certificate stands beside the one that the peer was heard with, or before it: hardly ever, and this is asked each second. */
    private static boolean hasUnproven(Member member) {
        Path heard = member.setup().certificate();
        return member.certificates().stream()
                .anyMatch(each -> !each.certificate().file().equals(heard));
    }

    /** The peer has shown that it has the key of a certificate that had only stood beside until now. */
    private void takeHeard(Credentials.PeerCredential peer, Member member) {
        Path file = peer.setup().certificate();
        for (HostCertificate each : peer.certificates()) {
            if (each.file().equals(file) || !control.hasShownKeyOf(member, each)) {
                continue;
            }
            try {
                HostCertificate heard = FetchedCertificates.as(file, each);
                change.takeHeard(peer, heard);
                FetchedCertificates.keepHeard(heard);
                unfree.remove(each.fingerprint());
                LOG.info(
                        "peer {}: heard with the certificate that came from it, fingerprint {}",
                        member.peer(),
                        each.fingerprint());
            } catch (CredentialException | ConfigException | IOException e) {
                if (unfree.add(each.fingerprint())) {
                    LOG.warn(
                            "peer {}: heard with its new certificate, and networks and groups stay those of the old: {}",
                            member.peer(),
                            e.getMessage());
                }
            }
        }
    }

    /** In the place of the one it renews, else beside. */
    private static HostCertificate parse(Credentials.PeerCredential peer, Chain chain) throws CredentialException {
        Path file = peer.setup().certificate();
        HostCertificate theirs = parse(FetchedCertificates.next(file), chain);
        return isRenewed(peer, theirs) ? FetchedCertificates.as(file, theirs) : theirs;
    }

    /** Whether it has the key that the peer was heard with. */
    private static boolean isRenewed(Credentials.PeerCredential peer, HostCertificate theirs) {
        return peer.heard().filter(heard -> isOfOneKey(heard, theirs)).isPresent();
    }

    private static boolean isOfOneKey(HostCertificate one, HostCertificate other) {
        return one.keyFingerprint().equals(other.keyFingerprint());
    }

    private static HostCertificate parse(Path file, Chain chain) throws CredentialException {
        List<CaCertificate> intermediates = new ArrayList<>();
        for (byte[] der : chain.certificates().subList(1, chain.certificates().size())) {
            intermediates.add(CaCertificate.parse(file, der));
        }
        return HostCertificate.parse(file, chain.certificates().getFirst(), intermediates);
    }

    /**
     * All that an administrator's file is asked, and one thing more: an old certificate that somebody kept shall not come back. Older means than one
     * that the peer was heard with, or than one for the same key: by others, which were issued and perhaps never used, whoever is on the
     * path could keep out the true one.
     */
    private Optional<String> objection(Credentials.PeerCredential peer, HostCertificate theirs) {
        Path heard = peer.setup().certificate();
        for (HostCertificate known : peer.certificates()) {
            boolean counts = known.file().equals(heard) || isOfOneKey(known, theirs);
            if (counts && theirs.notBefore().isBefore(known.notBefore())) {
                return Optional.of(
                        "it begins at " + theirs.notBefore() + ", and the one in force at " + known.notBefore());
            }
        }
        Credentials credentials = change.running().credentials();
        List<Problem> problems = peer.setup().problems(theirs, credentials.trust(), credentials.own(), Instant.now());
        return problems.isEmpty()
                ? Optional.empty()
                : Optional.of(String.join(
                        "; ", problems.stream().map(Problem::message).toList()));
    }

    /** Said once for each reason: who sends it may send it again and again. */
    private boolean refuse(Discovery.Found found, String reason) {
        String line = OneLine.of(reason, LONGEST_REASON_CHARS);
        if (!line.equals(refusals.put(found.peer(), line))) {
            LOG.warn("peer {}: the certificate that {} sent is refused: {}", found.peer(), found.from(), line);
        }
        return false;
    }

    /** What is to be known of a peer that has no certificate yet; empty for others. */
    String waitsFor(Member member) {
        if (member.certificate() != null || !member.setup().fetched()) {
            return "";
        }
        Endpoint from = member.peer().endpoint();
        String refusal = refusals.get(member.peer().name());
        if (refusal != null) {
            return "the certificate that " + from + " sent is refused: " + refusal;
        }
        return from == null
                ? "its certificate is to be fetched, and where it is is not known yet"
                : from
                        + " was asked for its certificate and has not sent it: nobody is there, or discovery is off there";
    }

    /** "file" of an administrator's, "fetched" in this run, "kept" from an earlier one, "none" yet. */
    String source(Member member) {
        HostCertificate certificate = member.certificate();
        if (certificate == null) {
            return "none";
        }
        if (!member.setup().fetched()) {
            return "file";
        }
        return arrived.contains(certificate.fingerprint()) ? "fetched" : "kept";
    }
}
