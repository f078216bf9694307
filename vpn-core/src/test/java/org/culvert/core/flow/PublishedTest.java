package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.culvert.core.wire.SkipTime;
import org.junit.jupiter.api.Test;

class PublishedTest {
    @Test
    void signsAreGivenByFlowsThatComeByAlsoWithNothingToDo() throws Exception {
        var clock = new TestGateway.TestClock(SkipTime.ticks(277_000, 5));
        try (var tokyo = new TestGateway("tokyo", "192.0.2.2", clock, true, "10.1.0.0/24")) {
            tokyo.publish();
            Published published = tokyo.published;
            tokyo.outbound.runOnce();
            tokyo.inbound.runOnce();
            published.askForSign();
            assertFalse(published.allGaveSign());
            tokyo.outbound.runOnce();
            assertFalse(published.allGaveSign(), "inbound has not come by");
            tokyo.inbound.runOnce();
            assertTrue(published.allGaveSign());
        }
    }

    @Test
    void flowThatHasEndedOwesNoSign() throws Exception {
        var clock = new TestGateway.TestClock(SkipTime.ticks(277_000, 5));
        try (var tokyo = new TestGateway("tokyo", "192.0.2.2", clock, true, "10.1.0.0/24")) {
            tokyo.publish();
            Published published = tokyo.published;
            tokyo.outbound.stop();
            tokyo.outbound.run();
            tokyo.inbound.runOnce();
            published.askForSign();
            tokyo.inbound.runOnce();
            assertTrue(published.allGaveSign());
        }
    }
}
