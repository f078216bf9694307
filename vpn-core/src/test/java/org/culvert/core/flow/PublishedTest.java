package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
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

    @Test
    void whoWaitsForALookIsHeldUpByOneThatBeganLaterAndNoLonger() throws Exception {
        var clock = new TestGateway.TestClock(SkipTime.ticks(277_000, 5));
        try (var tokyo = new TestGateway("tokyo", "192.0.2.2", clock, true, "10.1.0.0/24")) {
            tokyo.publish();
            Published published = tokyo.published;
            var begun = new AtomicLong();
            published.look(() -> begun.set(published.looksBegun()));
            Thread waiting = Thread.ofPlatform()
                    .start(() -> published.awaitLook(begun.get(), published.current(), Long.MAX_VALUE));
            assertFalse(waiting.join(Duration.ofMillis(50)), "what was going on already may not have seen it");
            published.look(() -> {});
            assertTrue(waiting.join(Duration.ofSeconds(20)), "nothing was to be published");
        }
    }

    /** A reload with a thousand peers takes seconds, and the socket goes on to fill. */
    @Test
    void nobodyWaitsForALookWhileOtherWorkTakesLong() throws Exception {
        var clock = new TestGateway.TestClock(SkipTime.ticks(277_000, 5));
        try (var tokyo = new TestGateway("tokyo", "192.0.2.2", clock, true, "10.1.0.0/24")) {
            tokyo.publish();
            Published published = tokyo.published;
            published.atWork(System.nanoTime());
            assertTrue(waiting(published).join(Duration.ofSeconds(20)));
            published.atRest();
            Thread waiting = waiting(published);
            assertFalse(waiting.join(Duration.ofMillis(50)), "at rest it will look soon");
            published.look(() -> {});
            assertTrue(waiting.join(Duration.ofSeconds(20)));
        }
    }

    /** On busy cores it is preempted for longer than that. */
    @Test
    void theLookItselfIsNoOtherWorkHoweverLongItTakes() throws Exception {
        var clock = new TestGateway.TestClock(SkipTime.ticks(277_000, 5));
        try (var tokyo = new TestGateway("tokyo", "192.0.2.2", clock, true, "10.1.0.0/24")) {
            tokyo.publish();
            Published published = tokyo.published;
            published.atWork(System.nanoTime() - Duration.ofSeconds(1).toNanos());
            long before = published.looksBegun();
            published.look(() -> {
                assertHeldUp(waiting(published, before), "by the very look it waits for");
                assertHeldUp(waiting(published, published.looksBegun()), "by one that the next may follow at once");
            });
        }
    }

    private static void assertHeldUp(Thread waiting, String why) {
        try {
            assertFalse(waiting.join(Duration.ofMillis(50)), why);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Thread waiting(Published published) {
        return waiting(published, published.looksBegun());
    }

    private static Thread waiting(Published published, long looks) {
        return Thread.ofPlatform().start(() -> published.awaitLook(looks, published.current(), Long.MAX_VALUE));
    }
}
