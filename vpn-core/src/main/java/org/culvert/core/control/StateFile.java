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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must outlive the daemon for the replay floor (design.md section 4): the clock last seen, and how far each peer's clock was
 * ahead. Losing it costs protection only against packets recorded while a clock was wrong, so an unreadable file is reported and
 * replaced, never a reason not to start.
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

    public StateFile {
        skewTicks = Map.copyOf(skewTicks);
        agreed = Set.copyOf(agreed);
    }

    OptionalLong skewOf(String peer) {
        Long skew = skewTicks.get(peer);
        return skew == null ? OptionalLong.empty() : OptionalLong.of(skew);
    }

    boolean hasAgreed(String peer) {
        return agreed.contains(peer);
    }

    /** As {@link #read}; what cannot be read is logged and counts as lost. */
    public static StateFile readOrNone(Path file) {
        try {
            return read(file);
        } catch (IOException e) {
            LOG.warn("{}; replay protection across this restart is only as good as the clocks", e.getMessage());
            return NONE;
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
        agreed.forEach(peer -> properties.setProperty(AGREED + peer, "agreed"));
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
