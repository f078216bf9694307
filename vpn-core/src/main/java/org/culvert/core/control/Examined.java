package org.culvert.core.control;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.Problem;

/** A certificate and what stood against it when it was looked at. Immutable. */
public record Examined(HostCertificate certificate, List<Problem> problems) {
    /** Problems that time or an administrator elsewhere may solve: the holder's networks stay routed (and closed) meanwhile. */
    private static final Set<Problem.Kind> PASSING =
            Set.of(Problem.Kind.EXPIRED, Problem.Kind.NOT_YET_VALID, Problem.Kind.REVOKED, Problem.Kind.CRL);

    public Examined {
        problems = List.copyOf(problems);
    }

    public boolean good() {
        return problems.isEmpty();
    }

    /** Whether the holder was to be trusted once, or will be: its networks lead into the TUN. */
    public boolean isRouted() {
        return problems.stream().allMatch(problem -> PASSING.contains(problem.kind()));
    }

    /**
     * Of several certificates of one gateway the one whose networks and groups count: the newest that is good; where none is, the newest
     * that was or will be; none of none. Newest is the one that begins last, and of two the later in the list.
     */
    public static Optional<Examined> counting(List<Examined> all) {
        Examined best = null;
        for (Examined each : all) {
            best = best == null || each.countsBefore(best) ? each : best;
        }
        return Optional.ofNullable(best);
    }

    /** The first of those that are worth most: that is good, or else was or will be. For lists in which the order says what counts. */
    public static Optional<Examined> first(List<Examined> all) {
        Examined best = null;
        for (Examined each : all) {
            best = best == null || each.rank() > best.rank() ? each : best;
        }
        return Optional.ofNullable(best);
    }

    private boolean countsBefore(Examined earlier) {
        int more = Integer.compare(rank(), earlier.rank());
        return more > 0 || (more == 0 && !certificate.notBefore().isBefore(earlier.certificate.notBefore()));
    }

    private int rank() {
        return good() ? 2 : isRouted() ? 1 : 0;
    }
}
