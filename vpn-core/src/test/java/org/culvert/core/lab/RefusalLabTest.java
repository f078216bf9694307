package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.culvert.core.demo.Await;
import org.culvert.core.lab.threats.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What birlinghoven refuses of tokyo's is said on both sides, in log and status, with the same numbers and addresses. */
class RefusalLabTest extends TwoSiteLab {
    private static final String[] SMALL = {"-W", "1"};
    private static final String[] LONG_AND_ALL_THE_SAME = {"-W", "1", "-s", "1000", "-p", "61"};
    private static final Duration SOON = Duration.ofSeconds(20);

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "faketime"};
    }

    @Override
    void prepare() throws Exception {}

    @AfterEach
    void stop() throws Exception {
        tokyo.daemon().close();
        birlinghoven.daemon().close();
    }

    private void linkWith(String peerKeys, String tables) throws Exception {
        configureBoth();
        birlinghoven.reconfigure("[[peer]]\n", "[[peer]]\n" + peerKeys + "\n");
        birlinghoven.reconfigure("[gateway]\n", tables + "[gateway]\n");
        startBoth();
    }

    private void assertSaidOnBothSides(String code, String ours, String theirs) throws Exception {
        assertSaidOnBothSides(code, ours, theirs, SMALL);
    }

    private void assertSaidOnBothSides(String code, String ours, String theirs, String... packets) throws Exception {
        assertEquals(0, tokyo.ping(birlinghoven, 2, packets).received(), "it was not refused");
        Await.until("tokyo is told", SOON, () -> !refusal(tokyo, code).isMissingNode());
        Await.until(
                "birlinghoven knows", SOON, () -> !refusal(birlinghoven, code).isMissingNode());

        assertEquals("peer", refusal(tokyo, code).path("by").asText());
        assertEquals(theirs, refusal(tokyo, code).path("text").asText());
        assertEquals("us", refusal(birlinghoven, code).path("by").asText());
        assertEquals(ours, refusal(birlinghoven, code).path("text").asText());
        tokyo.daemon().awaitLog("peer birlinghoven refuses what we send: " + theirs);
        birlinghoven.daemon().awaitLog("peer tokyo: " + ours + "; it is told");
        assertTrue(tokyo.daemon().ask("status").succeeded().out().contains("by the peer, "));
    }

    private static JsonNode refusal(Office office, String code) throws Exception {
        return office.refusal(0, code);
    }

    @Test
    void sourceOutsideTheNetworks() throws Exception {
        linkWith("networks = [\"10.1.0.128/25\"]", "");

        assertSaidOnBothSides(
                "inner_source",
                "source 10.1.0.11 is outside its networks",
                "source 10.1.0.11 is outside our networks, as it knows them");
    }

    @Test
    void suiteThatIsNotAccepted() throws Exception {
        linkWith("suites = [\"aes-256-gcm\"]", "");
        tokyo.daemon().stop();
        tokyo.reconfigure("[[peer]]\n", "[[peer]]\nsuites = [\"aes-128-gmac\", \"aes-256-gcm\"]\n");
        tokyo.daemon().start().awaitReady();

        assertSaidOnBothSides(
                "suite",
                "it sends aes-128-gmac, which [[peer]] suites does not accept",
                "it does not accept aes-128-gmac; the first of [[peer]] suites is what is sent");
    }

    @Test
    void compressionAtOneSideOnly() throws Exception {
        configureBoth();
        tokyo.reconfigure("[[peer]]\n", "[[peer]]\ncompression = \"zstd\"\n");
        startBoth();
        awaitReached(); // such small packets go as they are

        assertSaidOnBothSides(
                "compressed",
                "it compresses, and here [[peer]] compression is off",
                "we compress, and there compression is off; [[peer]] compression must be on at both",
                LONG_AND_ALL_THE_SAME);
    }

    /** Tokyo's clock is 412 s ahead, from which the time on the way is taken or to which it is added; both are in the last month of both certificates. */
    @Test
    @Tag("nightly")
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void clockAndCertificateThatEnds() throws Exception {
        Office[] before = {tokyo, birlinghoven};
        try {
            configureBoth();
            tokyo = inElevenMonths(tokyo, 412);
            birlinghoven = inElevenMonths(birlinghoven, 0);
            startBoth();
            awaitReached();

            assertSaid(birlinghoven, "us", "clock", "its clock is 4[01]\\d s ahead");
            assertSaid(tokyo, "peer", "clock", "our clock is 4[01]\\d s ahead, by its own");
            assertSaid(tokyo, "us", "clock", "its clock is 4[12]\\d s behind");
            assertSaid(birlinghoven, "peer", "clock", "our clock is 4[12]\\d s behind, by its own");
            assertSaid(birlinghoven, "us", "certificate_ends", "its certificate ends in 2\\d days");
            assertSaid(tokyo, "peer", "certificate_ends", "our certificate ends in 2\\d days");
        } finally {
            stop();
            tokyo = before[0];
            birlinghoven = before[1];
        }
    }

    private Office inElevenMonths(Office office, int secondsMore) throws Exception {
        Clock clock = new Clock(folder, office.name() + "-clock");
        clock.set("+" + (340 * 86_400 + secondsMore));
        return clock.readBy(office);
    }

    private static void assertSaid(Office office, String by, String code, String text) throws Exception {
        Await.until(
                office.name() + ": " + text,
                SOON,
                () -> refusals(office)
                        .anyMatch(refusal -> refusal.path("by").asText().equals(by)
                                && refusal.path("code").asText().equals(code)
                                && refusal.path("text").asText().matches(text)));
        String logged = (by.equals("us") ? "peer \\w+: " : "peer \\w+ refuses what we send: ") + text;
        assertTrue(
                Pattern.compile(logged).matcher(office.daemon().said()).find(),
                office.daemon().said());
    }

    private static Stream<JsonNode> refusals(Office office) throws Exception {
        return StreamSupport.stream(office.peerStatus().path("refusals").spliterator(), false);
    }

    @Test
    void policy() throws Exception {
        linkWith("default-policy = \"deny\"", "[[allow]]\nname = \"telnet\"\nprotocols = [\"tcp\"]\nports = [23]\n\n");

        assertSaidOnBothSides(
                "policy",
                "no rule allows ICMP from 10.1.0.11 to 10.2.0.12",
                "no rule there allows ICMP from 10.1.0.11 to 10.2.0.12");
    }
}
