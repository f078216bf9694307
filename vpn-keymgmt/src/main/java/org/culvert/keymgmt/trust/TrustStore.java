package org.culvert.keymgmt.trust;

import java.math.BigInteger;
import java.nio.file.Path;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.culvert.keymgmt.trust.Problem.Kind;

/**
 * The CAs a gateway trusts, with their revocation lists. Immutable: a changed file is read into a new one. Checking costs up to a
 * millisecond of public-key work the first time a certificate object is seen.
 */
public final class TrustStore {
    private final List<CaCertificate> authorities;
    private final Optional<List<RevocationList>> lists;

    private TrustStore(List<CaCertificate> authorities, Optional<List<RevocationList>> lists) {
        this.authorities = authorities;
        this.lists = lists;
    }

    /** Reads a PEM file of one or several CA certificates; nothing is looked up as revoked. */
    public static TrustStore read(Path trust) throws CredentialException {
        return read(trust, Optional.empty());
    }

    /**
     * Reads a PEM file of one or several CA certificates and, if given, one of revocation lists. With a file of lists, every CA that
     * issued something must have a list in it.
     *
     * @throws CredentialException also when a list names a trusted CA as its issuer and that CA did not sign it
     */
    public static TrustStore read(Path trust, Optional<Path> crl) throws CredentialException {
        List<CaCertificate> authorities = CaCertificate.read(trust);
        for (CaCertificate authority : authorities) {
            if (authority.selfIssued() && !PathCheck.signed(authority.x509(), authority.publicKey())) {
                throw new CredentialException(
                        trust,
                        "the CA '" + authority.name() + "' does not carry its own signature",
                        "copy the file again");
            }
        }
        if (crl.isEmpty()) {
            return new TrustStore(authorities, Optional.empty());
        }
        List<RevocationList> lists = RevocationList.read(crl.get());
        for (RevocationList list : lists) {
            if (authorities.stream().anyMatch(list::namesIssuer)
                    && authorities.stream().noneMatch(list::signedBy)) {
                throw new CredentialException(
                        crl.get(),
                        "the list of '" + list.issuerName() + "' does not carry that CA's signature",
                        "make it again with: culvert ca crl");
            }
        }
        return new TrustStore(authorities, Optional.of(lists));
    }

    /** Of CAs already read; nothing is looked up as revoked. */
    public static TrustStore of(List<CaCertificate> authorities) {
        return new TrustStore(List.copyOf(authorities), Optional.empty());
    }

    /**
     * The same with a list that came later, in place of the one signed with the same key: while a CA changes its key, two of its name are in
     * force.
     *
     * @return nothing when no trusted CA signed it, or it is not newer than the one in force, or there is none to take the place of
     */
    public Optional<TrustStore> with(RevocationList newer) {
        List<CaCertificate> signers =
                authorities.stream().filter(newer::signedBy).toList();
        List<RevocationList> next = new ArrayList<>();
        boolean replaces = false;
        for (RevocationList known : lists.orElse(List.of())) {
            boolean same = signers.stream().anyMatch(known::signedBy);
            if (same && number(known).compareTo(number(newer)) >= 0) {
                return Optional.empty();
            }
            replaces |= same;
            if (!same) {
                next.add(known);
            }
        }
        next.add(newer);
        return replaces ? Optional.of(new TrustStore(authorities, Optional.of(List.copyOf(next)))) : Optional.empty();
    }

    private static BigInteger number(RevocationList list) {
        return list.number().orElse(BigInteger.ZERO);
    }

    public List<CaCertificate> authorities() {
        return authorities;
    }

    /** Empty when none were given, which is not the same as given and empty. */
    public Optional<List<RevocationList>> revocationLists() {
        return lists;
    }

    /** Lists past their nextUpdate: still in force, but somebody should sign new ones. One line each. */
    public List<String> staleLists(Instant at) {
        return lists.orElse(List.of()).stream()
                .filter(list -> list.nextUpdate().filter(at::isAfter).isPresent())
                .map(list -> "the revocation list of '" + list.issuerName() + "' was to be replaced by "
                        + list.nextUpdate().orElseThrow())
                .toList();
    }

