package org.culvert.core.config;

import java.util.List;
import java.util.Set;
import org.culvert.core.policy.Rule;

/**
 * The [[allow]] rules, and the peers that need them.
 *
 * @param rules in the order of the file
 * @param closed names of peers to and from which only what a rule allows passes: those with {@code default-policy = "deny"}, and as soon as
 *     there is any rule every one without {@code "allow"}
 */
public record PolicyConfig(List<Allowed> rules, Set<String> closed) {
    public PolicyConfig {
        rules = List.copyOf(rules);
        closed = Set.copyOf(closed);
    }

    /** One [[allow]], and where it stands. */
    public record Allowed(Rule rule, Lines lines) {}

    public List<Rule> ruleList() {
        return rules.stream().map(Allowed::rule).toList();
    }
}
