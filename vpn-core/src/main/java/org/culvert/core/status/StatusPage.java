package org.culvert.core.status;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.culvert.core.crypto.Sha256;
import org.culvert.core.status.GatewayStatus.Certificate;
import org.culvert.core.status.PeerStatus.Traffic;

/**
 * The snapshot as one HTML page with the last hour as plots. Read only: it has no script, no form, no link and no reference to anything
 * outside itself, and its content security policy forbids them all.
 */
public final class StatusPage {
    /** Plots for the busiest; the others have their line in the table. */
    private static final int MOST_PLOTS = 50;

    private static final String STYLE = """
            :root{color-scheme:light dark;font:14px/1.45 system-ui,"DejaVu Sans",sans-serif;--line:#8884;--sent:#2a6fdb;--received:#1a9a5c;--rtt:#c2571a;--bad:#c22}
            body{max-width:62rem;margin:1.5rem auto;padding:0 1rem}
            h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:0}
            .sub{opacity:.75;margin:.1rem 0 1rem}
            .attention{border-left:4px solid var(--bad);padding:.3rem .8rem;margin:.8rem 0;list-style:none}
            table{border-collapse:collapse;width:100%;margin:1rem 0}
            th,td{text-align:left;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
            td.n,th.n{text-align:right}
            section{border:1px solid var(--line);border-radius:6px;padding:.8rem 1rem;margin:1rem 0}
            .plots{display:grid;grid-template-columns:1fr 1fr;gap:1rem;margin-top:.6rem}
            figure{margin:0}figcaption{font-size:.85rem;opacity:.85}
            svg{width:100%;height:90px;display:block}
            path{fill:none;stroke-width:1.6;vector-effect:non-scaling-stroke;stroke-linecap:round}
            path.grid{stroke:var(--line);stroke-width:1}path.sent{stroke:var(--sent)}path.received{stroke:var(--received)}path.rtt{stroke:var(--rtt)}
            .up{color:var(--received);font-weight:600}.down,.clear{color:var(--bad);font-weight:600}
            i.sent{color:var(--sent)}i.received{color:var(--received)}i{font-style:normal;font-weight:600}
            @media(max-width:40rem){.plots{grid-template-columns:1fr}}
            """;

    /** Goes with the page as a header. */
    public static final String SECURITY_POLICY = "default-src 'none'; style-src 'sha256-" + sha256(STYLE)
            + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final StringBuilder html = new StringBuilder();
    private final GatewayStatus status;
    private final History history;

    private StatusPage(GatewayStatus status, History history) {
        this.status = status;
        this.history = history;
    }

    public static String of(GatewayStatus status, History history) {
        return new StatusPage(status, history).page();
    }

