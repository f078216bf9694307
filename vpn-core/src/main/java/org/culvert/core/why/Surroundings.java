package org.culvert.core.why;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.culvert.keymgmt.Prefix;

/**
 * What the gateway knows at this moment.
 *
 * @param ownNetworks of its certificate
 * @param ownProblems why its certificate is not accepted; empty: it is
 * @param drops packets dropped that belong to no peer, by reason
 */
public record Surroundings(
        String tunName,
        List<Prefix> ownNetworks,
        List<String> ownProblems,
        boolean transit,
        List<Neighbour> peers,
        Map<String, Long> drops,
        Kernel kernel,
        Policy policy) {

    /**
     * A configured peer.
     *
     * @param networks routed to it: its certificate's, narrowed by the configuration; none when it never was trusted
     * @param certified all networks of its certificate
     * @param problems why it is down; empty: it is up
     * @param keyRemark why its keys are not as they should be; empty: they are
     * @param received packets delivered from it so far
     */
    public record Neighbour(
            String name,
            List<Prefix> networks,
            List<Prefix> certified,
            List<String> problems,
            String keyRemark,
            Optional<InetAddress> endpoint,
            int mtuBytes,
            long sent,
            long received,
            Map<String, Long> drops) {}

    /** What the kernel would do with a packet. */
    public interface Kernel {
        /** The name of the interface a packet to {@code destination} leaves by; empty: it is refused. */
        Optional<String> interfaceTo(InetAddress destination);

        /** Whether an address is this machine's. */
        boolean isLocal(InetAddress address);

        boolean forwards(boolean ipv4);

        /** Whether packets from the tunnel are refused whose way back would not lead into it (rp_filter = 1, IPv4). */
        boolean strictReversePath();
    }

    /** The rules of the configuration. */
    public interface Policy {
        /** Whether the rules let it pass, and which one decides. */
        Step decide(Passage passage, String peer, boolean outbound);

        /** There are no rules. */
        Policy NONE = (passage, peer, outbound) ->
                Step.ok("policy", "no rules: everything between certified networks passes");
    }
}