    /** Why the certificate is not accepted at this moment, everything that can be found; empty means it is good. */
    public List<Problem> check(HostCertificate host, Instant at) {
        Set<X509Certificate> seen = new HashSet<>(Set.of(host.x509()));
        List<CaCertificate> between = new ArrayList<>();
        for (CaCertificate next : host.intermediates()) {
            if (authorities.stream().anyMatch(authority -> authority.x509().equals(next.x509()))) {
                break;
            }
            if (!seen.add(next.x509())) {
                return List.of(new Problem(
                        Kind.UNTRUSTED, "the CA '" + next.name() + "' stands twice in the chain of " + host.name()));
            }
            between.add(next);
        }
        List<CaCertificate> candidates = candidates(host, between);
        if (candidates.isEmpty()) {
            return List.of(untrusted(host, between));
        }
        // Several CAs of one name are a rotation or a renewal: the one under which least is wrong is the one that was
        // meant.
        return candidates.stream()
                .map(anchor -> under(host, between, anchor, at))
                .min(Comparator.comparingInt(List::size))
                .orElseThrow();
    }

    /**
     * Why a certificate is not accepted by its fingerprint alone, with no CA: a host that vouches for itself (unsigned, RFC 9925). A
     * fingerprint is the whole trust here, so it is compared over the whole certificate.
     *
     * @param fingerprint SHA-256 of the DER as 64 hex digits, with or without colons
     */
    public static List<Problem> checkPinned(HostCertificate host, String fingerprint, Instant at) {
        List<Problem> problems = new ArrayList<>(new HolderCheck(host, at).run());
        if (!fingerprint.replace(":", "").equalsIgnoreCase(host.fingerprint().replace(":", ""))) {
            problems.add(new Problem(
                    Kind.UNTRUSTED,
                    "the certificate of " + host.name() + " has the fingerprint " + host.fingerprint()
                            + ", not the configured one"));
        }
        return List.copyOf(problems);
    }

    private List<CaCertificate> candidates(HostCertificate host, List<CaCertificate> between) {
        X509Certificate last =
                between.isEmpty() ? host.x509() : between.getLast().x509();
        List<CaCertificate> named = authorities.stream()
                .filter(authority -> authority.x509().getSubjectX500Principal().equals(last.getIssuerX500Principal()))
                .toList();
        List<CaCertificate> signers = named.stream()
                .filter(authority -> PathCheck.signed(last, authority.publicKey()))
                .toList();
        return signers.isEmpty() ? named : signers;
    }

    private Problem untrusted(HostCertificate host, List<CaCertificate> between) {
        X509Certificate last =
                between.isEmpty() ? host.x509() : between.getLast().x509();
        String issuer = CaCertificate.nameOf(last.getIssuerX500Principal().getEncoded());
        String trusted = String.join(
                "', '", authorities.stream().map(CaCertificate::name).limit(8).toList());
        String what = between.isEmpty()
                ? "the certificate of " + host.name()
                : "the CA '" + between.getLast().name() + "'";
        return new Problem(
                Kind.UNTRUSTED,
                Printable.of(
                        what + " was issued by '" + issuer + "', which is not trusted; trusted: '" + trusted + "'"));
    }

    private List<Problem> under(HostCertificate host, List<CaCertificate> between, CaCertificate anchor, Instant at) {
        PathCheck path = new PathCheck(host, between, anchor, at);
        List<Problem> problems = new ArrayList<>(path.run());
        if (lists.isPresent()) {
            checkRevoked(
                    "the certificate of " + host.name(),
                    host.x509(),
                    path.issuers().getFirst(),
                    problems);
            for (int i = 0; i < between.size(); i++) {
                checkRevoked(
                        "the CA '" + between.get(i).name() + "'",
                        between.get(i).x509(),
                        path.issuers().get(i + 1),
                        problems);
            }
        }
        return List.copyOf(problems);
    }

    private void checkRevoked(String whose, X509Certificate certificate, CaCertificate issuer, List<Problem> problems) {
        List<RevocationList> issuers = lists.orElseThrow().stream()
                .filter(list -> list.signedBy(issuer))
                .toList();
        if (issuers.isEmpty()) {
            problems.add(new Problem(Kind.CRL, "no revocation list signed by '" + issuer.name() + "' is there"));
        }
        for (RevocationList list : issuers) {
            Optional<X509CRLEntry> entry = list.entry(certificate);
            if (entry.isPresent()) {
                var reason = entry.get().getRevocationReason();
                problems.add(new Problem(
                        Kind.REVOKED,
                        whose + " was revoked at "
                                + entry.get().getRevocationDate().toInstant()
                                + (reason == null
                                        ? ""
                                        : " ("
                                                + reason.name()
                                                        .toLowerCase(Locale.ROOT)
                                                        .replace('_', ' ') + ")")));
                return;
            }
        }
    }
}
