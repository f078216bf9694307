package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Frames;
import org.culvert.core.demo.Gateway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A gateway with a persistent TUN, and all that may happen to it, lets nothing leave in clear. Tokyo's gateway has a default route
 * to the WAN, so every packet that finds neither tunnel nor guard goes there: {@link #withoutTheGuardPacketsDoLeave} shows it.
 */
class FailClosedLabTest extends TwoSiteLab {
    /** Of nobody; no process of this machine has it. */
    private static final int USER = 64_640;

    private String untouched = "";

    private interface Event {
        /** @param lan what the gateway sees on its LAN meanwhile */
        void happens(Capture lan) throws Exception;
    }

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "setpriv/util-linux"};
    }

    @Override
    void prepare() throws Exception {
        untouched = tokyo.network();
    }

    /** The daemons run on from test to test; where one has left tokyo's stopped, all is made anew. */
    @BeforeEach
    void tokyoIsUpAndBothRun() throws Exception {
        if (!tokyo.daemon().running()) {
            configureBoth();
            Files.writeString(
                    tokyo.daemon().config(),
                    Files.readString(tokyo.daemon().config()) + "\n[tun]\npersistent = true\n");
            tokyo.daemon().ask("up").succeeded();
        }
        startBoth();
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        assertAllAnswered(tokyo.ping6(birlinghoven, 3));
    }

    @AfterEach
    void nothingIsLeftOfWhatWasStopped() throws Exception {
        if (!tokyo.daemon().running()) {
            nothingIsLeft();
        }
    }

    @AfterAll
    void nothingIsLeftAtTheEnd() throws Exception {
        if (!untouched.isEmpty()) {
            nothingIsLeft();
        }
    }

    /** The LAN sends more meanwhile than what waits for keys may be. */
    private void awaitKeys() throws Exception {
        Await.until(
                "tokyo has keys",
                Duration.ofSeconds(10),
                () -> tokyo.ping(birlinghoven, 1, "-W", "1").received() == 1);
    }

    private void nothingIsLeft() throws Exception {
        tokyo.daemon().close();
        tokyo.daemon().ask("down").succeeded();
        assertEquals(untouched, tokyo.network());
    }

    @Test
    void stopKillAndRestart() throws Exception {
        assertClosed(lan -> {
            assertEquals(0, tokyo.daemon().stop(), tokyo.daemon().said());
            moreComeFromTheLan(lan);
            List<String> standing = ourRoutes();
            tokyo.daemon().start().awaitReady();
            awaitKeys();
            assertAllAnswered(tokyo.ping(birlinghoven, 3));
            tokyo.daemon().kill();
            moreComeFromTheLan(lan);
            assertEquals(standing, ourRoutes());
            tokyo.daemon().start().awaitReady();
            awaitKeys();
            assertAllAnswered(tokyo.ping(birlinghoven, 3));
            assertAllAnswered(tokyo.ping6(birlinghoven, 3));
        });
    }

    @Test
    void tunSetDownAndUpAgainUnderTheDaemon() throws Exception {
        assertClosed(lan -> {
            tokyo.gateway().ip("link set culvert0 down");
            tokyo.daemon().awaitLog("culvert0 was set down");
            moreComeFromTheLan(lan);
            assertGuardsOnly();
            tokyo.gateway().ip("link set culvert0 up");
            awaitRoutes();
            assertAllAnswered(tokyo.ping(birlinghoven, 3));
            assertAllAnswered(tokyo.ping6(birlinghoven, 3));
        });
    }

    @Test
    void lanAddressRemovedAndAddedAgain() throws Exception {
        assertClosed(lan -> {
            renewLanAddresses();
            awaitRoutes();
            assertAllAnswered(tokyo.ping(birlinghoven, 3));
            assertAllAnswered(tokyo.ping6(birlinghoven, 3));
        });
    }

    /** With the address goes the LAN's own route: what the peer sends then must not leave by the default route. */
    @Test
    void whatThePeerSendsStaysInsideWhileTheLanHasNoAddress() throws Exception {
        assertClosed(lan -> {
            tokyo.gateway().ip("""
                    address delete 10.1.0.1/24 dev lan0
                    address delete fd00:1::1/64 dev lan0
                    """);
            Status before = tokyo.status();
            assertEquals(0, birlinghoven.ping(tokyo, 5, "-W", "1").received());
            assertEquals(0, birlinghoven.ping6(tokyo, 5, "-W", "1").received());
            assertTrue(tokyo.status().since(before).receivedPackets() >= 10, "they came out of the tunnel");
            tokyo.gateway().ip("""
                    address add 10.1.0.1/24 dev lan0
                    address add fd00:1::1/64 dev lan0 nodad
                    """);
            awaitRoutes();
            assertAllAnswered(birlinghoven.ping(tokyo, 3));
            assertAllAnswered(birlinghoven.ping6(tokyo, 3));
        });
    }

    /** With the address go the routes that prefer it as source, and no daemon restores them. */
    @Test
    void lanAddressRemovedAndAddedAgainWhileNoDaemonRuns() throws Exception {
        assertClosed(lan -> {
            tokyo.daemon().kill();
            renewLanAddresses();
            assertFalse(tokyo.network().contains("10.2.0.0/24 dev culvert0"), tokyo.network());
            moreComeFromTheLan(lan);
            tokyo.daemon().start().awaitReady();
            awaitKeys();
            assertAllAnswered(tokyo.ping(birlinghoven, 3));
        });
    }

    @Test
    void tunDeletedUnderTheDaemon() throws Exception {
        assertClosed(lan -> {
            tokyo.gateway().ip("link delete culvert0");
            assertEquals(3, tokyo.daemon().awaitEnd(), tokyo.daemon().said());
            assertTrue(
                    tokyo.daemon().said().contains("the TUN is gone"),
                    tokyo.daemon().said());
            moreComeFromTheLan(lan);
            assertGuardsOnly();
            tokyo.daemon().ask("up").succeeded();
            tokyo.daemon().start().awaitReady();
            awaitKeys();
            assertAllAnswered(tokyo.ping(birlinghoven, 3));
            assertAllAnswered(tokyo.ping6(birlinghoven, 3));
        });
    }

    /** The same packets in the same place, with one thing missing: else all of the above would hold without any guard. */
    @Test
    void withoutTheGuardPacketsDoLeave() throws Exception {
        tokyo.daemon().kill();
        renewLanAddresses();
        tokyo.gateway().ip("""
                route delete unreachable 10.2.0.0/24
                route delete fd00:2::/64 metric 50
                route delete unreachable fd00:2::/64
                """);
        try (Capture wan = Capture.start(sites.wan(), "tokyo")) {
            tokyo.ping(birlinghoven, 5);
            tokyo.ping6(birlinghoven, 5);
            wan.await(5, frame -> touches(frame, "10.2.0.0", 24));
            wan.await(5, frame -> touches(frame, "fd00:2::", 64));
        }
    }

    /** A daemon whose TUN is not persistent and was deleted cannot go on; what it closed stays closed, until a start or `down`. */
    @Test
    void tunThatIsNotPersistentDeletedUnderTheDaemon() throws Exception {
        tokyo.daemon().stop();
        tokyo.daemon().ask("down").succeeded();
        tokyo.reconfigure("persistent = true", "persistent = false");
        tokyo.daemon().start().awaitReady();
        assertClosed(lan -> {
            tokyo.gateway().ip("link delete culvert0");
            assertEquals(3, tokyo.daemon().awaitEnd(), tokyo.daemon().said());
            moreComeFromTheLan(lan);
        });
    }

    @Test
    void upMayBeRunAgainAlsoBesideTheDaemon() throws Exception {
        String before = tokyo.network();

        Finished beside = tokyo.daemon().ask("up").succeeded();

        assertTrue(beside.out().contains("in use by the daemon, all routes were there"), beside.out());
        assertTrue(beside.out().contains("10.2.0.0/24: only through culvert0"), beside.out());
        assertEquals(before, tokyo.network());
        tokyo.daemon().stop();
        List<String> standing = ourRoutes();
        Finished again = tokyo.daemon().ask("up").succeeded();
        assertTrue(again.out().contains("culvert0: persistent, all routes were there"), again.out());
        assertEquals(standing, ourRoutes());
    }

    @Test
    void upWantsAPersistentTunAndAUserThatThereIs() throws Exception {
        tokyo.reconfigure("persistent = true", "persistent = false");

        Finished up = tokyo.daemon().ask("up");

        assertEquals(2, up.code());
        assertTrue(up.err().matches("culvert: \\S+/culvert.toml:\\d+: the TUN is not persistent.*\n"), up.err());
        tokyo.reconfigure("persistent = false", "persistent = true");
        up = tokyo.daemon().ask("up", "--user", "no-such-user");
        assertEquals(2, up.code());
        assertEquals("culvert: --user: there is no user `no-such-user`\n", up.err());
    }

    @Test
    void downRemovesNothingThatIsInUseOrNotOurs() throws Exception {
        String before = tokyo.network();
        Finished running = tokyo.daemon().ask("down");
        assertEquals(3, running.code());
        assertEquals("culvert: culvert0: a daemon runs with it; stop that first\n", running.err());

        Files.writeString(
                tokyo.daemon().config(), Files.readString(tokyo.daemon().config()) + "name = \"lan0\"\n");
        Finished card = tokyo.daemon().ask("down");
        tokyo.reconfigure("name = \"lan0\"\n", "");
        assertEquals(3, card.code());
        assertEquals("culvert: lan0: is no TUN but a veth, so it is not ours to remove\n", card.err());
        assertEquals(before, tokyo.network());
    }

    @Test
    void guardsOfAFormerPeerGoAndThoseOfAnotherTunStay() throws Exception {
        tokyo.daemon().stop();
        String config = Files.readString(tokyo.daemon().config());
        tokyo.gateway().ip("route add unreachable 10.9.0.0/24 metric 4294901761 proto 148");
        Files.writeString(tokyo.daemon().config(), config.replaceAll("(?s)\\[\\[peer]].*?\\n\\[tun]", "[tun]"));

        tokyo.daemon().ask("up").succeeded();

        assertFalse(tokyo.network().contains("10.2.0.0/24"), tokyo.network());
        assertTrue(tokyo.network().contains("unreachable 10.9.0.0/24"), tokyo.network());
        tokyo.gateway().ip("route delete unreachable 10.9.0.0/24");
    }

    /** `up` has made everything; what it made, such a daemon can use but not repair. */
    @Test
    void daemonWithoutAnyCapability() throws Exception {
        tokyo.daemon().stop();
        Path home = Files.createTempDirectory("culvert-lab");
        try (Gateway powerless = new Gateway(powerless(home), tokyo.gateway(), home.resolve("tokyo"))) {
            powerlessUp(home);
            powerless.start().awaitReady();
            String capabilities = Files.readString(Path.of("/proc", Long.toString(powerless.pid()), "status"));
            assertTrue(capabilities.contains("CapEff:\t0000000000000000"), capabilities);
            assertClosed(lan -> {
                awaitKeys();
                assertAllAnswered(tokyo.ping(birlinghoven, 3));
                assertAllAnswered(tokyo.ping6(birlinghoven, 3));

                tokyo.gateway().ip("route delete 10.2.0.0/24 dev culvert0");
                assertEquals(3, powerless.awaitEnd(), powerless.said());
                assertTrue(
                        powerless.said().contains("without CAP_NET_ADMIN routes cannot be added; run `culvert up`"),
                        powerless.said());
                moreComeFromTheLan(lan);

                powerlessUp(home);
                powerless.start().awaitReady();
                awaitKeys();
                assertAllAnswered(tokyo.ping(birlinghoven, 3));
                assertEquals(0, powerless.stop(), powerless.said());
                moreComeFromTheLan(lan);
            });
        } finally {
            Product.deleteTree(home);
        }
    }

    /** A copy of what the daemon reads, as its user's, and a script that starts it as that user, wherever the product lies. */
    private String powerless(Path home) throws Exception {
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        tokyo.gateway()
                .run(
                        "cp",
                        "-r",
                        folder.resolve("ca").toString(),
                        folder.resolve("birlinghoven").toString(),
                        folder.resolve("tokyo").toString(),
                        home.toString())
                .succeeded();
        Path config = home.resolve("tokyo/culvert.toml");
        Files.writeString(config, Files.readString(config).replace(folder.toString(), home.toString()));
        tokyo.gateway().run("chown", "-R", USER + ":" + USER, home.toString()).succeeded();
        Path script = home.resolve("culvert");
        Files.writeString(script, """
                #!/bin/sh
                mount --bind '%s' /mnt # of this namespace of mounts, which `ip netns exec` made
                exec setpriv --reuid %d --regid %2$d --clear-groups --inh-caps=-all --bounding-set=-all /mnt/bin/culvert "$@"
                """.formatted(Product.DIST, USER));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return script.toString();
    }

    /** As root, for the owner of the key. */
    private void powerlessUp(Path home) throws IOException {
        String config = home.resolve("tokyo/culvert.toml").toString();
        tokyo.gateway().run(Product.CULVERT, "up", "--config", config).succeeded();
    }

    // What happens, and what is seen of it

    /** Lets something happen while the LAN goes on sending to the peer's, and sees that packets came but none went out in clear. */
    private void assertClosed(Event event) throws Exception {
        Path log = folder.resolve("pings");
        try (Capture wan = Capture.start(sites.wan(), "tokyo");
                Capture lan = Capture.start(tokyo.gateway(), "lan0")) {
            Process stream = tokyo.host().start(List.of("ping", "-n", "-i", "0.002", "10.2.0.12"), log);
            Process stream6 = tokyo.host().start(List.of("ping", "-n", "-i", "0.002", "fd00:2::12"), log);
            try {
                lan.await(10, frame -> touches(frame, "10.2.0.0", 24));
                lan.await(10, frame -> touches(frame, "fd00:2::", 64));
                event.happens(lan);
            } finally {
                stream.destroy();
                stream6.destroy();
            }
            assertNoClearFrames(wan.stop());
        }
    }

    private static boolean touches(byte[] frame, String network, int bits) {
        try {
            return Frames.touches(frame, InetAddress.getByName(network), bits);
        } catch (IOException e) {
            throw new IllegalArgumentException(network, e);
        }
    }

    /** Until the LAN has sent more, and the gateway has had them all to decide about. */
    private static void moreComeFromTheLan(Capture lan) throws Exception {
        lan.await(lan.frames().size() + 40, frame -> true);
    }

    /** That nobody holds the TUN the kernel notices somewhat later; it is all that may change. */
    private List<String> ourRoutes() throws IOException {
        return tokyo.network()
                .lines()
                .filter(line -> line.contains("proto 148"))
                .map(line -> line.replace(" linkdown", ""))
                .toList();
    }

    private void assertGuardsOnly() throws IOException {
        String network = tokyo.network();
        assertTrue(network.contains("unreachable 10.2.0.0/24"), network);
        assertTrue(network.contains("unreachable fd00:2::/64"), network);
        assertFalse(network.contains("10.2.0.0/24 dev culvert0"), network);
        assertFalse(network.contains("fd00:2::/64 dev culvert0"), network);
    }

    private void awaitRoutes() throws Exception {
        Await.until(
                "routes restored",
                Duration.ofSeconds(5),
                () -> tokyo.network().contains("10.2.0.0/24 dev culvert0 proto 148 scope link src 10.1.0.1")
                        && tokyo.network().contains("fd00:2::/64 dev culvert0"));
    }

    private void renewLanAddresses() throws IOException {
        tokyo.gateway().ip("""
                address delete 10.1.0.1/24 dev lan0
                address delete fd00:1::1/64 dev lan0
                address add 10.1.0.1/24 dev lan0
                address add fd00:1::1/64 dev lan0 nodad
                """);
    }
}
