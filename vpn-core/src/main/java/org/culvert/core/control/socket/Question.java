package org.culvert.core.control.socket;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What somebody asks.
 *
 * @param query parameters of the path
 * @param body of a POST, as UTF-8; else empty
 */
public record Question(Map<String, List<String>> query, String body) {
    /** The last value of a parameter. */
    public Optional<String> parameter(String name) {
        List<String> values = query.getOrDefault(name, List.of());
        return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
    }
}
