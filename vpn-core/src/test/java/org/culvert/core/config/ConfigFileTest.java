package org.culvert.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.culvert.core.crypto.Suite;
import org.culvert.keymgmt.Prefix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
    private static final String GATEWAY = """
            [gateway]
            key = "host.key"
            certificate = "host.crt"
            trust = "ca.crt"
            """;

    private static final String FULL = """
            [gateway]
            key            = "keys/host.key"
            certificate    = "/etc/culvert/host.crt"
            trust          = "../ca.crt"
            crl            = "ca.crl"
            listen         = "[::]:1641"
            control        = "run/tokyo.sock"
            state          = "/srv/tokyo.state"
            transit        = true
            cipher-backend = "ipsec-mb"

            [tun]
            name       = "to-osaka.7"
            mtu        = 1404
            persistent = true
            offloads   = "tcp"
            queues     = 3

            [[peer]]
            name        = "birlinghoven"
            certificate = "peers/birlinghoven.crt"
            endpoint    = "[2001:db8::2]:1642"
            suites      = ["chacha20-poly1305", "aes-128-gmac"]
            networks    = ["10.2.0.0/24", "2001:db8:2::/48"]
            traffic-key = "250 packets"

            [[peer]]
            name        = "gw.osaka"
            certificate = "peers/osaka.crt"
            endpoint    = ["gw.osaka.example:1643", "192.0.2.7:1640"]
            networks    = ["10.2.0.128/25"]
            traffic-key = "20 s"
            """;

    @TempDir
    Path folder;

    @Test
    void readsEveryKey() throws Exception {
        GatewayConfig config = load(FULL);
        assertEquals(folder.resolve("culvert.toml"), config.file());
        assertEquals(List.of(folder.resolve("keys/host.key")), config.keys());
        assertEquals(List.of(Path.of("/etc/culvert/host.crt")), config.certificates());
        assertEquals(Optional.of(folder.resolve("../ca.crt")), config.trust());
        assertEquals(Optional.of(folder.resolve("ca.crl")), config.crl());
        assertEquals(new InetSocketAddress(InetAddress.ofLiteral("::"), 1641), config.listen());
        assertEquals(folder.resolve("run/tokyo.sock"), config.control());
        assertEquals(Path.of("/srv/tokyo.state"), config.state());
        assertTrue(config.transit());
        assertEquals("ipsec-mb", config.cipherBackend());
        assertEquals("to-osaka.7", config.tun().name());
        assertEquals(OptionalInt.of(1404), config.tun().mtuBytes());
        assertTrue(config.tun().persistent());
        assertEquals(Offloads.TCP, config.tun().offloads());
        assertEquals(3, config.tun().queues());
        assertEquals(
                List.of("birlinghoven", "gw.osaka"),
                config.peers().stream().map(PeerConfig::name).toList());
        PeerConfig first = config.peers().getFirst();
        assertEquals(List.of(folder.resolve("peers/birlinghoven.crt")), first.certificates());
        assertEquals("[2001:db8::2]:1642", first.endpoints().getFirst().toString());
        assertTrue(first.endpoints().getFirst().isLiteral());
        assertEquals(List.of(Suite.CHACHA20_POLY1305, Suite.AES_128_GMAC), first.suites());
        assertEquals(List.of(Prefix.parse("10.2.0.0/24"), Prefix.parse("2001:db8:2::/48")), first.networks());
        assertEquals(250, first.trafficKey().packets());
        PeerConfig second = config.peers().getLast();
        assertEquals(
                List.of(new EndpointConfig("gw.osaka.example", 1643), new EndpointConfig("192.0.2.7", 1640)),
                second.endpoints());
        assertFalse(second.endpoints().getFirst().isLiteral());
        assertEquals(20_000_000_000L, second.trafficKey().lifetimeNs());
    }

    @Test
    void hasDefaultsForWhatIsLeftOut() throws Exception {
        GatewayConfig config = load(GATEWAY + """
                [[peer]]
                name = "osaka"
                certificate = "osaka.crt"
                """);
        assertEquals(Optional.empty(), config.crl());
        assertEquals(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 1640), config.listen());
        assertEquals(Path.of("/run/culvert/culvert.sock"), config.control());
        assertEquals(Path.of("/var/lib/culvert/culvert0.state"), config.state());
        assertFalse(config.transit());
        assertEquals("auto", config.cipherBackend());
        assertEquals("culvert0", config.tun().name());
        assertEquals(OptionalInt.empty(), config.tun().mtuBytes());
        assertFalse(config.tun().persistent());
        assertEquals(Offloads.AUTO, config.tun().offloads());
        assertEquals(1, config.tun().queues());
        PeerConfig peer = config.peers().getFirst();
        assertEquals(List.of(), peer.endpoints());
        assertEquals(List.of(Suite.AES_128_GCM), peer.suites());
        assertEquals(List.of(), peer.networks());
        assertTrue(peer.trafficKey().everyPacket());
    }

    @Test
    void queuesFollowTheCoresWhereThatIsAskedFor() throws Exception {
        int auto = load(GATEWAY + "[tun]\nqueues = \"auto\"\n").tun().queues();
        assertEquals(Values.queuesFor(Runtime.getRuntime().availableProcessors()), auto);
        assertEquals(1, Values.queuesFor(1));
        assertEquals(1, Values.queuesFor(2));
        assertEquals(2, Values.queuesFor(4));
        assertEquals(8, Values.queuesFor(64));
        for (String bad : List.of("0", "17", "-1", "\"many\"", "\"\"")) {
            assertThrows(ConfigException.class, () -> load(GATEWAY + "[tun]\nqueues = " + bad + "\n"), bad);
        }
    }

    @Test
    void namesTheStateFileAfterTheTunDevice() throws Exception {
        GatewayConfig config = load(GATEWAY + "[tun]\nname = \"culvert7\"\n");
        assertEquals(Path.of("/var/lib/culvert/culvert7.state"), config.state());
    }

    @Test
    void needsNoPeer() throws Exception {
        assertEquals(List.of(), load(GATEWAY).peers());
    }

    /** The longest prefix wins, so a branch may lie inside what the head office speaks for. */
    @Test
    void letsANetworkLieInsideThatOfAnotherPeer() throws Exception {
        assertEquals(2, load(FULL).peers().size());
    }

    @Test
    void takesOtherWaysToWriteTheSameToml() throws Exception {
        GatewayConfig inline = load("""
                gateway = { key = 'host.key', certificate = 'host.crt', trust = 'ca.crt' }
                tun.name = "culvert3"
                peer = [
                    { name = 'osaka', certificate = 'osaka.crt' },
                    { name = 'kyoto', certificate = 'kyoto.crt', networks = [] }, # no
                ]
                """.replace(", networks = []", "").replace("# no", ""));
        assertEquals("culvert3", inline.tun().name());
        assertEquals(2, inline.peers().size());
        assertEquals(5, inline.peers().getLast().lines().of("certificate"));
    }

    @Test
    void knowsTheLineOfEveryKey() throws Exception {
        GatewayConfig config = load(FULL);
        assertEquals(3, config.lines().of("certificate"));
        assertEquals(1, config.lines().of("no-such-key"), "the head of the table");
        assertEquals(14, config.tun().lines().of("mtu"));
        assertEquals(19, config.peers().getFirst().lines().of("no-such-key"));
        PeerConfig osaka = config.peers().getLast();
        assertEquals(
                config.file() + ":29: the certificate expired on 2026-03-04; ask for a new one",
                config.finding(osaka, "certificate", "the certificate expired on 2026-03-04", "ask for a new one")
                        .toString());
        assertEquals(
                config.file() + ":2: readable by others; chmod 600 host.key",
                config.finding("key", "readable by others", "chmod 600 host.key")
                        .toString());
    }

    /** A reload must not take a peer for another one because a comment was added above it. */
    @Test
    void comparesByWhatIsConfiguredAndNotWhere() throws Exception {
        List<PeerConfig> before = load(FULL).peers();
        assertEquals(before, load("# a comment\n\n" + FULL).peers());
        assertNotEquals(before, load(FULL.replace("1643", "1644")).peers());
    }

    @Test
    void findsTheControlSocketOfAConfigurationThatIsHalfWayThroughAChange() throws Exception {
        Path file = write("""
                [gateway]
                control = "run/tokyo.sock"
                colour = "green"
                [[peer]]
                """);
        assertEquals(folder.resolve("run/tokyo.sock"), ConfigFile.control(file));
        assertThrows(ConfigException.class, () -> ConfigFile.load(file));
        assertEquals(ConfigFile.DEFAULT_CONTROL, ConfigFile.control(write(GATEWAY)));
    }

    @Test
    void doesNotGuessTheControlSocket() throws Exception {
        Path wrong = write("[gateway]\ncontrol = 7\n");
        assertEquals(
                wrong + ":2: `control` is a number, not text; write control = \"/run/culvert/culvert.sock\"",
                assertThrows(ConfigException.class, () -> ConfigFile.control(wrong))
                        .getMessage());
        Path unread = write("[gateway]\ncontrol = run/tokyo.sock\n");
        assertThrows(ConfigException.class, () -> ConfigFile.control(unread));
    }

    @Test
    void resolvesPathsAgainstTheFileAndNotTheCurrentFolder() throws Exception {
        Path relative = Path.of("").toAbsolutePath().relativize(write(GATEWAY).toAbsolutePath());
        assertEquals(
                folder.toRealPath().resolve("host.key"),
                ConfigFile.load(relative).keys().getFirst().normalize());
    }

    private GatewayConfig load(String text) throws Exception {
        return ConfigFile.load(write(text));
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("culvert.toml"), text);
    }
}
