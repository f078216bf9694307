package org.culvert.core.group;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** All groups there are, few: a lookup looks at each. Immutable. */
public record GroupTable(List<Group> groups) {
    public static final GroupTable NONE = new GroupTable(List.of());

    public GroupTable {
        groups = List.copyOf(groups);
    }

    /** The group with this address, IPv4 v4-mapped, or null. */
    @SuppressWarnings("ForLoopReplaceableByForEach") // an iterator is an object
    public @Nullable Group find(long high, long low) {
        for (int i = 0; i < groups.size(); i++) {
            Group group = groups.get(i);
            if (group.is(high, low)) {
                return group;
            }
        }
        return null;
    }
}
