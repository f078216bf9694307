package org.culvert.core.doctor;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.config.Finding;
import org.culvert.core.daemon.Credentials.Validity;

/** Dates of certificates and revocation lists, ours and the peers'. */
final class CertificateCheck implements Doctor.Check {
    private static final String NAME = "certificates";
    private static final Duration NOTICE = Duration.ofDays(30);

    private final InstantSource clock;

    CertificateCheck(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public List<Diagnosis> look(Patient patient) {
        Instant now = clock.instant();
        List<Diagnosis> found = new ArrayList<>();
        for (Finding finding : patient.credentials().findingsAt(now)) {
            found.add(Diagnosis.error(NAME, finding.cause(), finding.hint()));
        }
        for (Validity validity : patient.credentials().validities()) {
            Duration left = Duration.between(now, validity.notAfter());
            Duration third =
                    Duration.between(validity.notBefore(), validity.notAfter()).dividedBy(3);
            if (!left.isNegative() && left.compareTo(third.compareTo(NOTICE) < 0 ? third : NOTICE) < 0) {
                found.add(Diagnosis.warning(
                        NAME,
                        validity.file() + " ends at " + validity.notAfter(),
                        "culvert host renew on its host, then culvert ca sign --force; see certificates.md"));
            }
        }
        for (String stale : patient.credentials().staleLists(now)) {
            found.add(Diagnosis.warning(NAME, stale, "culvert ca crl, where the CA is, and copy its output here"));
        }
        return found.isEmpty() ? List.of(Diagnosis.ok(NAME, "all good, none ends soon")) : found;
    }
}
