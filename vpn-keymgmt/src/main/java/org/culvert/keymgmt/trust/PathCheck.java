package org.culvert.keymgmt.trust;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1OctetString;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.Problem.Kind;
import org.jspecify.annotations.Nullable;

/**
 * One host certificate under one trusted CA at one moment. The JDK's PKIX validation has the last word but stops at the first
 * objection; what a person has to repair is therefore also looked for step by step here, all of it. Used once.
 */
final class PathCheck {
    private static final String NAME_CONSTRAINTS = "2.5.29.30";

    private final HostCertificate host;
    private final List<CaCertificate> between;
    private final CaCertificate anchor;
    private final List<CaCertificate> issuers;
    private final Instant at;
    private final List<Problem> problems = new ArrayList<>();

    /** Takes the CAs strictly between host and trusted CA, nearest to the host first. */
    PathCheck(HostCertificate host, List<CaCertificate> between, CaCertificate anchor, Instant at) {
        this.host = host;
        this.between = between;
        this.anchor = anchor;
        this.issuers = Stream.concat(between.stream(), Stream.of(anchor)).toList();
        this.at = at;
    }

    /** Nearest to the host first, the trusted one last. */
    List<CaCertificate> issuers() {
        return issuers;
    }

    List<Problem> run() {
        problems.addAll(new HolderCheck(host, at).run());
        issuers.forEach(ca -> HolderCheck.validity("the CA '" + ca.name() + "'", ca.notBefore(), ca.notAfter(), at)
                .ifPresent(problems::add));
        checkSignatures();
        checkNetworks();
        checkGroups();
        checkNames();
        checkAnchorPathLength();
        askPkix();
        return problems;
    }

    private void add(Kind kind, String message) {
        problems.add(new Problem(kind, Printable.of(message)));
    }

    private boolean found(Kind kind) {
        return problems.stream().anyMatch(problem -> problem.kind() == kind);
    }

    private void checkSignatures() {
        checkSignature("the certificate of " + host.name(), host.x509(), issuers.getFirst());
        for (int i = 0; i < between.size(); i++) {
            checkSignature(
                    "the CA '" + between.get(i).name() + "'", between.get(i).x509(), issuers.get(i + 1));
        }
    }

    private void checkSignature(String whose, X509Certificate certificate, CaCertificate issuer) {
        if (!certificate.getIssuerX500Principal().equals(issuer.x509().getSubjectX500Principal())) {
            add(
                    Kind.UNTRUSTED,
                    whose + " was issued by '"
                            + CaCertificate.nameOf(
                                    certificate.getIssuerX500Principal().getEncoded())
                            + "', but the next certificate is '" + issuer.name() + "'");
        } else if (!signed(certificate, issuer.publicKey())) {
            add(Kind.BAD_SIGNATURE, whose + " does not carry the signature of '" + issuer.name() + "'");
        }
    }

    static boolean signed(X509Certificate certificate, PublicKey key) {
        try {
            certificate.verify(key);
            return true;
        } catch (GeneralSecurityException | RuntimeException e) {
            // RuntimeException: a signature or key shaped to confuse the provider is simply not a good one
            return false;
        }
    }

    private void checkNetworks() {
        AddressBlocks issuer = anchor.blocks();
        if (issuer.inherits()) {
            add(
                    Kind.NETWORKS,
                    "the trusted CA '" + anchor.name() + "' inherits its networks, and there is nothing above it");
        }
        for (int i = between.size() - 1; i >= 0; i--) {
            AddressBlocks own = between.get(i).blocks().resolvedBy(issuer);
            checkInside("the CA '" + between.get(i).name() + "'", own, issuers.get(i + 1), issuer);
            issuer = own;
        }
        checkInside("the certificate of " + host.name(), host.blocks(), issuers.getFirst(), issuer);
    }

    private void checkInside(String whose, AddressBlocks own, CaCertificate issuer, AddressBlocks issuerBlocks) {
        List<Prefix> outside = issuerBlocks.outside(own.networks());
        if (!outside.isEmpty()) {
            add(
                    Kind.NETWORKS,
                    whose + " claims " + list(outside) + ", outside what '" + issuer.name() + "' may certify");
        }
    }

    private static String list(List<Prefix> prefixes) {
        return String.join(
                        ", ", prefixes.stream().limit(8).map(Prefix::toString).toList())
                + (prefixes.size() > 8 ? " and " + (prefixes.size() - 8) + " more" : "");
    }

    /** A CA limited to some groups limits every certificate below it. */
    private void checkGroups() {
        for (CaCertificate issuer : issuers) {
            Optional<List<String>> allowed = issuer.groups();
            List<String> outside = allowed.isEmpty()
                    ? List.of()
                    : host.groups().stream()
                            .filter(group -> !allowed.get().contains(group))
                            .toList();
            if (!outside.isEmpty()) {
                add(
                        Kind.GROUPS,
                        "the certificate of " + host.name() + " has the groups " + String.join(", ", outside)
                                + ", which '" + issuer.name() + "' may not give");
            }
        }
    }

