package org.culvert.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.culvert.keymgmt.Prefix;
import org.junit.jupiter.api.Test;

/** conf/culvert.toml is installed on every gateway and is the reference of all keys. */
class SampleConfigTest {
    private static final Path SAMPLE = Path.of("../conf/culvert.toml");
    private static final Pattern COMMENTED_KEY = Pattern.compile("(?m)^# ([a-z-]+ = |\\[\\[)");

    @Test
    void loads() throws Exception {
        assertEquals(1, ConfigFile.load(SAMPLE).peers().size());
    }

    @Test
    void showsEveryKey() throws Exception {
        String text = uncommented();
        for (Table table : EnumSet.complementOf(EnumSet.of(Table.SITE))) {
            String section = text.substring(text.indexOf("\n" + table.head()) + 1);
            int next = section.indexOf("\n[");
            String own = next < 0 ? section : section.substring(0, next);
            for (String key : table.keys()) {
                assertTrue(Pattern.compile("(?m)^" + key + " = ").matcher(own).find(), table.head() + " " + key);
            }
        }
    }

    /** What is commented out is the default, but for the examples, which have none. */
    @Test
    void showsTheDefaults() throws Exception {
        GatewayConfig plain = ConfigFile.load(SAMPLE);
        GatewayConfig spelt = ConfigFile.load(SAMPLE, uncommented(), new Findings(SAMPLE));
        assertEquals(Optional.of(SAMPLE.toAbsolutePath().resolveSibling("ca.crl")), spelt.crl());
        assertEquals(OptionalInt.of(1420), spelt.tun().mtuBytes());
        PeerConfig peer = spelt.peers().getFirst();
        assertEquals(List.of(Prefix.parse("10.2.0.0/24")), peer.networks());
        assertEquals(plain, withoutExamples(spelt, plain));
    }

    private static GatewayConfig withoutExamples(GatewayConfig c, GatewayConfig plain) {
        PeerConfig p = c.peers().getFirst();
        return new GatewayConfig(
                c.file(),
                c.keys(),
                c.certificates(),
                c.trust(),
                Optional.empty(),
                c.refusesStaleCrl(),
                c.listen(),
                c.control(),
                new TunConfig(
                        c.tun().name(),
                        OptionalInt.empty(),
                        c.tun().persistent(),
                        c.tun().offloads(),
                        c.tun().queues(),
                        c.tun().lines()),
                List.of(new PeerConfig(
                        p.name(),
                        p.certificates(),
                        List.of(),
                        p.endpoints(),
                        p.suites(),
                        List.of(),
                        p.trafficKey(),
                        p.forwardSecrecy(),
                        Optional.empty(),
                        p.manner(),
                        p.compresses(),
                        p.lines())),
                c.cipherBackend(),
                c.state(),
                c.transit(),
                Optional.empty(),
                c.dscp(),
                c.discovery(),
                c.epochNs(),
                plain.policy(),
                HooksConfig.NONE,
                List.of(),
                c.lines());
    }

    private static String uncommented() throws Exception {
        return COMMENTED_KEY.matcher(Files.readString(SAMPLE)).replaceAll("$1");
    }
}
