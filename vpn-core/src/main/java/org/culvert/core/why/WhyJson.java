package org.culvert.core.why;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import org.culvert.core.log.AsciiJson;

/** The answer as JSON, schema {@link Verdict#SCHEMA}. */
public final class WhyJson {
    private WhyJson() {}

    /** One line with its newline. */
    public static String of(Verdict verdict) {
        return AsciiJson.of(json -> write(json, verdict)) + '\n';
    }

    private static void write(JsonGenerator json, Verdict verdict) throws IOException {
        json.writeStartObject();
        json.writeStringField("schema", Verdict.SCHEMA);
        passage(json, verdict.passage());
        json.writeBooleanField("passes", verdict.passes());
        json.writeStringField("verdict", verdict.sentence());
        json.writeArrayFieldStart("ways");
        for (Way way : verdict.ways()) {
            way(json, way);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void passage(JsonGenerator json, Passage passage) throws IOException {
        json.writeStringField("source", Passage.text(passage.source()));
        json.writeStringField("destination", Passage.text(passage.destination()));
        json.writeStringField(
                "protocol", passage.protocol().map(Passage.Protocol::name).orElse(null));
        if (passage.port().isPresent()) {
            json.writeNumberField("port", passage.port().getAsInt());
        } else {
            json.writeNullField("port");
        }
    }

    private static void way(JsonGenerator json, Way way) throws IOException {
        json.writeStartObject();
        json.writeStringField("direction", way.outbound() ? "outbound" : "inbound");
        json.writeStringField("source", Passage.text(way.passage().source()));
        json.writeStringField("destination", Passage.text(way.passage().destination()));
        json.writeStringField("peer", way.peer().orElse(null));
        json.writeBooleanField("passes", way.passes());
        json.writeArrayFieldStart("steps");
        for (Step step : way.steps()) {
            json.writeStartObject();
            json.writeStringField("name", step.name());
            json.writeBooleanField("passes", step.passes());
            json.writeStringField("text", step.text());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
