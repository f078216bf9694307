package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Namespace;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.Test;

/** Metrics and the status page as a scraper and a browser on the gateway get them. */
class StatusPageLabTest extends TwoSiteLab {
    private static final String ADDRESS = "http://127.0.0.1:9640";

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "curl", "promtool/prometheus", "chromium"};
    }

    @Override
    void prepare() throws Exception {
        configureBoth();
        tokyo.reconfigure("[[peer]]", "[status]\nlisten = \"0.0.0.0:9640\"\n\n[[peer]]");
        startBoth();
    }

    @Test
    void promtoolFindsNothingWrong() throws Exception {
        assertAllAnswered(tokyo.ping(birlinghoven, 5));
        String metrics = curl("/metrics").succeeded().out();
        assertTrue(metrics.contains("culvert_peer_packets_total{peer=\"birlinghoven\",direction=\"sent\"} "), metrics);
        Await.until("a packet's cost is known", Duration.ofSeconds(10), () -> {
            String now = curl("/metrics").succeeded().out();
            return !now.contains("culvert_packet_cost_seconds_count{direction=\"inbound\"} 0\n")
                    && !now.contains("culvert_packet_cost_seconds_count{direction=\"outbound\"} 0\n");
        });
        String promtool = Programs.find("promtool").orElseThrow().toString();
        Finished check = Programs.run(List.of(promtool, "check", "metrics"), metrics, Duration.ofSeconds(20));
        assertEquals(0, check.code(), check.out() + check.err());
        Finished rules = Programs.run(List.of(
                promtool,
                "check",
                "rules",
                Product.DIST.resolve("conf/prometheus-alerts.yml").toString()));
        assertEquals(0, rules.code(), rules.out() + rules.err());
        assertTrue(rules.out().contains("8 rules found"), rules.out());
    }

    @Test
    void addressServesNothingElse() throws Exception {
        for (String path :
                List.of("/v1/status", "/v1/why?source=10.1.0.1&destination=10.2.0.1", "/v1/capture", "/v1/reload")) {
            assertEquals("404", code("GET", path), path);
            assertEquals("404", code("POST", path), path);
        }
        assertEquals("405", code("POST", "/"));
        assertEquals("405", code("POST", "/metrics"));
    }

    /** A machine in the LAN is not this gateway and reads the same two things; it may be anybody, and changes nothing. */
    @Test
    void isReadAndNotWrittenFromAnotherMachine() throws Exception {
        String address = "http://" + tokyo.site().lan4() + ":9640";
        assertTrue(from(tokyo.host(), "-sS", address + "/metrics")
                .contains("culvert_peer_packets_total{peer=\"birlinghoven\""));
        assertTrue(from(tokyo.host(), "-sS", address + "/").contains("<h1>tokyo</h1>"));
        List<String> reading = List.of("-sS", "-o", "/dev/null", "-w", "%{http_code}");
        for (String path :
                List.of("/v1/status", "/v1/reload", "/v1/apply", "/v1/ping?target=birlinghoven", "/v1/capture")) {
            for (String method : List.of("GET", "POST", "PUT", "DELETE")) {
                List<String> request = new ArrayList<>(reading);
                request.addAll(List.of("-X", method, "-d", "x = 1", address + path));
                String code = from(tokyo.host(), request.toArray(String[]::new));
                assertTrue(code.equals("404") || code.equals("405"), method + " " + path + ": " + code);
            }
        }
        assertEquals("up", tokyo.peerStatus().path("state").asText());
    }

    private static String from(Namespace machine, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl"));
        command.addAll(List.of(options));
        return machine.run(command).succeeded().out();
    }

    @Test
    void browserShowsThePage() throws Exception {
        assertAllAnswered(tokyo.ping(birlinghoven, 5));
        String dom = chromium("--dump-dom").succeeded().out();
        assertTrue(dom.contains("<h1>tokyo</h1>"), dom);
        assertTrue(dom.contains("<td>birlinghoven</td><td><span class=\"up\">up</span>"), dom);
        assertTrue(dom.contains("<svg "), dom);
        Path image = folder.resolve("status-page.png");
        chromium("--screenshot=" + image, "--window-size=1100,900").succeeded();
        assertTrue(Files.size(image) > 10_000, "an empty picture");
        assertFalse(dom.contains("<script"), dom);
    }

    /** Its own style passes its own policy: the browser would complain on its standard error. */
    @Test
    void browserFindsThePolicyKept() throws Exception {
        Finished page = chromium("--dump-dom", "--enable-logging=stderr", "--v=0");
        assertFalse(page.err().contains("Content Security Policy"), page.err());
    }

    private Finished curl(String path) throws Exception {
        return tokyo.gateway().run("curl", "-sS", ADDRESS + path);
    }

    private String code(String method, String path) throws Exception {
        return tokyo.gateway()
                .run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-X", method, ADDRESS + path)
                .succeeded()
                .out();
    }

    private Finished chromium(String... options) throws Exception {
        Path profile = Files.createTempDirectory(folder, "chromium");
        List<String> command = new ArrayList<>(List.of(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=" + profile));
        command.addAll(List.of(options));
        command.add(ADDRESS + "/");
        return tokyo.gateway().run(command);
    }
}
