package org.culvert.core.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopTextTest {
    @Test
    void showsRatesOfTheBusiestFirst() throws IOException {
        List<String> lines = TopText.of(status(1_000, 40, 5), status(3_001_000, 2_040, 15), 2, 24);
        assertEquals("tokyo: 1 of 2 peers up, 2026-03-04T03:07:09.500Z", lines.get(0));
        assertEquals("out 12.0 Mb/s, in 0 b/s; dropped of nobody 0/s", lines.get(1));
        assertEquals(
                "osaka                up      12.0 Mb/s       0 b/s     1,000         0      5.0   1.25 ms   2.3 s",
                lines.get(4));
        assertTrue(lines.get(5).startsWith("bonn                 DOWN "), lines.get(5));
        assertTrue(lines.stream().allMatch(line -> line.length() <= 100));
    }

    @Test
    void cutsToTheScreen() throws IOException {
        List<String> lines = TopText.of(status(0, 0, 0), status(0, 0, 0), 1, 5);
        assertEquals(5, lines.size());
        assertEquals("... and 2 more", lines.getLast());
    }

    @Test
    void daemonThatWasRestartedHasNoNegativeRates() throws IOException {
        List<String> lines = TopText.of(status(9_000_000, 5_000, 9), status(0, 0, 0), 1, 24);
        assertFalse(lines.toString().contains("-1"), lines.toString());
        assertTrue(lines.get(1).startsWith("out 0 b/s"), lines.get(1));
    }

    @Test
    void hostileNameStaysInItsCell() throws IOException {
        StatusTree now = StatusTree.parse(
                "{\"peers\":[{\"name\":\"\\u001b[2Jx\\n\\u202eaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}]}");
        String row = TopText.of(now, now, 1, 24).get(4);
        assertTrue(row.startsWith("\\u{1b}[2Jx\\n\\u{20... DOWN"), row);
    }

    private static StatusTree status(long bytes, long packets, long drops) throws IOException {
        return StatusTree.parse("""
                {"at":"2026-03-04T03:07:09.500Z","gateway":{"name":"tokyo"},"drops":{"short":3},"peers":[
                {"name":"bonn","state":"down"},
                {"name":"osaka","state":"up","sent":{"inner_bytes":%d,"packets":%d},"drops":{"auth":%d},
                 "way":{"rtt_last_us":1250},"last_received_seconds":2.345}]}
                """.formatted(bytes, packets, drops));
    }
}
