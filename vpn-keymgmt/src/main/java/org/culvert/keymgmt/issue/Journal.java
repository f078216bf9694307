package org.culvert.keymgmt.issue;

import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.Fingerprint;

/**
 * Everything a CA ever did, one line each, oldest first:
 *
 * <pre>
 * 2 2026-11-24T21:20:28Z sign serial=5f.. name=tokyo certificate=MIIB.. 9b7c..(hash)
 * </pre>
 *
 * <p>The last word of a line is SHA-256 over the hash of the line before, a space, and the rest of this line. Changing, dropping or
 * moving a line breaks every hash after it; who writes the last hash down elsewhere can also tell that the end was not cut off.
 * Values are percent-encoded. Written whole (see {@link SafeFile}), under the folder's lock.
 */
public final class Journal {
    private static final String START = "0".repeat(64);

    private final Path file;
    private final List<Entry> entries;

    private Journal(Path file, List<Entry> entries) {
        this.file = file;
        this.entries = entries;
    }

    /**
     * One line.
     *
     * @param sequence from 1, without gaps
     * @param hash 64 hex digits
     */
    public record Entry(long sequence, Instant time, String event, Map<String, String> fields, String hash) {
        /** A field, or "" when the line has none of this name. */
        public String field(String name) {
            return fields.getOrDefault(name, "");
        }
    }

    /** Reads and verifies; no file is a journal without entries. */
    public static Journal read(Path file) throws CredentialException {
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
        } catch (NoSuchFileException e) {
            return new Journal(file, List.of());
        } catch (IOException e) {
            throw new CredentialException(file, "cannot be read: " + e.getMessage(), "restore it from a backup", e);
        }
        List<Entry> entries = new ArrayList<>();
        String previous = START;
        for (String line : lines) {
            Entry entry = parse(file, line, entries.size() + 1L, previous);
            entries.add(entry);
            previous = entry.hash();
        }
        return new Journal(file, List.copyOf(entries));
    }

    private static Entry parse(Path file, String line, long number, String previous) throws CredentialException {
        int last = line.lastIndexOf(' ');
        String[] words = line.split(" ", -1);
        if (last < 0 || words.length < 4 || !words[0].equals(Long.toString(number))) {
            throw broken(file, number, "is not entry " + number);
        }
        String hash = line.substring(last + 1);
        if (!hash.equals(hash(previous, line.substring(0, last)))) {
            throw broken(file, number, "was changed, or one before it was removed (its hash does not fit)");
        }
        try {
            Map<String, String> fields = new LinkedHashMap<>();
            for (int i = 3; i < words.length - 1; i++) {
                int equals = words[i].indexOf('=');
                fields.put(
                        words[i].substring(0, equals),
                        URLDecoder.decode(words[i].substring(equals + 1), StandardCharsets.UTF_8));
            }
            return new Entry(number, Instant.parse(words[1]), words[2], Map.copyOf(fields), hash);
        } catch (DateTimeException | IndexOutOfBoundsException | IllegalArgumentException e) {
            throw broken(file, number, "cannot be read");
        }
    }

    private static CredentialException broken(Path file, long line, String what) {
        return new CredentialException(file, "line " + line + " " + what, "restore the CA's folder from a backup");
    }

    private static String hash(String previous, String text) {
        byte[] bytes = (previous + " " + text).getBytes(StandardCharsets.US_ASCII);
        return HexFormat.of().formatHex(Fingerprint.sha256(bytes));
    }

    /** What an entry is about; the fields in the order they are written. */
    record Event(String name, Map<String, String> fields) {}

    /** This journal with one more entry, on the disk when this returns. The caller holds the folder's lock. */
    Journal append(Instant time, String event, Map<String, String> fields) throws IOException {
        return append(time, List.of(new Event(event, fields)));
    }

    /** The same for several: all are on the disk, or none. */
    Journal append(Instant time, List<Event> events) throws IOException {
        StringBuilder text =
                new StringBuilder(Files.exists(file) ? Files.readString(file, StandardCharsets.US_ASCII) : "");
        List<Entry> longer = new ArrayList<>(entries);
        String previous = head();
        for (Event event : events) {
            long sequence = longer.size() + 1L;
            String line = line(sequence, time, event);
            previous = hash(previous, line);
            text.append(line).append(' ').append(previous).append('\n');
            longer.add(new Entry(sequence, time, event.name(), Map.copyOf(event.fields()), previous));
        }
        SafeFile.replace(file, text.toString().getBytes(StandardCharsets.US_ASCII), SafeFile.PRIVATE);
        return new Journal(file, List.copyOf(longer));
    }

    private static String line(long sequence, Instant time, Event event) {
        StringBuilder line = new StringBuilder();
        line.append(sequence).append(' ').append(time).append(' ').append(event.name());
        event.fields()
                .forEach((name, value) -> line.append(' ')
                        .append(name)
                        .append('=')
                        .append(URLEncoder.encode(value, StandardCharsets.UTF_8)
                                .replace("+", "%20")
                                .replace("%3A", ":")));
        return line.toString();
    }

    public Path file() {
        return file;
    }

    public List<Entry> entries() {
        return entries;
    }

    /** Hash of the newest entry: write it down elsewhere and compare later. */
    public String head() {
        return entries.isEmpty() ? START : entries.getLast().hash();
    }
}
