package org.culvert.core.ping;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.log.AsciiJson;
import org.culvert.core.status.StatusTree;

/** What happens while a way is asked, one line of JSON each, schema {@link #SCHEMA}. */
public sealed interface PingEvent {
    String SCHEMA = "culvert.ping/1";

    /**
     * The first line.
     *
     * @param closed why nothing can go this way; empty: it can
     */
    record Began(String target, List<PingWay.Named> hops, String closed) implements PingEvent {}

    /**
     * A hop has answered.
     *
     * @param round 1 is the first
     */
    record Answered(int round, Hop hop, long rttNs) implements PingEvent {}

    /**
     * A hop has not.
     *
     * @param why in words
     */
    record Silent(int round, Hop hop, String why) implements PingEvent {}

    /** One line without its newline. */
    static String line(PingEvent event) {
        return AsciiJson.of(json -> {
            json.writeStartObject();
            json.writeStringField("schema", SCHEMA);
            switch (event) {
                case Began began -> {
                    json.writeStringField("event", "began");
                    json.writeStringField("target", began.target);
                    json.writeStringField("closed", began.closed.isEmpty() ? null : began.closed);
                    json.writeArrayFieldStart("hops");
                    for (PingWay.Named each : began.hops) {
                        json.writeStartObject();
                        json.writeStringField("hop", each.hop().label());
                        json.writeStringField("name", each.name());
                        json.writeEndObject();
                    }
                    json.writeEndArray();
                }
                case Answered answered -> {
                    json.writeStringField("event", "answer");
                    json.writeNumberField("round", answered.round);
                    json.writeStringField("hop", answered.hop.label());
                    json.writeNumberField("rtt_ns", answered.rttNs);
                }
                case Silent silent -> {
                    json.writeStringField("event", "silence");
                    json.writeNumberField("round", silent.round);
                    json.writeStringField("hop", silent.hop.label());
                    json.writeStringField("why", silent.why);
                }
            }
            json.writeEndObject();
        });
    }

    /**
     * Reads a line.
     *
     * @throws IOException when it is none of ours
     */
    static PingEvent parse(String line) throws IOException {
        StatusTree tree = StatusTree.parse(line);
        int round = (int) tree.number("round");
        return switch (tree.text("event")) {
            case "began" -> {
                List<PingWay.Named> hops = new ArrayList<>();
                for (StatusTree hop : tree.children("hops")) {
                    hops.add(new PingWay.Named(Hop.of(hop.text("hop")), hop.text("name")));
                }
                yield new Began(tree.text("target"), hops, tree.text("closed"));
            }
            case "answer" -> new Answered(round, Hop.of(tree.text("hop")), tree.number("rtt_ns"));
            case "silence" -> new Silent(round, Hop.of(tree.text("hop")), tree.text("why"));
            default -> throw new IOException("not an answer to a ping: " + line);
        };
    }
}
