package org.culvert.core.why;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.culvert.keymgmt.Prefix;
import org.junit.jupiter.api.Test;

class WhyTest {
    private final TokyoSurroundings here = new TokyoSurroundings();

    @Test
    void packetFromTheLanPassesWithItsAnswers() {
        Verdict verdict = here.why("10.1.0.5", "10.2.0.9", Optional.of("tcp"), OptionalInt.of(443));
        assertTrue(verdict.passes(), verdict.sentence());
        assertEquals("10.1.0.5 -> 10.2.0.9 tcp 443 passes, and so do the answers", verdict.sentence());
        assertEquals(
                List.of(true, false), verdict.ways().stream().map(Way::outbound).toList());
        assertEquals("10.2.0.9 -> 10.1.0.5 tcp", verdict.ways().get(1).passage().toString());
        assertEquals(
                List.of(
                        "route",
                        "forwarding",
                        "peer",
                        "own networks",
                        "certificate",
                        "endpoint",
                        "mtu",
                        "policy",
                        "counters"),
                verdict.ways().getFirst().steps().stream().map(Step::name).toList());
        assertTrue(step(verdict, 0, "counters").text().endsWith("dropped: tx_source 6"));
        assertTrue(step(verdict, 1, "counters").text().endsWith("dropped: replay 5"));
    }

    @Test
    void packetFromThePeerIsCheckedInboundFirst() {
        Verdict verdict = here.why("10.2.0.9", "10.1.0.5");
        assertTrue(verdict.passes(), verdict.sentence());
        assertEquals(
                List.of(false, true), verdict.ways().stream().map(Way::outbound).toList());
    }

    @Test
    void routeThatLeadsElsewhereStopsIt() {
        here.interfaces.put("10.2.0.9", "wan0");
        refused(here.why("10.1.0.5", "10.2.0.9"), 0, "route", "through wan0, not through culvert0");
    }

    @Test
    void guardRouteStopsIt() {
        here.interfaces.remove("10.2.0.9");
        refused(here.why("10.1.0.5", "10.2.0.9"), 0, "route", "guard route");
    }

    @Test
    void sourceOutsideTheOwnCertificateStopsIt() {
        refused(here.why("192.168.7.5", "10.2.0.9"), 0, "own networks", "tx_source");
    }

    @Test
    void destinationOfNobodyStopsIt() {
        here.interfaces.put("10.9.0.1", "wan0");
        refused(here.why("10.1.0.5", "10.9.0.1"), 0, "peer", "no peer's networks contain 10.9.0.1");
        refused(here.why("10.1.0.5", "10.1.0.7"), 0, "peer", "our own networks");
    }

    @Test
    void networkThatTheConfigurationLeavesOutIsNamed() {
        refused(here.why("10.1.0.5", "10.22.0.1"), 0, "peer", "[[peer]] networks leaves it out");
        here.networks = List.<Prefix>of();
        here.problems = List.of("signed by another CA");
        refused(here.why("10.1.0.5", "10.2.0.9"), 0, "peer", "signed by another CA");
    }

    @Test
    void peerThatIsDownStopsBothWays() {
        here.problems = List.of("its certificate expired");
        Verdict verdict = here.why("10.1.0.5", "10.2.0.9");
        refused(verdict, 0, "certificate", "birlinghoven is down: its certificate expired");
        refused(verdict, 1, "certificate", "its certificate expired");
        here.problems = List.of();
        here.ownProblems = List.of("our certificate expired");
        refused(here.why("10.1.0.5", "10.2.0.9"), 0, "certificate", "our certificate expired");
    }

    @Test
    void keysThatThePeerDoesNotHaveStopBothWays() {
        here.keyRemark = "it sends under keys that are not those here";
        Verdict verdict = here.why("10.1.0.5", "10.2.0.9");
        refused(verdict, 0, "keys", "birlinghoven: it sends under keys");
        refused(verdict, 1, "keys", "it sends under keys");
    }

    @Test
    void unknownEndpointStopsIt() {
        here.endpoint = Optional.empty();
        refused(here.why("10.1.0.5", "10.2.0.9"), 0, "endpoint", "tx_no_endpoint");
    }

    @Test
    void endpointInsideTheTunnelStopsIt() {
        here.interfaces.put("198.51.100.2", "culvert0");
        refused(here.why("10.1.0.5", "10.2.0.9"), 0, "endpoint", "is routed into the tunnel itself");
        here.interfaces.remove("198.51.100.2");
        refused(here.why("10.1.0.5", "10.2.0.9"), 0, "endpoint", "no route");
    }

    @Test
    void forwardingMattersForHostsAndNotForTheGatewayItself() {
        here.forwardsIpv4 = false;
        refused(here.why("10.1.0.5", "10.2.0.9"), 0, "forwarding", "sysctl -w net.ipv4.ip_forward=1");
        assertTrue(here.why("10.1.0.1", "10.2.0.9").passes());
        here.forwardsIpv6 = false;
        here.interfaces.put("fd00:1::5", "lan0");
        refused(here.why("fd00:1::5", "fd00:2::9"), 0, "forwarding", "net.ipv6.conf.all.forwarding=1");
    }

