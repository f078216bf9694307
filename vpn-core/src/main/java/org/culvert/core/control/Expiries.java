package org.culvert.core.control;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.culvert.core.control.Plan.PeerPlan;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.RevocationList;

/** What of a plan ends soon: from a third of its life on, while there is time to do something about it. Stateless. */
public final class Expiries {
    private Expiries() {}

    /** Certificates and revocation lists in the last third of their lives or past it, a line each. */
    public static List<String> of(Plan plan, Instant at) {
        List<String> lines = new ArrayList<>();
        host(lines, "this gateway's certificate", plan.own().certificate(), at);
        for (PeerPlan peer : plan.peers()) {
            HostCertificate theirs = peer.certificate();
            if (theirs != null) {
                host(lines, "the certificate of peer " + peer.setup().name(), theirs, at);
            }
        }
        lines.addAll(ofOthers(plan, at));
        return lines;
    }

    /** Of those that no peer stands for: CAs, intermediates and revocation lists. */
    public static List<String> ofOthers(Plan plan, Instant at) {
        List<String> lines = new ArrayList<>();
        Set<CaCertificate> authorities =
                new LinkedHashSet<>(plan.trust().store().authorities());
        authorities.addAll(plan.own().certificate().intermediates());
        for (PeerPlan peer : plan.peers()) {
            HostCertificate theirs = peer.certificate();
            if (theirs != null) {
                authorities.addAll(theirs.intermediates());
            }
        }
        Set<Object> told = new LinkedHashSet<>();
        for (CaCertificate authority : authorities) {
            if (told.add(authority.x509())) {
                Instant begin = authority.x509().getNotBefore().toInstant();
                Instant end = authority.x509().getNotAfter().toInstant();
                line(lines, "the CA '" + authority.name() + "'", begin, end, at);
            }
        }
        for (RevocationList list : plan.trust().store().revocationLists().orElse(List.of())) {
            list.nextUpdate()
                    .ifPresent(end -> line(
                            lines, "the revocation list of '" + list.issuerName() + "'", list.thisUpdate(), end, at));
        }
        return lines;
    }

    private static void host(List<String> lines, String what, HostCertificate certificate, Instant at) {
        line(lines, what, certificate.notBefore(), certificate.notAfter(), at);
    }

    private static void line(List<String> lines, String what, Instant begin, Instant end, Instant at) {
        Duration left = Duration.between(at, end);
        if (left.isNegative()) {
            lines.add(what + " ended at " + end);
        } else if (left.compareTo(Duration.between(begin, end).dividedBy(3)) < 0) {
            lines.add(what + " ends at " + end + ", in "
                    + (left.toDays() > 0 ? left.toDays() + " days" : left.toHours() + " hours"));
        }
    }
}