    /** Also under the trusted CA, whose name constraints the JDK's validator refuses to look at. */
    private void checkNames() {
        for (CaCertificate issuer : issuers) {
            byte[] constraints = nameConstraints(issuer);
            if (constraints == null) {
                continue;
            }
            X509CertSelector permitted = new X509CertSelector();
            try {
                permitted.setNameConstraints(constraints);
            } catch (IOException e) {
                add(Kind.NAME, "the name constraints of '" + issuer.name() + "' cannot be read: " + e.getMessage());
                continue;
            }
            if (!permitted.match(host.x509())) {
                add(Kind.NAME, "the name " + host.name() + " is outside what '" + issuer.name() + "' may certify");
            }
        }
    }

    /** PKIX takes a trusted CA as a name and a key only; what its certificate says of itself holds here nevertheless. */
    private void checkAnchorPathLength() {
        long below = between.stream().filter(ca -> !ca.selfIssued()).count();
        anchor.pathLength()
                .filter(most -> below > most)
                .ifPresent(most -> add(
                        Kind.PATH_LENGTH,
                        below + " CAs stand between " + host.name() + " and '" + anchor.name() + "', which allows "
                                + most));
    }

    /** The JDK's verdict at the given moment and, if that is about dates we know of, at one that hides nothing behind them. */
    private void askPkix() {
        Optional<CertPathValidatorException> refusal = pkix(at);
        if (refusal.isPresent() && (found(Kind.EXPIRED) || found(Kind.NOT_YET_VALID))) {
            Instant youngest = Stream.concat(
                            Stream.of(host.notBefore()), between.stream().map(CaCertificate::notBefore))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
            refusal = pkix(youngest);
        }
        refusal.ifPresent(e -> {
            Kind kind = kind(e);
            // A key that did not sign is for PKIX no trusted one: the same finding in other words.
            boolean told = found(kind) || (kind == Kind.UNTRUSTED && found(Kind.BAD_SIGNATURE));
            if (!told && !(kind == Kind.OTHER && !problems.isEmpty())) {
                add(kind, subject(e) + ": " + e.getMessage());
            }
        });
    }

    private String subject(CertPathValidatorException e) {
        int index = e.getIndex();
        return index > 0 && index <= between.size()
                ? "the CA '" + between.get(index - 1).name() + "'"
                : "the certificate of " + host.name();
    }

    private static Kind kind(CertPathValidatorException e) {
        return switch (e.getReason()) {
            case BasicReason.EXPIRED -> Kind.EXPIRED;
            case BasicReason.NOT_YET_VALID -> Kind.NOT_YET_VALID;
            case BasicReason.INVALID_SIGNATURE -> Kind.BAD_SIGNATURE;
            case PKIXReason.NAME_CHAINING, PKIXReason.NO_TRUST_ANCHOR, PKIXReason.NOT_CA_CERT -> Kind.UNTRUSTED;
            case PKIXReason.PATH_TOO_LONG -> Kind.PATH_LENGTH;
            case PKIXReason.INVALID_KEY_USAGE -> Kind.KEY_USAGE;
            case PKIXReason.INVALID_NAME -> Kind.NAME;
            case PKIXReason.UNRECOGNIZED_CRIT_EXT -> Kind.CRITICAL_EXTENSION;
            case PKIXReason.INVALID_POLICY -> Kind.NETWORKS;
            default -> Kind.OTHER;
        };
    }

    private Optional<CertPathValidatorException> pkix(Instant when) {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            var path = factory.generateCertPath(
                    Stream.concat(Stream.of(host.x509()), between.stream().map(CaCertificate::x509))
                            .toList());
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor.x509(), null)));
            parameters.setDate(Date.from(when));
            // Lists are looked up in RevocationList: the JDK's own check would refuse everything once a list is stale.
            parameters.setRevocationEnabled(false);
            parameters.addCertPathChecker(new NetworksChecker(
                    anchor.blocks(),
                    Stream.concat(Stream.of(host.blocks()), between.stream().map(CaCertificate::blocks))
                            .toList()));
            CertPathValidator.getInstance("PKIX").validate(path, parameters);
            return Optional.empty();
        } catch (CertPathValidatorException e) {
            return Optional.of(e);
        } catch (GeneralSecurityException | RuntimeException e) {
            return Optional.of(new CertPathValidatorException("path validation failed: " + e, e));
        }
    }

    private static byte @Nullable [] nameConstraints(CaCertificate authority) {
        byte[] value = authority.x509().getExtensionValue(NAME_CONSTRAINTS);
        return value == null ? null : ASN1OctetString.getInstance(value).getOctets();
    }
}
