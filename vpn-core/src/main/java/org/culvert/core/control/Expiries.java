package org.culvert.core.control;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.culvert.core.control.Plan.PeerPlan;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.RevocationList;

/** What of a plan ends soon: from a third of its life on, while there is time to do something about it. Stateless. */
public final class Expiries {
    private static final String OWN = "this gateway's certificate";

    private Expiries() {}

    /** Certificates and revocation lists in the last third of their lives or past it, a line each. */
    public static List<String> of(Plan plan, Instant at) {
        List<String> lines = new ArrayList<>();
        hosts(lines, OWN, newest(own(plan)), at);
        plan.peers().forEach(peer -> hosts(lines, of(peer), newest(peer.certificates()), at));
        lines.addAll(ofOthers(plan, at));
        return lines;
    }

    /** Of those that neither this gateway nor a peer stands for: the older of two certificates, CAs, intermediates and revocation lists. */
    public static List<String> ofOthers(Plan plan, Instant at) {
        List<String> lines = new ArrayList<>();
        hosts(lines, OWN, older(own(plan)), at);
        plan.peers().forEach(peer -> hosts(lines, of(peer), older(peer.certificates()), at));
        Set<CaCertificate> authorities =
                new LinkedHashSet<>(plan.trust().store().authorities());
        own(plan).forEach(each -> authorities.addAll(each.intermediates()));
        for (PeerPlan peer : plan.peers()) {
            peer.certificates().forEach(each -> authorities.addAll(each.intermediates()));
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

    private static List<HostCertificate> own(Plan plan) {
        return plan.own().all().stream().map(OwnIdentity::certificate).toList();
    }

    private static String of(PeerPlan peer) {
        return "the certificate of peer " + peer.setup().name();
    }

    private static List<HostCertificate> newest(List<HostCertificate> certificates) {
        return certificates.stream().max(Comparator.comparing(HostCertificate::notBefore)).stream()
                .toList();
    }

    private static List<HostCertificate> older(List<HostCertificate> certificates) {
        List<HostCertificate> older = new ArrayList<>(certificates);
        older.removeAll(newest(certificates));
        return older;
    }

    private static void hosts(List<String> lines, String what, List<HostCertificate> certificates, Instant at) {
        for (HostCertificate each : certificates) {
            line(lines, what, each.notBefore(), each.notAfter(), at);
        }
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
