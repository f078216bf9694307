package org.culvert.core.why;

import java.util.List;
import java.util.Optional;

/**
 * A packet's way through this gateway in one direction.
 *
 * @param outbound from the LAN into the tunnel; else from the tunnel to the LAN
 * @param peer at the other end; empty: nobody's
 * @param steps in the order in which the packet passes them
 */
public record Way(boolean outbound, Passage passage, Optional<String> peer, List<Step> steps) {
    public Way {
        steps = List.copyOf(steps);
    }

    public boolean passes() {
        return steps.stream().allMatch(Step::passes);
    }

    /** Where the packet ends. */
    Optional<Step> obstacle() {
        return steps.stream().filter(step -> !step.passes()).findFirst();
    }
}
