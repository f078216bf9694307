package org.culvert.core.why;

import java.util.List;
import java.util.Optional;

/**
 * The answer.
 *
 * @param ways the packet's own first, then its answer's; of a packet in transit the two halves of its own
 * @param sentence all of it in one
 */
public record Verdict(Passage passage, boolean passes, String sentence, List<Way> ways) {
    /** Goes up when a field changes its meaning or goes; new fields may come at any time. */
    public static final String SCHEMA = "culvert.why/1";

    public Verdict {
        ways = List.copyOf(ways);
    }

    static Verdict of(Passage passage, List<Way> ways) {
        Optional<Way> blocked = ways.stream().filter(way -> !way.passes()).findFirst();
        if (blocked.isEmpty()) {
            return new Verdict(passage, true, passage + " passes, and so do the answers", ways);
        }
        String obstacle = blocked.get().obstacle().map(Step::text).orElse("");
        boolean itself = blocked.get().passage().equals(passage);
        return new Verdict(
                passage,
                false,
                passage + (itself ? " does not pass: " : " passes, but the answers do not: ") + obstacle,
                ways);
    }
}
