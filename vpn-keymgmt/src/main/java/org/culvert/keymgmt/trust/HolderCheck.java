package org.culvert.keymgmt.trust;

import java.security.cert.CertificateException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.culvert.keymgmt.trust.Problem.Kind;

/** What a host certificate must be whoever vouches for it, a CA or a fingerprint: valid now, and for a host. Used once. */
final class HolderCheck {
    private static final int KEY_AGREEMENT = 4;
    private static final int KEY_CERT_SIGN = 5;
    private static final int CRL_SIGN = 6;
    /** anyExtendedKeyUsage, id-kp-ipsecIKE: a certificate for web servers is not one for gateways. */
    private static final Set<String> USAGES = Set.of("2.5.29.37.0", "1.3.6.1.5.5.7.3.17");

    /** keyUsage, subjectAltName, basicConstraints, policies (PKIX looks at them), extendedKeyUsage, IPAddrBlocks. */
    private static final Set<String> UNDERSTOOD =
            Set.of("2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.32", "2.5.29.37", AddressBlocks.OID.getId());

    private final HostCertificate host;
    private final Instant at;
    private final List<Problem> problems = new ArrayList<>();

    HolderCheck(HostCertificate host, Instant at) {
        this.host = host;
        this.at = at;
    }

    List<Problem> run() {
        validity("the certificate of " + host.name(), host.notBefore(), host.notAfter(), at)
                .ifPresent(problems::add);
        checkUsage();
        checkCritical();
        return problems;
    }

    private void add(Kind kind, String message) {
        problems.add(new Problem(kind, Printable.of(message)));
    }

    /** Whether a moment lies in a validity; the second of notAfter is inside. */
    static Optional<Problem> validity(String whose, Instant notBefore, Instant notAfter, Instant at) {
        if (at.isBefore(notBefore)) {
            return Optional.of(new Problem(
                    Kind.NOT_YET_VALID,
                    whose + " is not valid before " + notBefore + " and it is " + at + ": is the clock right?"));
        }
        return at.isAfter(notAfter.plusMillis(999))
                ? Optional.of(new Problem(Kind.EXPIRED, whose + " expired at " + notAfter))
                : Optional.empty();
    }

    private void checkUsage() {
        boolean[] usage = host.x509().getKeyUsage();
        if (usage == null || !usage[KEY_AGREEMENT]) {
            add(Kind.KEY_USAGE, "the key usage of " + host.name() + " does not include Key Agreement");
        } else if (usage[KEY_CERT_SIGN] || usage[CRL_SIGN]) {
            add(Kind.KEY_USAGE, "the key of " + host.name() + " may sign certificates or lists; a host key may not");
        }
        if (host.x509().getBasicConstraints() >= 0) {
            add(Kind.KEY_USAGE, "the certificate of " + host.name() + " is a CA certificate (CA:TRUE)");
        }
        try {
            List<String> extended = host.x509().getExtendedKeyUsage();
            if (extended != null && extended.stream().noneMatch(USAGES::contains)) {
                add(Kind.KEY_USAGE, "the extended key usage of " + host.name() + " is for other things: " + extended);
            }
        } catch (CertificateException e) {
            add(Kind.KEY_USAGE, "the extended key usage of " + host.name() + " cannot be read: " + e.getMessage());
        }
    }

    private void checkCritical() {
        Set<String> critical = new TreeSet<>(host.x509().getCriticalExtensionOIDs());
        critical.removeAll(UNDERSTOOD);
        if (!critical.isEmpty()) {
            add(
                    Kind.CRITICAL_EXTENSION,
                    "the certificate of " + host.name() + " has critical extensions that nothing here understands: "
                            + String.join(", ", critical));
        }
    }
}
