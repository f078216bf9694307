package org.culvert.core.policy;

import java.util.List;

/**
 * What a policy has done so far.
 *
 * @param rules in the order of the configuration
 * @param open names of peers to and from which everything passes
 * @param flows remembered now, both directions, packets in fragments included
 * @param flowSlots how many there is room for
 * @param evicted flows that had to go before their time since the start
 */
public record PolicyCounts(List<OfRule> rules, List<String> open, int flows, int flowSlots, long evicted) {
    public PolicyCounts {
        rules = List.copyOf(rules);
        open = List.copyOf(open);
    }

    /**
     * One rule's counts.
     *
     * @param packets that it accepted; what the kernel hands over in one piece from the LAN is one
     * @param answers to these, and errors about either
     * @param flows opened
     */
    public record OfRule(String name, long packets, long answers, long flows) {}
}
