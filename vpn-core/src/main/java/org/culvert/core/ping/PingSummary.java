package org.culvert.core.ping;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.culvert.core.log.AsciiJson;
import org.culvert.core.ping.PingEvent.Answered;
import org.culvert.core.ping.PingEvent.Began;
import org.culvert.core.ping.PingEvent.Silent;

/** Counts what came of each hop, and says it: a line for each event, and what follows from all of them at the end. One thread. */
public final class PingSummary {
    private static final double NS_PER_MS = 1e6;

    private final Map<Hop, Count> counts = new EnumMap<>(Hop.class);
    private Began began = new Began("", List.of(), "");
    private int width;

    /** What one hop answered. */
    private static final class Count {
        private int asked;
        private int answered;
        private long leastNs = Long.MAX_VALUE;
        private long mostNs;
        private long sumNs;
        private String lastWhy = "";

        double lossPercent() {
            return asked == 0 ? 0 : 100.0 * (asked - answered) / asked;
        }

        long averageNs() {
            return answered == 0 ? 0 : sumNs / answered;
        }
    }

    /** Takes an event. @return what to print of it; empty: nothing */
    public String add(PingEvent event) {
        return switch (event) {
            case Began first -> began(first);
            case Answered answer -> answered(answer);
            case Silent silence -> silent(silence);
        };
    }

    private String began(Began first) {
        began = first;
        first.hops().forEach(each -> counts.put(each.hop(), new Count()));
        width = first.hops().stream()
                .mapToInt(each -> each.name().length())
                .max()
                .orElse(0);
        List<String> names = first.hops().stream().map(PingWay.Named::name).toList();
        return first.target() + ": " + String.join(" -> ", names);
    }

    private String answered(Answered answer) {
        Count count = count(answer.hop());
        count.asked++;
        count.answered++;
        count.leastNs = Math.min(count.leastNs, answer.rttNs());
        count.mostNs = Math.max(count.mostNs, answer.rttNs());
        count.sumNs += answer.rttNs();
        return answer.hop() == Hop.GATEWAY ? "" : line(answer.round(), answer.hop(), ms(answer.rttNs()) + " ms");
    }

    private String silent(Silent silence) {
        Count count = count(silence.hop());
        count.asked++;
        count.lastWhy = silence.why();
        return line(silence.round(), silence.hop(), silence.why());
    }

    private Count count(Hop hop) {
        return counts.computeIfAbsent(hop, _ -> new Count());
    }

    private String line(int round, Hop hop, String what) {
        return String.format(Locale.ROOT, "%5d  %-" + Math.max(1, width) + "s  %s", round, name(hop), what);
    }

    private String name(Hop hop) {
        return began.hops().stream()
                .filter(each -> each.hop() == hop)
                .map(PingWay.Named::name)
                .findFirst()
                .orElse("");
    }

    private static String ms(long ns) {
        return String.format(Locale.ROOT, "%.3f", ns / NS_PER_MS);
    }

    /** Whether the target itself has answered at least once. */
    public boolean reached() {
        return !began.hops().isEmpty()
                && began.closed().isEmpty()
                && (began.hops().getLast().hop() == Hop.GATEWAY
                        || count(began.hops().getLast().hop()).answered > 0);
    }

    /** The last lines: each hop, and the verdict. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>(List.of(""));
        for (PingWay.Named each : began.hops()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%-12s  %-" + Math.max(1, width) + "s  %s",
                    each.hop().words(),
                    each.name(),
                    said(each.hop())));
        }
        lines.add(verdict());
        return lines;
    }

    private String said(Hop hop) {
        Count count = count(hop);
        if (hop == Hop.GATEWAY) {
            return "runs";
        }
        if (count.asked == 0) {
            return "not asked";
        }
        String answered = String.format(
                Locale.ROOT, "%d of %d answered, %.0f %% lost", count.answered, count.asked, count.lossPercent());
        return count.answered == 0
                ? answered
                : answered + ", min/avg/max " + ms(count.leastNs) + "/" + ms(count.averageNs()) + "/" + ms(count.mostNs)
                        + " ms";
    }

    /** Which hop it is that does not answer, and where to look. */
    public String verdict() {
        if (!began.closed().isEmpty()) {
            return began.target() + " cannot be reached: " + began.closed();
        }
        if (reached()) {
            return began.target() + (began.hops().size() == 1 ? " is this gateway" : " answers");
        }
        boolean throughTunnel = counts.containsKey(Hop.PEER);
        boolean host = counts.containsKey(Hop.HOST);
        boolean peerAnswers = throughTunnel && count(Hop.PEER).answered > 0;
        if (host && count(Hop.HOST).asked > 0 && !count(Hop.HOST).lastWhy.startsWith("no answer")) {
            return began.target() + " was not asked: " + count(Hop.HOST).lastWhy;
        }
        if (!throughTunnel) {
            return began.target()
                    + " does not answer, and is in this gateway's own networks: look at the host and its firewall";
        }
        if (!peerAnswers) {
            return "the peer gateway " + name(Hop.PEER) + " does not answer: look at `culvert status " + name(Hop.PEER)
                    + "` and `culvert doctor`";
        }
        return began.target() + " does not answer, its gateway " + name(Hop.PEER)
                + " does: look at the host, its firewall and its way back; `culvert why` on both gateways names rules";
    }

    /** The end as a line of JSON. */
    public String json() {
        return AsciiJson.of(json -> {
            json.writeStartObject();
            json.writeStringField("schema", PingEvent.SCHEMA);
            json.writeStringField("event", "summary");
            json.writeStringField("target", began.target());
            json.writeBooleanField("reached", reached());
            json.writeStringField("verdict", verdict());
            json.writeArrayFieldStart("hops");
            for (PingWay.Named each : began.hops()) {
                Count count = count(each.hop());
                json.writeStartObject();
                json.writeStringField("hop", each.hop().label());
                json.writeStringField("name", each.name());
                json.writeNumberField("asked", count.asked);
                json.writeNumberField("answered", count.answered);
                json.writeNumberField("loss_percent", count.lossPercent());
                if (count.answered > 0 && each.hop() != Hop.GATEWAY) {
                    json.writeNumberField("rtt_min_ns", count.leastNs);
                    json.writeNumberField("rtt_avg_ns", count.averageNs());
                    json.writeNumberField("rtt_max_ns", count.mostNs);
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }
}