    @Test
    void answersThatDoNotComeBackAreARefusal() {
        here.interfaces.remove("10.1.0.5");
        Verdict verdict = here.why("10.1.0.5", "10.2.0.9");
        refused(verdict, 1, "route", "no route to 10.1.0.5");
        assertTrue(verdict.sentence().contains("passes, but the answers do not"), verdict.sentence());
    }

    @Test
    void destinationThatIsNotOursStopsWhatComesIn() {
        here.interfaces.put("192.168.7.5", "lan0");
        refused(here.why("10.2.0.9", "192.168.7.5"), 0, "own networks", "not_for_us");
    }

    @Test
    void strictReversePathStopsWhatWouldNotGoBackIntoTheTunnel() {
        here.strict = true;
        assertTrue(here.why("10.2.0.9", "10.1.0.5").passes());
        here.interfaces.put("10.2.0.9", "wan0");
        refused(here.why("10.2.0.9", "10.1.0.5"), 0, "reverse path", "rp_filter");
        here.strict = false;
        assertTrue(here.why("10.2.0.9", "10.1.0.5").ways().getFirst().passes());
    }

    @Test
    void packetBetweenTwoPeersNeedsTransit() {
        here.interfaces.put("10.3.0.9", "culvert0");
        refused(here.why("10.2.0.9", "10.3.0.9"), 0, "own networks", "not_for_us");
        here.transit = true;
        assertTrue(here.why("10.2.0.9", "10.3.0.9").passes());
    }

    @Test
    void policyDecidesInItsPlace() {
        here.policy = (passage, peer, outbound) ->
                outbound ? Step.no("policy", "no rule allows it to " + peer) : Step.ok("policy", "rule 1");
        refused(here.why("10.1.0.5", "10.2.0.9"), 0, "policy", "no rule allows it to birlinghoven");
    }

    @Test
    void textMarksWhatDoesNotPass() {
        here.interfaces.put("10.2.0.9", "wan0");
        String text = WhyText.of(here.why("10.1.0.5", "10.2.0.9"));
        assertTrue(text.startsWith("10.1.0.5 -> 10.2.0.9 does not pass: the kernel sends 10.2.0.9"), text);
        assertTrue(
                text.contains(
                        "\n10.1.0.5 -> 10.2.0.9, into the tunnel to birlinghoven\n  NO  route          the kernel"),
                text);
        assertTrue(
                text.contains("\n10.2.0.9 -> 10.1.0.5, out of the tunnel from birlinghoven\n  ok  certificate    both"),
                text);
        assertTrue(text.lines().allMatch(line -> line.length() <= 80), text);
    }

    @Test
    void jsonHasTheDocumentedFields() throws IOException {
        JsonNode json = new ObjectMapper()
                .readTree(WhyJson.of(here.why("10.1.0.5", "10.2.0.9", Optional.of("udp"), OptionalInt.of(53))));
        assertEquals("culvert.why/1", json.path("schema").asText());
        assertEquals("10.1.0.5", json.path("source").asText());
        assertEquals("udp", json.path("protocol").asText());
        assertEquals(53, json.path("port").asInt());
        assertTrue(json.path("passes").asBoolean());
        assertEquals("outbound", json.at("/ways/0/direction").asText());
        assertEquals("birlinghoven", json.at("/ways/0/peer").asText());
        assertEquals("route", json.at("/ways/0/steps/0/name").asText());
        assertTrue(json.at("/ways/0/steps/0/passes").asBoolean());
        assertTrue(new ObjectMapper()
                .readTree(WhyJson.of(here.why("10.1.0.5", "10.2.0.9")))
                .path("port")
                .isNull());
    }

    @Test
    void refusesWhatIsNoPacket() {
        assertThrows(IllegalArgumentException.class, () -> here.why("10.1.0.5", "fd00:2::9"));
        assertThrows(
                IllegalArgumentException.class,
                () -> here.why("10.1.0.5", "10.2.0.9", Optional.of("icmp"), OptionalInt.of(7)));
        assertThrows(IllegalArgumentException.class, () -> Passage.Protocol.of("256"));
        assertThrows(IllegalArgumentException.class, () -> Passage.Protocol.of("tcpip"));
    }

    private static void refused(Verdict verdict, int way, String step, String says) {
        assertFalse(verdict.passes());
        Step refused = step(verdict, way, step);
        assertFalse(refused.passes(), step + ": " + refused.text());
        assertTrue(refused.text().contains(says), refused.text());
    }

    private static Step step(Verdict verdict, int way, String name) {
        return verdict.ways().get(way).steps().stream()
                .filter(step -> step.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
