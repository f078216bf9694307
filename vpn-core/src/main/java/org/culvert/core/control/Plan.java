package org.culvert.core.control;

import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.culvert.core.policy.Rule;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.HostCertificate;

/**
 * What a gateway is to be: all that the control thread follows, and that may change while it runs. Made of files that were read and
 * validated whole; {@link Conductor#follow} goes from one to the next. Immutable.
 *
 * @param trust the CAs and, where there are any, their revocation lists
 * @param transit whether packets from one peer to another pass
 * @param tunMtuBytes largest inner packet; empty: what the way to each peer leaves
 * @param epochNs how long an epoch key serves
 * @param peers in the order of the configuration, names are unique
 * @param allowed what may pass between the networks
 */
public record Plan(
        OwnIdentities own,
        Trust trust,
        boolean transit,
        OptionalInt tunMtuBytes,
        long epochNs,
        List<PeerPlan> peers,
        Allowed allowed) {
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

    /** A peer and the certificates that were read for it: one, two during a change of its keys, none while none was fetched. */
    public record PeerPlan(PeerSetup setup, List<HostCertificate> certificates) {
        public PeerPlan {
            certificates = List.copyOf(certificates);
        }

        /** The networks that lead into the TUN at a moment. */
        List<Prefix> routed(Plan plan, Instant at) {
            return setup.counting(setup.examine(certificates, plan.trust(), plan.own(), at))
                    .filter(Examined::isRouted)
                    .map(counting -> setup.networksOf(counting.certificate()))
                    .orElse(List.of());
        }
    }
}
