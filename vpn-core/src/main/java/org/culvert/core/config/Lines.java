package org.culvert.core.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * On which lines a table's keys stand, for messages about what they name ("culvert.toml:14: peers/osaka.crt expired ...").
 * Two of these are always equal: records of a configuration compare by what was configured, not by where it stood, so a
 * comment added above a peer does not make it another peer.
 */
public final class Lines {
    private final int table;
    private final Map<String, Integer> keys;

    Lines(int table, Map<String, Integer> keys) {
        this.table = table;
        this.keys = Map.copyOf(keys);
    }

    /** The key's line; the line of its table's head when the key is not there. */
    public int of(String key) {
        return keys.getOrDefault(key, table);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Lines;
    }

    @Override
    public int hashCode() {
        return 1;
    }

    @Override
    public String toString() {
        return "line " + table;
    }
}
