package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Programs;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The configuration changes while packets flow: who is not concerned loses none, and what is wrong changes nothing. */
class ReloadLabTest extends TwoSiteLab {
    private static final Pattern SUMMARY = Pattern.compile("(\\d+) packets transmitted, (\\d+) received");

    private @Nullable Flood flood;

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "setpriv/util-linux", "kill/procps"};
    }

    @Override
    void prepare() throws Exception {
        Certificates.issue(folder, "osaka", "osaka", List.of("10.7.0.0/24"));
    }

    @BeforeEach
    void asAtFirst() throws Exception {
        configureBoth();
        startBoth();
        reload(tokyo);
        reload(birlinghoven);
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
    }

    private String osaka() {
        return """

                [[peer]]
                name        = "osaka"
                certificate = "../osaka/host.crt"
                endpoint    = "198.51.100.77:1640"
                """;
    }

    @AfterEach
    void endFlood() {
        if (flood != null) {
            flood.close();
        }
    }

    private static void reload(Office office) throws Exception {
        Finished reload = office.daemon().ask("reload");
        assertEquals(0, reload.code(), reload.err());
        assertEquals("reloaded\n", reload.out());
    }

    @Test
    void addingAndRemovingAPeerLosesNoPacketOfAnother() throws Exception {
        String without = Files.readString(tokyo.daemon().config());
        Status here = tokyo.status();
        Status there = birlinghoven.status();
        flood = Flood.start(tokyo, birlinghoven.site().host4(), folder.resolve("flood"));

        try (Capture onWan = Capture.start(sites.wan(), "tokyo")) {
            for (int i = 0; i < 3; i++) {
                Files.writeString(tokyo.daemon().config(), without + osaka());
                reload(tokyo);
                assertTrue(tokyo.network().contains("unreachable 10.7.0.0/24"), tokyo.network());
                assertTrue(tokyo.network().contains("10.7.0.0/24 dev culvert0"), tokyo.network());
                Files.writeString(tokyo.daemon().config(), without);
                reload(tokyo);
                assertFalse(tokyo.network().contains("10.7.0.0/24"), tokyo.network());
            }
            int pings = flood.end();
            assertNothingLost(here, there, pings);
            assertNoClearFrames(onWan.stop());
        }
    }

    @Test
    void listensOnAnotherPortAndLosesNothing() throws Exception {
        Status here = tokyo.status();
        Status there = birlinghoven.status();
        flood = Flood.start(tokyo, birlinghoven.site().host4(), folder.resolve("flood"));

        tokyo.reconfigure("0.0.0.0:1640", "0.0.0.0:1650");
        reload(tokyo);
        Await.until(
                "birlinghoven follows to the new port",
                Duration.ofSeconds(5),
                () -> birlinghoven.status().endpoint().equals("192.0.2.2:1650"));
        tokyo.reconfigure("0.0.0.0:1650", "0.0.0.0:1660");
        reload(tokyo);
        Await.until(
                "and to the next",
                Duration.ofSeconds(5),
                () -> birlinghoven.status().endpoint().equals("192.0.2.2:1660"));

        assertNothingLost(here, there, flood.end());
    }

    @Test
    void peersOwnSettingsChangeAtBothEndsInAnyOrder() throws Exception {
        for (Office office : List.of(tokyo, birlinghoven)) {
            Files.writeString(
                    office.daemon().config(),
                    Files.readString(office.daemon().config())
                            + "suites = [\"aes-256-gcm\", \"aes-128-gcm\"]\ntraffic-key = \"1000 packets\"\n[tun]\nmtu = 1300\n");
        }
        Status here = tokyo.status();
        Status there = birlinghoven.status();
        reload(tokyo);
        reload(birlinghoven);
        assertAllAnswered(tokyo.ping(birlinghoven, 20, "-s", "1272", "-M", "do"));
        assertTrue(tokyo.network().contains("mtu 1300"), tokyo.network());
        assertEquals(0, tokyo.status().since(here).allDrops());
        assertEquals(0, birlinghoven.status().since(there).allDrops());
        assertTrue(tokyo.daemon().ask("status").succeeded().out().contains("aes-256-gcm, also accepts aes-128-gcm"));
    }

    /** The search for the path's MTU may end at any moment, and changes that of the route. */
    private String tokyoApartFromMtus() throws IOException {
        return tokyo.network().replaceAll(" mtu \\d+", "");
    }

    @Test
    void brokenConfigurationIsRefusedWithItsLineAndAllGoesOn() throws Exception {
        tokyo.reconfigure("endpoint ", "endpont ");
        String before = tokyoApartFromMtus();

        Finished reload = tokyo.daemon().ask("reload");

        assertEquals(2, reload.code(), reload.err());
        assertTrue(reload.err().contains("culvert.toml:12: unknown key `endpont`"), reload.err());
        assertEquals(before, tokyoApartFromMtus());
        assertAllAnswered(tokyo.ping(birlinghoven, 5));
    }

    @Test
    void whatCannotChangeIsRefusedByNameAndNothingElseChangesEither() throws Exception {
        Files.writeString(
                tokyo.daemon().config(),
                Files.readString(tokyo.daemon().config()).replace("culvert.state", "other.state") + osaka()
                        + "\n[tun]\nname = \"culvert7\"\npersistent = true\noffloads = \"none\"\n");
        String before = tokyoApartFromMtus();

        Finished reload = tokyo.daemon().ask("reload");

        assertEquals(2, reload.code(), reload.err());
        assertTrue(reload.err().contains(":7: `state` cannot change while the daemon runs"), reload.err());
        assertTrue(reload.err().contains("`name` cannot change"), reload.err());
        assertTrue(reload.err().contains("`persistent` cannot change"), reload.err());
        assertTrue(reload.err().contains("`offloads` cannot change"), reload.err());
        assertEquals(before, tokyoApartFromMtus());
        assertAllAnswered(tokyo.ping(birlinghoven, 5));
    }

    @Test
    void hangupSignalReloadsToo() throws Exception {
        Files.writeString(
                tokyo.daemon().config(), Files.readString(tokyo.daemon().config()) + osaka());
        int before = timesSaid("reloaded: 2 peers");
        hangUp();
        Await.until("a second peer", Duration.ofSeconds(5), () -> timesSaid("reloaded: 2 peers") > before);
        tokyo.reconfigure("198.51.100.77:1640", "nowhere");
        hangUp();
        tokyo.daemon().awaitLog("not reloaded").awaitLog("culvert.toml:17: ");
        assertAllAnswered(tokyo.ping(birlinghoven, 5));
    }

    private int timesSaid(String text) throws IOException {
        return tokyo.daemon().said().split(Pattern.quote(text), -1).length - 1;
    }

    private void hangUp() throws Exception {
        Programs.run(List.of("kill", "-HUP", Long.toString(tokyo.daemon().pid())))
                .succeeded();
    }

    @Test
    void trialGoesBackByItselfUnlessConfirmed() throws Exception {
        Path config = tokyo.daemon().config();
        String text = Files.readString(config);
        Path tried =
                Files.writeString(config.resolveSibling("tried.toml"), text.replace("0:1640\"", "0:1650\"") + osaka());
        Status here = tokyo.status();
        Status there = birlinghoven.status();
        flood = Flood.start(tokyo, birlinghoven.site().host4(), folder.resolve("trial"));

        assertEquals(
                0,
                tokyo.daemon().ask("apply", tried.toString(), "--confirm", "2s").code());
        tokyo.daemon().awaitLog("not confirmed in time").awaitLog("info  back to ");
        assertFalse(tokyo.network().contains("10.7.0.0/24"), tokyo.network());
        Await.until(
                "birlinghoven follows back",
                Duration.ofSeconds(5),
                () -> birlinghoven.status().endpoint().equals("192.0.2.2:1640"));
        assertEquals(2, tokyo.daemon().ask("confirm").code(), "too late");

        assertEquals(
                0,
                tokyo.daemon()
                        .ask("apply", tried.toString(), "--confirm", "5min")
                        .code());
        assertTrue(tokyo.network().contains("10.7.0.0/24 dev culvert0"), tokyo.network());
        assertEquals(2, tokyo.daemon().ask("reload").code(), "a reload in a trial");
        assertEquals(0, tokyo.daemon().ask("revert").code());
        assertFalse(tokyo.network().contains("10.7.0.0/24"), tokyo.network());
        assertEquals(text, Files.readString(config));

        assertEquals(
                0,
                tokyo.daemon()
                        .ask("apply", tried.toString(), "--confirm", "5min")
                        .code());
        Finished confirm = tokyo.daemon().ask("confirm");
        assertEquals(0, confirm.code(), confirm.err());
        assertEquals(Files.readString(tried), Files.readString(config));
        assertEquals(text, Files.readString(config.resolveSibling("culvert.toml.before")));
        assertTrue(tokyo.network().contains("10.7.0.0/24 dev culvert0"), tokyo.network());
        assertNothingLost(here, there, flood.end());

        Files.writeString(tried, text.replace("endpoint ", "endpont "));
        Finished broken = tokyo.daemon().ask("apply", tried.toString(), "--confirm", "2s");
        assertEquals(2, broken.code(), broken.err());
        assertTrue(broken.err().contains("tried.toml:12: unknown key `endpont`"), broken.err());
    }

    @Test
    void whoMayAskForStatusMayNotReload() throws Exception {
        for (String name : List.of("status", "reload")) {
            List<String> command = new ArrayList<>(
                    List.of("setpriv", "--reuid=65534", "--regid=0", "--clear-groups", Product.CULVERT));
            Path socket = tokyo.daemon().config().resolveSibling("run").resolve("culvert.sock");
            command.addAll(List.of(name, "--control", socket.toString()));
            Finished asked = tokyo.gateway().run(command);
            if (name.equals("status")) {
                assertEquals(0, asked.code(), asked.err());
            } else {
                assertEquals(3, asked.code(), asked.err());
                assertTrue(asked.err().contains("only root may ask for /v1/reload"), asked.err());
            }
        }
    }

    /** By the gateways' own counters: each ping and each answer went through both, and nothing was dropped. */
    private void assertNothingLost(Status here, Status there, int pings) throws Exception {
        Await.until(
                pings + " answers are with tokyo",
                Duration.ofSeconds(5),
                () -> tokyo.status().since(here).receivedPackets() == pings);
        Status sent = tokyo.status().since(here);
        Status received = birlinghoven.status().since(there);
        assertEquals(pings, sent.sentPackets());
        assertEquals(pings, received.receivedPackets());
        assertEquals(pings, received.sentPackets());
        assertEquals(0, sent.allDrops(), sent.drops().toString());
        assertEquals(0, received.allDrops(), received.drops().toString());
        report("%d pings each way, none lost", pings);
    }

    /** Pings from tokyo's host to birlinghoven's, 500 a second, until it is told to end. */
    private static final class Flood implements AutoCloseable {
        private final Process process;
        private final Path said;

        private Flood(Process process, Path said) {
            this.process = process;
            this.said = said;
        }

        static Flood start(Office from, String to, Path said) throws Exception {
            Files.deleteIfExists(said);
            return new Flood(from.host().start(List.of("ping", "-n", "-i", "0.002", to), said), said);
        }

        /** @return how many were sent; all were answered, but the last one may have been on its way when it ended */
        int end() throws Exception {
            Programs.run(List.of("kill", "-INT", Long.toString(process.pid()))).succeeded();
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            var summary = SUMMARY.matcher(Files.readString(said));
            assertTrue(summary.find(), Files.readString(said));
            int sent = Integer.parseInt(summary.group(1));
            assertTrue(Integer.parseInt(summary.group(2)) >= sent - 1, Files.readString(said));
            return sent;
        }

        @Override
        public void close() {
            process.destroy();
        }
    }
}
