package org.culvert.core.control;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * With whom epoch keys were ever agreed, by name: for mode preferred there is no way back to static keys. A peer that is taken out of the
 * configuration stays known, since it may come back; what has not been seen for the longest is forgotten when there are more than anybody
 * configures. Control thread.
 */
final class AgreedPeers {
    static final int MOST = 16_384;

    private final LinkedHashSet<String> names;

    AgreedPeers(Set<String> names) {
        this.names = new LinkedHashSet<>(names);
    }

    boolean holds(String name) {
        return names.contains(name);
    }

    /** Said again of each that is still configured, once a second. */
    void remember(String name) {
        names.addLast(name);
        Iterator<String> oldest = names.iterator();
        while (names.size() > MOST) {
            oldest.next();
            oldest.remove();
        }
    }

    Set<String> names() {
        return Set.copyOf(names);
    }
}
