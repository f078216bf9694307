package org.culvert.core.policy;

import java.util.List;

/**
 * A gateway as rules see it.
 *
 * @param name of the gateway
 * @param groups of its certificate
 * @param open what no rule allows passes nevertheless
 */
public record Site(String name, List<String> groups, boolean open) {
    public Site {
        groups = List.copyOf(groups);
    }
}
