package org.culvert.core.ping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.culvert.core.demo.Await;
import org.culvert.core.ping.PingEvent.Answered;
import org.culvert.core.ping.PingEvent.Began;
import org.culvert.core.ping.PingEvent.Silent;
import org.junit.jupiter.api.Test;

/** Ways without a host: those take a network, see PingLabTest. */
class PingRunTest {
    private static final PingRun.Rounds TWO = new PingRun.Rounds(2, 20_000_000);

    private final AtomicInteger closed = new AtomicInteger();

    private List<PingEvent> run(PingWay way, PingRun.PeerEchoes peer) throws Exception {
        List<PingEvent> events = new ArrayList<>();
        try (PingRun run = new PingRun(way, TWO, peer, closed::incrementAndGet).start()) {
            Await.until("the run ends", Duration.ofSeconds(20), () -> {
                byte[] lines = run.next();
                if (lines == null) {
                    return true;
                }
                for (String line :
                        new String(lines, StandardCharsets.US_ASCII).lines().toList()) {
                    events.add(PingEvent.parse(line));
                }
                return false;
            });
        }
        return events;
    }

    private static PingWay way(String peer, String closed) {
        return new PingWay(
                "bonn",
                "tokyo",
                Optional.of(peer),
                Optional.empty(),
                Optional.of(closed).filter(why -> !why.isEmpty()));
    }

    @Test
    void answersAndLossesOfEachRoundAreToldApart() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        List<PingEvent> events = run(way("bonn", ""), answered -> {
            if (asked.incrementAndGet() == 2) {
                answered.accept(412_000);
                answered.accept(412_000); // nobody waits for it any more
            }
        });
        assertTrue(events.getFirst() instanceof Began, events.toString());
        assertTrue(events.contains(new Answered(2, Hop.PEER, 412_000)), events.toString());
        assertTrue(events.contains(new Silent(1, Hop.PEER, "no answer within 2 s")), events.toString());
        assertEquals(5, events.size(), "two of them by this gateway itself: " + events);
        assertEquals(1, closed.get());
    }

    @Test
    void nothingIsAskedOfAWayThatIsClosed() throws Exception {
        List<PingEvent> events = run(way("bonn", "bonn is down"), _ -> {
            throw new AssertionError("asked");
        });
        assertEquals(1, events.size());
        assertEquals("bonn is down", ((Began) events.getFirst()).closed());
    }
}
