package org.culvert.core.control;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must outlive the daemon. For the replay floor (design.md section 4) the clock last seen, and how far each peer's clock was
 * ahead; for mode preferred with whom epoch keys were ever agreed. Losing the former costs protection against packets recorded while a
 * clock was wrong. Losing the latter lets whoever drops announcements keep a peer's data under static keys, as on first contact. An
 * unreadable file is reported and replaced, never a reason not to start; of what it remembers of agreements all is kept that can be read.
 *
 * @param clockTicks the own wall clock when the file was written; 0 when there is none
 * @param skewTicks per peer name, the largest sender time minus own clock of the last three hours
 * @param agreed names of peers that epoch keys were ever agreed with: their data goes under no others any more, unless that is off
 */
public record StateFile(long clockTicks, Map<String, Long> skewTicks, Set<String> agreed) {
    private static final Logger LOG = LoggerFactory.getLogger(StateFile.class);

    static final StateFile NONE = new StateFile(0, Map.of(), Set.of());

    private static final String CLOCK = "clock-ticks";
    private static final String SKEW = "skew-ticks.";
    private static final String AGREED = "epoch-keys.";
    private static final String IS_AGREED = "=agreed";

    public StateFile {
        skewTicks = Map.copyOf(skewTicks);
        agreed = Set.copyOf(agreed);
    }

    OptionalLong skewOf(String peer) {
        Long skew = skewTicks.get(peer);
        return skew == null ? OptionalLong.empty() : OptionalLong.of(skew);
    }

    /** As {@link #read}; what cannot be read is logged and counts as lost. */
    public static StateFile readOrNone(Path file) {
        try {
            return read(file);
        } catch (IOException e) {
            Set<String> agreed = agreedIn(file);
            LOG.warn(
                    "{}; replay protection across this restart is only as good as the clocks, and peers in mode \"preferred\","
                            + " {}, send under static keys until epoch keys are agreed on;"
                            + " forward-secrecy = \"required\" needs nothing remembered",
                    e.getMessage(),
                    agreed.isEmpty() ? "all of them" : "but for " + String.join(", ", new TreeSet<>(agreed)));
            return new StateFile(0, Map.of(), agreed);
        }
    }

    /** Line by line, since others may be damaged. */
    private static Set<String> agreedIn(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1)
                    .lines()
                    .filter(line -> line.startsWith(AGREED) && line.endsWith(IS_AGREED))
                    .map(line -> line.substring(AGREED.length(), line.length() - IS_AGREED.length()))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            return Set.of();
        }
    }

    /** @throws IOException when it is there but cannot be read or is not ours; the message says which line */
    static StateFile read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return NONE;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": not a state file: " + e.getMessage(), e);
        }
        Map<String, Long> skew = new HashMap<>();
        Set<String> agreed = new HashSet<>();
        for (String key : properties.stringPropertyNames()) {
            if (key.startsWith(SKEW)) {
                skew.put(key.substring(SKEW.length()), number(file, properties, key));
            } else if (key.startsWith(AGREED)) {
                agreed.add(key.substring(AGREED.length()));
            }
        }
        return new StateFile(number(file, properties, CLOCK), skew, agreed);
    }

    void write(Path file) throws IOException {
        Properties properties = new Properties();
        properties.setProperty(CLOCK, Long.toString(clockTicks));
        new TreeMap<>(skewTicks).forEach((peer, skew) -> properties.setProperty(SKEW + peer, Long.toString(skew)));
        agreed.forEach(peer -> properties.setProperty(AGREED + peer, IS_AGREED.substring(1)));
        StringWriter text = new StringWriter();
        properties.store(text, "culvert: replay floor, see vpn-core/doc/protocol.md");
        WholeFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static long number(Path file, Properties properties, String key) throws IOException {
        try {
            return Long.parseLong(properties.getProperty(key, ""));
        } catch (NumberFormatException e) {
            throw new IOException(file + ": " + key + " is not a number", e);
        }
    }
}
