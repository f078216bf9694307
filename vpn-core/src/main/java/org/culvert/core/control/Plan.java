package org.culvert.core.control;

import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.culvert.core.policy.Rule;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.HostCertificate;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway is to be: all that the control thread follows, and that may change while it runs. Made of files that were read and
 * validated whole; {@link Conductor#follow} goes from one to the next. Immutable.
 *
 * @param trust the CAs and, where there are any, their revocation lists
 * @param transit whether packets from one peer to another pass
 * @param tunMtuBytes largest inner packet; empty: what the way to each peer leaves
 * @param peers in the order of the configuration, names are unique
 * @param allowed what may pass between the networks
 */
public record Plan(
        OwnIdentity own, Trust trust, boolean transit, OptionalInt tunMtuBytes, List<PeerPlan> peers, Allowed allowed) {
    public Plan {
        peers = List.copyOf(peers);
    }

    /**
     * Rules, and where they are asked.
     *
     * @param closed names of peers to and from which only what a rule allows passes
     */
    public record Allowed(List<Rule> rules, Set<String> closed) {
        public static final Allowed EVERYTHING = new Allowed(List.of(), Set.of());

        public Allowed {
            rules = List.copyOf(rules);
            closed = Set.copyOf(closed);
        }
    }

    /**
     * A peer and the certificate that was read for it.
     *
     * @param certificate null while none was fetched
     */
    public record PeerPlan(PeerSetup setup, @Nullable HostCertificate certificate) {
        /** What it may speak for. */
        public List<Prefix> networks() {
            return certificate == null ? List.of() : setup.networksOf(certificate);
        }

        /** Whether its networks lead into the TUN at a moment. */
        boolean isRouted(Plan plan, Instant at) {
            return certificate != null && Member.allPass(setup.problems(certificate, plan.trust(), plan.own(), at));
        }
    }
}
