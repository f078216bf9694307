package org.culvert.core.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.culvert.core.wire.DropReason;
import org.junit.jupiter.api.Test;

/** Dashboard and alert rules ask for what the daemon has. */
class DashboardTest {
    private static final Path CONF = Path.of("../conf");
    private static final Pattern METRIC = Pattern.compile("\\bculvert_[a-z_]+");
    private static final Pattern REASONS = Pattern.compile("reason=~?\"([a-z_|]+)\"");

    @Test
    void dashboardShowsOnlyWhatThereIs() throws Exception {
        JsonNode root = new ObjectMapper()
                .readTree(CONF.resolve("grafana-dashboard.json").toFile());
        assertTrue(root.path("panels").size() >= 9);
        root.path("panels")
                .forEach(panel -> assertTrue(
                        panel.path("targets").size() > 0, panel.path("title").asText()));
        assertKnown(root.toString());
    }

    @Test
    void alertsAskOnlyForWhatThereIs() throws Exception {
        String rules = Files.readString(CONF.resolve("prometheus-alerts.yml"));
        assertKnown(rules);
        Set<String> labels =
                Arrays.stream(DropReason.values()).map(DropReason::label).collect(Collectors.toSet());
        REASONS.matcher(rules)
                .results()
                .flatMap(found -> Pattern.compile("\\|").splitAsStream(found.group(1)))
                .forEach(reason -> assertTrue(labels.contains(reason), reason));
    }

    private static void assertKnown(String text) {
        String metrics = Metrics.of(Samples.tokyo(), List.of(new Metrics.Cost("inbound", new Histogram(1_000, 2))));
        Set<String> unknown = METRIC.matcher(text)
                .results()
                .map(found -> found.group())
                .filter(name -> !metrics.contains("\n" + name + "{") && !metrics.contains("\n" + name + " "))
                .collect(Collectors.toCollection(TreeSet::new));
        unknown.remove("culvert_info"); // the first line
        assertEquals(Set.of(), unknown);
    }
}
