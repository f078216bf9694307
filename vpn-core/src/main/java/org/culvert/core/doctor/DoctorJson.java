package org.culvert.core.doctor;

import java.util.List;
import java.util.Locale;
import org.culvert.core.log.AsciiJson;

/** The findings as JSON, schema {@link #SCHEMA}. */
public final class DoctorJson {
    /** Goes up when a field changes its meaning or goes; new fields may come at any time. */
    public static final String SCHEMA = "culvert.doctor/1";

    private DoctorJson() {}

    /** One line with its newline. */
    public static String of(List<Diagnosis> found) {
        return AsciiJson.of(json -> {
                    json.writeStartObject();
                    json.writeStringField("schema", SCHEMA);
                    json.writeBooleanField("healthy", found.stream().noneMatch(Diagnosis::isBad));
                    json.writeArrayFieldStart("findings");
                    for (Diagnosis each : found) {
                        json.writeStartObject();
                        json.writeStringField("check", each.check());
                        json.writeStringField("severity", each.severity().name().toLowerCase(Locale.ROOT));
                        json.writeStringField("text", each.text());
                        json.writeStringField("fix", each.fix().isEmpty() ? null : each.fix());
                        json.writeEndObject();
                    }
                    json.writeEndArray();
                    json.writeEndObject();
                })
                + '\n';
    }
}
