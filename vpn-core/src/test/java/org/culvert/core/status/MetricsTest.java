package org.culvert.core.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final Pattern LINE =
            Pattern.compile("([a-z_]+)(\\{(?:[a-z_]+=\"(?:[^\"\\\\\\n]|\\\\.)*\",?)+\\})? ([-+0-9.Ee]+)");

    @Test
    void everyLineIsOfTheFormatAndHasItsHead() {
        Set<String> declared = new HashSet<>();
        Set<String> seen = new HashSet<>();
        for (String line : text().split("\n")) {
            if (line.startsWith("# TYPE ")) {
                assertTrue(declared.add(line.split(" ")[2]), "declared twice: " + line);
            } else if (!line.startsWith("#")) {
                Matcher matcher = LINE.matcher(line);
                assertTrue(matcher.matches(), line);
                String family = matcher.group(1).replaceFirst("_(bucket|sum|count)$", "");
                assertTrue(declared.contains(family), "not declared: " + line);
                assertTrue(seen.add(line.substring(0, line.lastIndexOf(' '))), "twice: " + line);
            }
        }
    }

    @Test
    void showsTrafficDropsAndDates() {
        String text = text();
        assertTrue(
                text.contains("culvert_peer_packets_total{peer=\"birlinghoven\",direction=\"sent\"} 1234567\n"), text);
        assertTrue(text.contains("culvert_peer_dropped_packets_total{peer=\"birlinghoven\",reason=\"replay\"} 7\n"));
        assertTrue(
                text.contains("culvert_peer_dropped_packets_total{peer=\"birlinghoven\",reason=\"auth\"} 0\n"),
                "zeros too");
        assertTrue(text.contains("culvert_dropped_packets_total{reason=\"unknown_spi\"} 12345\n"));
        assertTrue(text.contains(
                "culvert_certificate_expiry_timestamp_seconds{holder=\"tokyo\",role=\"gateway\"} 1773619200\n"));
        assertTrue(text.contains("culvert_certificate_accepted{holder=\"osaka\",role=\"peer\"} 0\n"));
        assertTrue(text.contains("culvert_peer_up{peer=\"osaka\"} 0\n"));
        assertTrue(text.contains("culvert_peer_clock_skew_seconds{peer=\"birlinghoven\"} -412.3\n"));
    }

    @Test
    void bucketsOfACostAddUp() {
        Histogram costs = new Histogram(1_000_000_000, 2);
        costs.recordValue(200);
        costs.recordValueWithCount(1_200, 7);
        costs.recordValue(40_000_000);
        String text = Metrics.of(Samples.tokyo(), List.of(new Metrics.Cost("inbound", costs)));
        assertEquals("1", bucket(text, "2.5E-7"));
        assertEquals("8", bucket(text, "1.5E-6"));
        assertEquals("8", bucket(text, "0.01"));
        assertEquals("9", bucket(text, "+Inf"));
        assertTrue(text.contains("culvert_packet_cost_seconds_count{direction=\"inbound\"} 9\n"));
        Matcher sum =
                Pattern.compile("_sum\\{direction=\"inbound\"\\} (\\S+)\n").matcher(text);
        assertTrue(sum.find());
        assertEquals(0.0400086, Double.parseDouble(sum.group(1)), 0.0005);
    }

    /** A value that shares its slot of the histogram with a bucket's end was once counted in two buckets. */
    @Test
    void valueAtTheEndOfABucketIsCountedOnce() {
        Histogram costs = new Histogram(1_000_000_000, 2);
        for (long ns = 990; ns <= 3_010; ns++) {
            costs.recordValue(ns);
        }
        String text = Metrics.of(Samples.tokyo(), List.of(new Metrics.Cost("inbound", costs)));
        assertEquals("2021", bucket(text, "0.01"));
        assertEquals("2021", bucket(text, "+Inf"));
    }

    @Test
    void hostileNameStaysInsideItsQuotes() {
        String text = Metrics.of(Samples.with(Samples.named("a\"} 1\nforged{x=\"\\")), List.of());
        assertFalse(text.contains("\nforged"), text);
        assertTrue(text.contains("peer=\"a\\\"} 1\\\\nforged{x=\\\"\\\\\""), text);
    }

    private static String text() {
        return Metrics.of(Samples.tokyo(), List.of(new Metrics.Cost("inbound", new Histogram(1_000_000_000, 2))));
    }

    private static String bucket(String text, String end) {
        Matcher line = Pattern.compile("_bucket\\{direction=\"inbound\",le=\"" + Pattern.quote(end) + "\"\\} (\\d+)")
                .matcher(text);
        assertTrue(line.find(), "no bucket " + end + " in " + text);
        return line.group(1);
    }
}
