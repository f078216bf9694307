package org.culvert.keymgmt.issue;

import java.util.List;
import java.util.Optional;
import org.culvert.keymgmt.Prefix;

/**
 * What a CA may certify.
 *
 * @param networks at least one
 * @param groups empty: any
 * @param names each allows itself and everything ending in "." and itself; empty: any
 * @param pathLength how many CAs may follow; empty: any number
 */
public record Limits(List<Prefix> networks, List<String> groups, List<String> names, Optional<Integer> pathLength) {
    /** Every address of both families, any name, any group. */
    public static final Limits NONE = new Limits(
            List.of(Prefix.parse("0.0.0.0/0"), Prefix.parse("::/0")), List.of(), List.of(), Optional.empty());
}
