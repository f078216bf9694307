package org.culvert.core.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusJsonTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Programs elsewhere read these names: a change here is a new version of the schema. */
    @Test
    void isTheSchemaThatWasPublished() throws IOException {
        JsonNode published;
        try (InputStream in = Objects.requireNonNull(StatusJsonTest.class.getResourceAsStream("status-1.json"))) {
            published = MAPPER.readTree(in);
        }
        JsonNode written = MAPPER.readTree(StatusJson.of(Samples.tokyo()));
        assertEquals(published.toPrettyString(), written.toPrettyString());
    }

    @Test
    void isOneLine() {
        String json = StatusJson.of(Samples.tokyo());
        assertTrue(json.endsWith("}\n"));
        assertEquals(1, json.lines().count());
    }

    @Test
    void isAsciiWhateverItCarries() throws IOException {
        GatewayStatus status = Samples.tokyo();
        String name = "osaka\n\u001b\u0085\u202e\ud83d\ude80\"";
        GatewayStatus hostile = new GatewayStatus(
                status.at(),
                status.gateway(),
                status.udp(),
                status.tun(),
                status.cipher(),
                status.certificate(),
                List.of(name),
                status.drops(),
                status.discovery(),
                List.of(),
                List.of(),
                Optional.empty());
        String json = StatusJson.of(hostile);
        assertTrue(json.strip().chars().allMatch(c -> c >= ' ' && c < 127), json);
        assertEquals(name, MAPPER.readTree(json).path("problems").path(0).asText());
    }
}
