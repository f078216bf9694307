package org.culvert.core.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * One table of the file. Reads typed values out of it; what is unknown, missing or of the wrong type goes to the findings and
 * reads as absent, so that reading goes on and all is found in one run.
 */
final class Section {
    /** Turns the text of a value into what it means. */
    interface Reader<T> {
        T read(String text) throws BadValue;
    }

    private final Table kind;
    private final TomlTable table;
    private final int line;
    private final Findings findings;

    /** @param line of its head; 0 when the file has no such table, and {@code table} is an empty one in its place */
    Section(Table kind, TomlTable table, int line, Findings findings) {
        this.kind = kind;
        this.table = table;
        this.line = line;
        this.findings = findings;
    }

    void refuseUnknownKeys() {
        for (String key : table.keySet()) {
            if (!kind.keys().contains(key)) {
                findings.add(lineOf(key), "unknown key `" + key + "` in " + kind.head(), kind.hintFor(key));
            }
        }
    }

    boolean isThere() {
        return line > 0;
    }

    /** Whether the key stands there, whatever its value is worth. */
    boolean has(String key) {
        return table.contains(List.of(key));
    }

    Lines lines() {
        Map<String, Integer> lines = new HashMap<>();
        table.keySet().forEach(key -> lines.put(key, lineOf(key)));
        return new Lines(Math.max(1, line), lines);
    }

    int lineOf(String key) {
        TomlPosition position = table.inputPositionOf(List.of(key));
        return position == null ? line : position.line();
    }

    /** Says that a key this table cannot do without is not there. */
    void demand(String key, String example) {
        if (!table.contains(List.of(key))) {
            findings.add(line, kind.head() + " has no `" + key + "`", "add " + key + " = " + example);
        }
    }

    <T> Optional<T> text(String key, String example, Reader<T> reader) {
        return get(key, String.class, "text", example).flatMap(text -> read(lineOf(key), key, text, reader));
    }

    /** A text, or a whole number as it would be written in one. */
    <T> Optional<T> textOrNumber(String key, String example, Reader<T> reader) {
        return table.get(List.of(key)) instanceof Long number
                ? read(lineOf(key), key, number.toString(), reader)
                : text(key, example, reader);
    }

    Optional<Boolean> flag(String key) {
        return get(key, Boolean.class, "true or false", "true");
    }

    Optional<Long> number(String key, String example, long least, long most) {
        Optional<Long> number = get(key, Long.class, "a whole number", example);
        if (number.isPresent() && (number.get() < least || number.get() > most)) {
            findings.add(
                    lineOf(key), "`" + key + "` is " + number.get(), "it is a number from " + least + " to " + most);
            return Optional.empty();
        }
        return number;
    }

    /** A list of texts, without its bad elements, which are findings each on its own line; twice the same is one too. */
    <T> List<T> list(String key, String example, Reader<T> reader) {
        return list(key, example, false, reader);
    }

    /** The same for what may be written with or without quotes: {@code [25, "1024-2047"]}. */
    <T> List<T> listWithNumbers(String key, String example, Reader<T> reader) {
        return list(key, example, true, reader);
    }

    private <T> List<T> list(String key, String example, boolean numbers, Reader<T> reader) {
        TomlArray array =
                get(key, TomlArray.class, "a list", "[" + example + "]").orElse(null);
        List<T> values = new ArrayList<>();
        if (array != null && array.isEmpty()) {
            findings.add(
                    lineOf(key), "`" + key + "` is an empty list", "name what it is to hold, or leave the key out");
        }
        for (int i = 0; array != null && i < array.size(); i++) {
            int at = array.inputPositionOf(i).line();
            Object element = array.get(i);
            if (!(element instanceof String) && !(numbers && element instanceof Long)) {
                findings.add(
                        at, "`" + key + "` has " + type(element) + " in it", "write " + key + " = [" + example + "]");
                continue;
            }
            T value = read(at, key, element.toString(), reader).orElse(null);
            if (value != null && values.contains(value)) {
                findings.add(at, "`" + key + "` has " + value + " twice", "keep one");
            } else if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    /** A program and its arguments: no shell looks at them, so any text will do, also twice. */
    List<String> command(String key) {
        String example = "[\"/etc/culvert/" + key + "\"]";
        TomlArray array = get(key, TomlArray.class, "a list", example).orElse(null);
        List<String> words = new ArrayList<>();
        for (int i = 0; array != null && i < array.size(); i++) {
            if (!(array.get(i) instanceof String word)) {
                findings.add(
                        array.inputPositionOf(i).line(),
                        "`" + key + "` has " + type(array.get(i)) + " in it",
                        "write " + key + " = " + example);
                return List.of();
            }
            words.add(word);
        }
        if (array != null && (words.isEmpty() || !words.getFirst().startsWith("/"))) {
            findings.add(
                    lineOf(key),
                    "`" + key + "` names no program by its whole path",
                    "write " + key + " = " + example
                            + ", with arguments behind it; there is no shell and no search path");
        }
        if (words.stream().anyMatch(word -> word.indexOf(0) >= 0)) {
            findings.add(lineOf(key), "`" + key + "` has a zero character in it", "take it out");
        }
        return words;
    }

    /** One text, or a list of them. */
    <T> List<T> textOrList(String key, String example, Reader<T> reader) {
        return table.get(List.of(key)) instanceof TomlArray
                ? list(key, example, reader)
                : text(key, example, reader).stream().toList();
    }

    private <T> Optional<T> read(int at, String key, String text, Reader<T> reader) {
        try {
            if (text.isEmpty()) {
                throw new BadValue("`" + key + "` is empty", "give it a value, or leave the key out");
            }
            if (text.codePoints().anyMatch(Character::isISOControl)) {
                throw new BadValue("`" + key + "` has a control character in it", "take it out");
            }
            return Optional.of(reader.read(text));
        } catch (BadValue bad) {
            findings.add(at, bad);
            return Optional.empty();
        }
    }

    private <T> Optional<T> get(String key, Class<T> type, String typeInWords, String example) {
        Object value = table.get(List.of(key));
        if (value == null || type.isInstance(value)) {
            return Optional.ofNullable(value).map(type::cast);
        }
        findings.add(
                lineOf(key),
                "`" + key + "` is " + type(value) + ", not " + typeInWords,
                "write " + key + " = " + example);
        return Optional.empty();
    }

    /** The type of a TOML value in words. */
    static String type(Object value) {
        return switch (value) {
            case String text -> "text";
            case Long number -> "a number";
            case Double number -> "a number with a point";
            case Boolean flag -> "true or false";
            case TomlArray array -> "a list";
            case TomlTable table -> "a table";
            default -> "a date or time";
        };
    }
}
