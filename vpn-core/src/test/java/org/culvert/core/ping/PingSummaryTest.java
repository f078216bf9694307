package org.culvert.core.ping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.culvert.core.ping.PingEvent.Answered;
import org.culvert.core.ping.PingEvent.Began;
import org.culvert.core.ping.PingEvent.Silent;
import org.culvert.core.status.StatusTree;
import org.junit.jupiter.api.Test;

class PingSummaryTest {
    private static final PingWay.Named TOKYO = new PingWay.Named(Hop.GATEWAY, "tokyo");
    private static final PingWay.Named BONN = new PingWay.Named(Hop.PEER, "bonn");
    private static final PingWay.Named HOST = new PingWay.Named(Hop.HOST, "10.2.0.12");
    private static final String NO_ANSWER = "no answer within 2 s";

    private final PingSummary summary = new PingSummary();

    private void began(PingWay.Named... hops) {
        summary.add(new Began("10.2.0.12", List.of(hops), ""));
    }

    @Test
    void everyHopHasItsLineAndItsNumbers() {
        assertEquals(
                "10.2.0.12: tokyo -> bonn -> 10.2.0.12",
                summary.add(new Began("10.2.0.12", List.of(TOKYO, BONN, HOST), "")));
        assertEquals("", summary.add(new Answered(1, Hop.GATEWAY, 0)));
        assertEquals("    1  bonn       0.412 ms", summary.add(new Answered(1, Hop.PEER, 412_000)));
        assertEquals("    1  10.2.0.12  1.500 ms", summary.add(new Answered(1, Hop.HOST, 1_500_000)));
        assertEquals("    2  bonn       0.420 ms", summary.add(new Answered(2, Hop.PEER, 420_000)));
        assertEquals("    2  10.2.0.12  " + NO_ANSWER, summary.add(new Silent(2, Hop.HOST, NO_ANSWER)));
        assertTrue(summary.reached());
        assertEquals(
                List.of(
                        "",
                        "own gateway   tokyo      runs",
                        "peer gateway  bonn       2 of 2 answered, 0 % lost, min/avg/max 0.412/0.416/0.420 ms",
                        "host          10.2.0.12  1 of 2 answered, 50 % lost, min/avg/max 1.500/1.500/1.500 ms",
                        "10.2.0.12 answers"),
                summary.lines());
    }

    @Test
    void namesTheHopThatIsSilent() {
        began(TOKYO, BONN, HOST);
        summary.add(new Answered(1, Hop.PEER, 7));
        summary.add(new Silent(1, Hop.HOST, NO_ANSWER));
        assertFalse(summary.reached());
        assertTrue(summary.verdict().startsWith("10.2.0.12 does not answer, its gateway bonn does"), summary.verdict());

        PingSummary dead = new PingSummary();
        dead.add(new Began("10.2.0.12", List.of(TOKYO, BONN, HOST), ""));
        dead.add(new Silent(1, Hop.PEER, NO_ANSWER));
        dead.add(new Silent(1, Hop.HOST, NO_ANSWER));
        assertTrue(dead.verdict().startsWith("the peer gateway bonn does not answer"), dead.verdict());
    }

    @Test
    void hostThatCouldNotBeAskedIsNotCalledSilent() {
        began(TOKYO, HOST);
        summary.add(new Silent(1, Hop.HOST, "no route to host"));
        assertEquals("10.2.0.12 was not asked: no route to host", summary.verdict());
    }

    @Test
    void closedWayAndOwnAddress() {
        summary.add(new Began("bonn", List.of(TOKYO, BONN), "bonn is down: its certificate ended"));
        assertFalse(summary.reached());
        assertEquals("bonn cannot be reached: bonn is down: its certificate ended", summary.verdict());
        assertTrue(
                summary.lines().contains("peer gateway  bonn   not asked"),
                summary.lines().toString());

        PingSummary own = new PingSummary();
        own.add(new Began("10.1.0.1", List.of(TOKYO), ""));
        assertTrue(own.reached());
        assertEquals("10.1.0.1 is this gateway", own.verdict());
    }

    @Test
    void nothingHeardIsNotReached() {
        assertFalse(summary.reached());
    }

    @Test
    void eventsTravelAsLinesOfJson() throws Exception {
        for (PingEvent event : List.of(
                new Began("bonn", List.of(TOKYO, BONN), ""),
                new Began("bonn", List.of(TOKYO, BONN), "it is down"),
                new Answered(3, Hop.HOST, 412_345),
                new Silent(4, Hop.PEER, NO_ANSWER))) {
            assertEquals(event, PingEvent.parse(PingEvent.line(event)));
        }
        assertThrows(IOException.class, () -> PingEvent.parse("{\"event\":\"other\"}"));
    }

    @Test
    void summaryInJsonHasTheNumbers() throws Exception {
        began(TOKYO, BONN);
        summary.add(new Answered(1, Hop.PEER, 10));
        summary.add(new Answered(2, Hop.PEER, 30));
        summary.add(new Silent(3, Hop.PEER, NO_ANSWER));
        summary.add(new Silent(4, Hop.PEER, NO_ANSWER));
        StatusTree tree = StatusTree.parse(summary.json());
        assertEquals("culvert.ping/1", tree.text("schema"));
        assertTrue(tree.flag("reached"));
        StatusTree peer = tree.children("hops").get(1);
        assertEquals(4, peer.number("asked"));
        assertEquals(50.0, peer.decimal("loss_percent").orElseThrow());
        assertEquals(20, peer.number("rtt_avg_ns"));
    }
}
