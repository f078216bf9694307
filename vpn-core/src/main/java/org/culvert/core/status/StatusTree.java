package org.culvert.core.status;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A status as a command gets it: read leniently, by name, since the daemon may be older or newer than the command. What is not there
 * reads as empty or zero. Immutable.
 */
public final class StatusTree {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final StatusTree EMPTY = new StatusTree(Map.of());

    private final Map<String, @Nullable Object> fields;

    private StatusTree(Map<String, @Nullable Object> fields) {
        this.fields = fields;
    }

    /**
     * Reads what the daemon answered.
     *
     * @throws IOException when it is no JSON object
     */
    public static StatusTree parse(String json) throws IOException {
        try (JsonParser parser = FACTORY.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not a status: it begins with " + parser.currentToken());
            }
            return object(parser);
        }
    }

    private static StatusTree object(JsonParser parser) throws IOException {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            fields.put(name, value(parser));
        }
        return new StatusTree(fields);
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_NUMBER_INT -> parser.getLongValue();
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_STRING -> parser.getText();
            default -> null;
        };
    }

    private static List<@Nullable Object> array(JsonParser parser) throws IOException {
        List<@Nullable Object> values = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            values.add(value(parser));
        }
        return values;
    }

    public StatusTree child(String name) {
        return fields.get(name) instanceof StatusTree tree ? tree : EMPTY;
    }

    public List<StatusTree> children(String name) {
        return elements(name, StatusTree.class);
    }

    public List<String> texts(String name) {
        return elements(name, String.class);
    }

    private <T> List<T> elements(String name, Class<T> type) {
        return fields.get(name) instanceof List<?> list
                ? list.stream().filter(type::isInstance).map(type::cast).toList()
                : List.of();
    }

    public String text(String name) {
        return fields.get(name) instanceof String text ? text : "";
    }

    public boolean flag(String name) {
        return Boolean.TRUE.equals(fields.get(name));
    }

    public long number(String name) {
        return fields.get(name) instanceof Number number ? number.longValue() : 0;
    }

    public Optional<Double> decimal(String name) {
        return fields.get(name) instanceof Number number ? Optional.of(number.doubleValue()) : Optional.empty();
    }

    /** Names of its fields, in the order they came. */
    public List<String> names() {
        return List.copyOf(fields.keySet());
    }
}
