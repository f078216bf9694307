package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.culvert.core.control.socket.ControlClient;
import org.culvert.core.control.socket.StatusHandler;
import org.culvert.core.daemon.KernelSettings;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.culvert.core.doctor.Diagnosis;
import org.culvert.core.doctor.Diagnosis.Severity;
import org.culvert.core.doctor.Doctor;
import org.culvert.core.status.StatusTree;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Each finding of {@code culvert doctor} on a gateway that has it; where its fix is a command, the command is run and the finding must
 * be gone. Whether NTP keeps the clock depends on the machine the lab runs on and is left out.
 */
class DoctorLabTest extends TwoSiteLab {
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private AdvisedRules clear;

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "nft/nftables"};
    }

    @Override
    void prepare() throws Exception {
        configureBoth();
        tokyo.gateway().sysctl("net/ipv4/conf/wan0/rp_filter", 1);
        clear = new AdvisedRules(tokyo.gateway(), "culvert-clear", folder);
        clear.load();
    }

    @BeforeEach
    void bothRun() throws Exception {
        startBoth();
        assertAllAnswered(tokyo.ping(birlinghoven, 2));
    }

    @Test
    void healthyGatewayHasNothingToAnswerFor() throws Exception {
        List<Diagnosis> bad = doctor().stream().filter(Diagnosis::isBad).toList();
        assertEquals(List.of(), bad);
        assertEquals(
                List.of(
                        "daemon",
                        "certificates",
                        "forwarding",
                        "routes",
                        "rp_filter",
                        "outside",
                        "nat",
                        "udp port",
                        "reachability",
                        "mtu",
                        "offloads",
                        "cipher"),
                doctor().stream().map(Diagnosis::check).distinct().toList());
    }

    @Test
    void commandPrintsFindingsAndExitsWithOne() throws Exception {
        tokyo.gateway().sysctl("net/ipv4/ip_forward", 0);
        try {
            Finished text = tokyo.daemon().ask("doctor");
            assertEquals(1, text.code(), text.out() + text.err());
            assertTrue(text.out().contains("fix: sysctl -w net.ipv4.ip_forward=1\n"), text.out());
            Finished json = tokyo.daemon().ask("doctor", "--json");
            assertEquals(1, json.code());
            JsonNode root = new ObjectMapper().readTree(json.out());
            assertEquals("culvert.doctor/1", root.path("schema").asText());
            assertFalse(root.path("healthy").asBoolean());
        } finally {
            tokyo.gateway().sysctl("net/ipv4/ip_forward", 1);
        }
    }

    @Test
    void forwardingOfEachFamily() throws Exception {
        for (String path : List.of("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding")) {
            tokyo.gateway().sysctl(path, 0);
            Diagnosis off = found("forwarding", Severity.ERROR);
            assertEquals("sysctl -w " + path.replace('/', '.') + "=1", off.fix());
            fix(off);
            found("forwarding", Severity.OK);
        }
    }

    @Test
    void sourceNatIntoTheTunnel() throws Exception {
        nft(
                "add table ip nat",
                "add chain ip nat post { type nat hook postrouting priority 100 ; }",
                "add rule ip nat post snat to 192.0.2.2");
        try {
            Diagnosis nat = found("nat", Severity.ERROR);
            assertTrue(nat.text().contains("chain ip nat post: snat to 192.0.2.2"), nat.text());
            assertEquals(0, tokyo.ping(birlinghoven, 2, "-W", "1").received());
            fix(nat);
            assertAllAnswered(tokyo.ping(birlinghoven, 2));
        } finally {
            nft("delete table ip nat");
        }
        Diagnosis counted = found("nat", Severity.WARNING);
        assertTrue(counted.text().contains("tx_source"), counted.text());
        tokyo.daemon().stop();
    }

    @Test
    void portThatTheFirewallKeepsClosed() throws Exception {
        nft(
                "add table inet filter",
                "add chain inet filter in { type filter hook input priority 0 ; policy drop ; }",
                "add rule inet filter in ct state established accept",
                "add rule inet filter in iifname lan0 tcp dport 22 accept");
        try {
            Diagnosis closed = found("udp port", Severity.WARNING);
            assertEquals("nft insert rule inet filter in udp dport 1640 accept", closed.fix());
            fix(closed);
            found("udp port", Severity.OK);
        } finally {
            nft("delete table inet filter");
        }
    }

    @Test
    void routeThatLeadsPastTheTunnelAndStrictReversePath() throws Exception {
        tokyo.gateway().ip("route add 10.2.0.0/24 via 192.0.2.1 metric 10");
        tokyo.gateway().sysctl("net/ipv4/conf/culvert0/rp_filter", 1);
        try {
            Diagnosis route = found("routes", Severity.ERROR);
            assertTrue(route.text().startsWith("10.2.0.0/24 leaves through wan0, in clear"), route.text());
            Diagnosis strict = found("rp_filter", Severity.ERROR);
            assertEquals("sysctl -w net.ipv4.conf.culvert0.rp_filter=2", strict.fix());
            fix(strict);
            found("rp_filter", Severity.OK);
        } finally {
            tokyo.gateway().ip("route delete 10.2.0.0/24 via 192.0.2.1 metric 10");
            tokyo.gateway().sysctl("net/ipv4/conf/culvert0/rp_filter", 0);
        }
        found("routes", Severity.OK);
    }

    @Test
    void outsideThatLetsForgedPacketsInClearIn() throws Exception {
        tokyo.gateway().sysctl("net/ipv4/conf/wan0/rp_filter", 0);
        found("outside", Severity.OK); // the rules serve both families
        String advised = clear.inForce();
        clear.unload();
        try {
            Diagnosis ipv4 = outside("rp_filter");
            assertEquals("sysctl -w net.ipv4.conf.wan0.rp_filter=1", ipv4.fix());
            fix(ipv4);
            List<Diagnosis> left = doctor().stream()
                    .filter(each -> each.check().equals("outside"))
                    .toList();
            assertEquals(1, left.size(), left.toString());

            tokyo.gateway().sysctl("net/ipv4/conf/all/rp_filter", 2);
            fix(outside("rp_filter"));
            assertEquals(1, tokyo.gateway().inside(() -> KernelSettings.reversePathFilter("wan0")));

            fix(outside("IPv6"));
            assertEquals(advised, clear.inForce());
        } finally {
            tokyo.gateway().sysctl("net/ipv4/conf/all/rp_filter", 0);
            tokyo.gateway().sysctl("net/ipv4/conf/wan0/rp_filter", 1);
        }
        found("outside", Severity.OK);
    }

    /** The one warning of the check that says this. */
    private Diagnosis outside(String text) throws Exception {
        return doctor().stream()
                .filter(each -> each.check().equals("outside") && each.severity() == Severity.WARNING)
                .filter(each -> each.text().contains(text))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no warning about " + text));
    }

    /** Birlinghoven is deaf, so all that is known is that nothing comes back. */
    @Test
    void peerThatIsNeverHeard() throws Exception {
        birlinghoven.daemon().stop();
        tokyo.daemon().stop();
        tokyo.daemon().start().awaitReady();
        Await.until("it was asked for keys again and again", Duration.ofSeconds(20), () -> {
            tokyo.ping(birlinghoven, 1);
            return tokyo.peerStatus()
                            .path("way")
                            .path("control_sent")
                            .path("messages")
                            .asLong()
                    >= 5;
        });
        Diagnosis silent = found("reachability", Severity.WARNING);
        assertTrue(silent.text().contains("birlinghoven at 198.51.100.2:1640"), silent.text());
    }

    @Test
    void withoutADaemon() throws Exception {
        tokyo.daemon().stop();
        Diagnosis none = found("daemon", Severity.ERROR);
        assertEquals("culvert run --config " + tokyo.daemon().config(), none.fix());
        found("udp port", Severity.OK);
        found("routes", Severity.OK);
        try (UdpPlace taken = UdpPlace.open(tokyo.gateway(), "0.0.0.0")) {
            Path config = variant(
                    "taken", "0.0.0.0:1640", "0.0.0.0:" + taken.address().getPort());
            assertTrue(found(config, "udp port", Severity.ERROR).text().contains("another program has it"));
        }
    }

    @Test
    void persistentTunWithoutItsGuards() throws Exception {
        tokyo.daemon().stop();
        Path config = variant("guards", "[[peer]]", "[tun]\npersistent = true\n[[peer]]");
        Diagnosis guard = found(config, "routes", Severity.ERROR);
        assertTrue(guard.fix().startsWith("culvert up --config "), guard.fix());
    }

    @Test
    void whatTheConfigurationGetsWrong() throws Exception {
        assertTrue(found(variant("broken", "listen ", "lisen "), "configuration", Severity.ERROR)
                .text()
                .contains("unknown key `lisen`"));
        Diagnosis mtu = found(variant("mtu", "[[peer]]", "[tun]\nmtu = 1500\n[[peer]]"), "mtu", Severity.WARNING);
        assertTrue(mtu.fix().endsWith("write mtu = 1420"), mtu.fix());
        Diagnosis jce = found(variant("jce", "listen ", "cipher-backend = \"jce\"\nlisten "), "cipher", Severity.NOTE);
        assertTrue(jce.fix().startsWith("take cipher-backend out"), jce.fix());
    }

    private void nft(String... commands) throws IOException {
        for (String command : commands) {
            tokyo.gateway().run("nft", command).succeeded();
        }
    }

    /** Runs the command a finding names. */
    private void fix(Diagnosis diagnosis) throws IOException {
        tokyo.gateway().run("sh", "-c", diagnosis.fix()).succeeded();
    }

    /** The configuration with one thing changed, beside itself. */
    private Path variant(String name, String from, String to) throws IOException {
        String text = Files.readString(tokyo.daemon().config());
        assertTrue(text.contains(from), text);
        return Files.writeString(tokyo.daemon().config().resolveSibling(name + ".toml"), text.replace(from, to));
    }

    private Diagnosis found(String check, Severity severity) throws Exception {
        return found(tokyo.daemon().config(), check, severity);
    }

    private Diagnosis found(Path config, String check, Severity severity) throws Exception {
        List<Diagnosis> all = doctor(config);
        return all.stream()
                .filter(each -> each.check().equals(check) && each.severity() == severity)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + severity + " of " + check + " in " + all));
    }

    private List<Diagnosis> doctor() throws Exception {
        return doctor(tokyo.daemon().config());
    }

    /** In this process, on a thread inside the gateway: the checks without the start of a program. */
    private List<Diagnosis> doctor(Path config) throws Exception {
        return tokyo
                .gateway()
                .inside(() -> Doctor.examine(config, socket -> {
                    try {
                        return Optional.of(StatusTree.parse(new ControlClient(socket, ANSWER)
                                .ask("GET", StatusHandler.PATH)
                                .body()));
                    } catch (IOException e) {
                        return Optional.empty();
                    }
                }))
                .stream()
                .filter(each -> !each.check().equals("clock"))
                .toList();
    }
}
