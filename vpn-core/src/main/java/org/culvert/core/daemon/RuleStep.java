package org.culvert.core.daemon;

import java.net.InetAddress;
import org.culvert.core.packet.FiveTuple;
import org.culvert.core.policy.Policy;
import org.culvert.core.policy.Verdict;
import org.culvert.core.route.RouteTable;
import org.culvert.core.why.Passage;
import org.culvert.core.why.Step;
import org.culvert.keymgmt.Prefix;

/**
 * What the rules say of the first packet of a flow, for {@code culvert why}. Counts and remembers nothing.
 *
 * @param routes the table that the policy's gateway numbers are of
 */
record RuleStep(Policy policy, RouteTable routes) {
    private static final String NAME = "policy";

    Step of(Passage passage, String peer, boolean outbound) {
        Prefix source = host(passage.source());
        Prefix destination = host(passage.destination());
        FiveTuple tuple = FiveTuple.question(
                source.high(),
                source.low(),
                destination.high(),
                destination.low(),
                protocol(passage, source.ipv4()),
                passage.port().orElse(0));
        int from = routes.lookup(source.high(), source.low());
        int to = routes.lookup(destination.high(), destination.low());
        Verdict verdict = policy.verdict(tuple, from, to, outbound ? to : from);
        if (!verdict.passes()) {
            return new Step(
                    NAME,
                    false,
                    "no [[allow]] rule accepts " + what(passage) + (outbound ? " to " : " from ") + peer
                            + "; add one, or default-policy = \"allow\" to the peer");
        }
        return new Step(
                NAME,
                true,
                verdict.rule()
                        .map(rule -> "rule `" + rule + "` accepts " + what(passage))
                        .orElse("no rule is asked for " + peer + ": default-policy is \"allow\""));
    }

    /** Where no protocol is named, a ping: what an administrator would try first. */
    private static int protocol(Passage passage, boolean ipv4) {
        int number = passage.protocol().map(Passage.Protocol::number).orElse(FiveTuple.ICMP);
        return number == FiveTuple.ICMP && !ipv4 ? FiveTuple.ICMPV6 : number;
    }

    private static String what(Passage passage) {
        if (passage.protocol().isEmpty()) {
            return "a ping (name a protocol and port to ask about a service)";
        }
        Passage.Protocol protocol = passage.protocol().get();
        if (passage.port().isPresent()) {
            return protocol.name() + " port " + passage.port().getAsInt();
        }
        return protocol.name() + (protocol.hasPorts() ? " port 0 (name a port to ask about a service)" : "");
    }

    private static Prefix host(InetAddress address) {
        return Prefix.of(address, address.getAddress().length * 8);
    }
}
