package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.culvert.core.demo.Await;
import org.culvert.core.lab.AdvisedRules;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.ThreatReport;
import org.culvert.core.lab.UdpPlace;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Somebody on the WAN takes an address of tokyo's LAN and sends to birlinghoven's in clear, while Culvert runs. HijackLabTest has the
 * strict filter by reverse path against it, which there is for IPv4; here are the firewall rules of doc/threats.md, for both families.
 */
class ClearPacketLabTest extends CrossingLab {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final byte[] FORGED = "pay 9000".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TRUE = "pay 10".getBytes(StandardCharsets.US_ASCII);

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping", "nft/nftables");
    }

    @Override
    protected void serve() throws Exception {
        sites.wan().ip("""
                address add 10.1.0.11/32 dev lo
                address add fd00:1::11/128 dev lo nodad
                route add fd00:2::/64 via 2001:db8:2::2
                """);
    }

    @ParameterizedTest
    @CsvSource({"10.1.0.11, 10.2.0.12", "fd00:1::11, fd00:2::12"})
    void isBelievedWithoutARule(String source, String victim) throws Exception {
        startBoth();
        try (UdpPlace there = UdpPlace.open(birlinghoven.host(), victim);
                UdpPlace attacker = UdpPlace.open(sites.wan(), source)) {
            attacker.send(FORGED, there.address());
            assertArrayEquals(FORGED, there.receive());
        }
    }

    @ParameterizedTest
    @CsvSource({"10.1.0.11, 10.2.0.12", "fd00:1::11, fd00:2::12"})
    void isRefusedByTheAdvisedRulesWhetherADaemonRunsOrNot(String source, String victim) throws Exception {
        startBoth();
        awaitReached();
        AdvisedRules rules = new AdvisedRules(birlinghoven.gateway(), "culvert-clear", folder);
        rules.load();
        try (UdpPlace there = UdpPlace.open(birlinghoven.host(), victim);
                UdpPlace attacker = UdpPlace.open(sites.wan(), source);
                UdpPlace rightful = UdpPlace.open(tokyo.host(), source)) {
            assertRefused(rules, attacker, there.address(), 0);
            rightful.send(TRUE, there.address());
            assertArrayEquals(TRUE, there.receive());
            ThreatReport.kept("a forged source, in clear: 1 counted by the rules", tokyo.ping(birlinghoven, 20));

            birlinghoven.daemon().kill();
            assertRefused(rules, attacker, there.address(), 1);
            assertEquals(Optional.empty(), there.waiting());
        } finally {
            rules.unload();
        }
    }

    /** @param rule which of those that count, from 0 */
    private static void assertRefused(AdvisedRules rules, UdpPlace attacker, InetSocketAddress victim, int rule)
            throws Exception {
        long before = rules.counted()[rule];
        attacker.send(FORGED, victim);
        Await.until("counted by the rules", SOON, () -> rules.counted()[rule] == before + 1);
    }
}