    private String page() {
        String name = Html.text(status.gateway().name());
        html.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width\">")
                .append("<meta http-equiv=\"refresh\" content=\"" + History.INTERVAL_S + "\">")
                .append("<title>")
                .append(name)
                .append(" - culvert</title><style>")
                .append(STYLE)
                .append("</style></head><body>");
        headline(name);
        attention();
        table();
        status.peers().stream()
                .sorted(Comparator.comparingLong(StatusPage::bytes).reversed())
                .limit(MOST_PLOTS)
                .forEach(this::section);
        gateway();
        return html.append("</body></html>\n").toString();
    }

    private void headline(String name) {
        long up = status.peers().stream().filter(PeerStatus::up).count();
        html.append("<h1>")
                .append(name)
                .append("</h1><p class=\"sub\">")
                .append(up)
                .append(" of ")
                .append(Words.count(status.peers().size(), "peer"))
                .append(" up; culvert ")
                .append(Html.text(status.gateway().version()))
                .append(", running for ")
                .append(Words.duration(status.gateway().uptime()))
                .append("; as of ")
                .append(status.at().truncatedTo(ChronoUnit.SECONDS))
                .append("</p>");
    }

    private void attention() {
        List<String> lines = Attention.lines(status);
        if (lines.isEmpty()) {
            return;
        }
        html.append("<ul class=\"attention\">");
        lines.forEach(line -> html.append("<li>").append(Html.text(line)).append("</li>"));
        html.append("</ul>");
    }

    private void table() {
        html.append(
                        "<table><thead><tr><th>peer<th>state<th>endpoint<th>last packet<th class=\"n\">sent<th class=\"n\">received")
                .append("<th>certificate until</tr></thead><tbody>");
        for (PeerStatus peer : status.peers()) {
            html.append("<tr><td>")
                    .append(Html.text(peer.name()))
                    .append("<td>")
                    .append(state(peer))
                    .append("<td>")
                    .append(Html.text(peer.endpoint().orElse("not known")))
                    .append("<td>")
                    .append(peer.lastReceived()
                            .map(age -> Words.duration(age) + " ago")
                            .orElse("never"))
                    .append("<td class=\"n\">")
                    .append(Words.bytes(peer.sent().innerBytes()))
                    .append("<td class=\"n\">")
                    .append(Words.bytes(peer.received().innerBytes()))
                    .append("<td>")
                    .append(peer.certificate().map(this::until).orElse("not fetched yet"))
                    .append("</tr>");
        }
        html.append("</tbody></table>");
    }

    private static String state(PeerStatus peer) {
        String state = peer.up() ? "<span class=\"up\">up</span>" : "<span class=\"down\">down</span>";
        return peer.clear() ? state + " <span class=\"clear\">CLEAR</span>" : state;
    }

    private String until(Certificate certificate) {
        if (!certificate.problems().isEmpty()) {
            return "not accepted: " + Html.text(String.join(", ", certificate.problems()));
        }
        Duration left = Duration.between(status.at(), certificate.notAfter());
        return certificate.notAfter() + " (" + Words.duration(left) + ")";
    }

    private void section(PeerStatus peer) {
        History.Series series = history.of(peer.name());
        html.append("<section><h2>").append(Html.text(peer.name())).append("</h2>");
        if (!peer.reason().isEmpty()) {
            html.append("<div>").append(Html.text(peer.reason())).append("</div>");
        }
        html.append("<div class=\"plots\">");
        throughput(series);
        roundTrip(series);
        html.append("</div><p>networks ")
                .append(Html.text(String.join(", ", peer.networks())))
                .append("; MTU ")
                .append(peer.mtuBytes())
                .append("; ")
                .append(Html.text(peer.sendingSuite()))
                .append("</p>");
        dropped(peer.drops());
        html.append("</section>");
    }

    private void throughput(History.Series series) {
        float highest = Plot.highest(series.sent(), series.received());
        html.append(
                        "<figure><figcaption>last hour, inner traffic: <i class=\"sent\">sent</i>, <i class=\"received\">received</i>; top ")
                .append(Words.bits(highest))
                .append("</figcaption>")
                .append(new Plot(highest)
                        .line("sent", series.sent())
                        .line("received", series.received())
                        .svg("throughput of the last hour"))
                .append("</figure>");
    }

    private void roundTrip(History.Series series) {
        float highest = Plot.highest(series.rttMs());
        html.append("<figure><figcaption>last hour, round trip")
                .append(highest > 0 ? String.format(Locale.ROOT, "; top %.2f ms", highest) : ": not measured")
                .append("</figcaption>")
                .append(new Plot(highest).line("rtt", series.rttMs()).svg("round-trip time of the last hour"))
                .append("</figure>");
    }

    private void dropped(Map<String, Long> drops) {
        html.append("<div>dropped: ");
        html.append(Html.text(String.join("; ", Drops.lines(drops)))).append("</div>");
    }

    private void gateway() {
        html.append("<section><h2>this gateway</h2><p>networks ")
                .append(Html.text(String.join(", ", status.gateway().networks())))
                .append("; listens on ")
                .append(Html.text(status.udp().listen()))
                .append("; ")
                .append(Html.text(status.tun().name()))
                .append(", MTU ")
                .append(status.tun().mtuBytes())
                .append("; cipher ")
                .append(Html.text(status.cipher().backend()))
                .append("; certificate until ")
                .append(until(status.certificate()))
                .append("</p>");
        dropped(status.drops());
        html.append("</section>");
    }

    private static long bytes(PeerStatus peer) {
        Traffic sent = peer.sent();
        return sent.innerBytes() + peer.received().innerBytes();
    }

    private static String sha256(String text) {
        byte[] hash = Sha256.of(text.getBytes(StandardCharsets.UTF_8));
        return Base64.getEncoder().encodeToString(hash);
    }
}
