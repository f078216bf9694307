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

    /**
     * A whole number.
     *
     * @throws IllegalArgumentException when it is none or out of bounds; the message says what it may be
     */
    public int number(String name, int otherwise, int least, int most) {
        String text = parameter(name).orElse(Integer.toString(otherwise));
        if (!text.matches("[0-9]{1,10}") || Long.parseLong(text) < least || Long.parseLong(text) > most) {
            throw new IllegalArgumentException(name + " is a number from " + least + " to " + most);
        }
        return Integer.parseInt(text);
    }
}
