package org.culvert.core.echo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.culvert.tun.Endpoint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PlaceSearchTest {
    private static final long S = 1_000_000_000L;
    private static final Endpoint FIRST = at("198.51.100.3");
    private static final Endpoint SECOND = at("198.51.100.2");
    private static final Endpoint SECOND_TOO = at("2001:db8:2::2");
    private static final Endpoint THIRD = at("203.0.113.9");
    private static final Endpoint ROAMED = at("192.0.2.77");

    private final PlaceSearch search = new PlaceSearch();
    private long nowNs = Long.MAX_VALUE - 50 * S; // nanoTime may well overflow

    private static Endpoint at(String address) {
        return Endpoint.of(new InetSocketAddress(InetAddress.ofLiteral(address), 1640));
    }

    @BeforeEach
    void places() {
        search.places(List.of(List.of(FIRST), List.of(SECOND, SECOND_TOO), List.of(THIRD)), true);
    }

    private List<Endpoint> run(Endpoint at, boolean dead, int seconds) {
        List<Endpoint> asked = new ArrayList<>();
        for (int i = 0; i < seconds; i++) {
            nowNs += S;
            asked.addAll(search.due(at, dead, nowNs));
        }
        return asked;
    }

    @Test
    void peerAtItsFirstPlaceIsLookedForNowhere() {
        assertEquals(List.of(), run(FIRST, false, 100));
    }

    @Test
    void deadWayMeansEveryPlaceInTurn() {
        assertEquals(List.of(FIRST, SECOND, SECOND_TOO, THIRD, FIRST), run(FIRST, true, 5));
    }

    @Test
    void longDeadWayIsAskedLessOften() {
        run(FIRST, true, 60);
        assertEquals(20, run(FIRST, true, 100).size());
    }

    @Test
    void whoAnswersIsThereAndABetterPlaceCountsMore() {
        run(FIRST, true, 3);
        assertTrue(search.found(SECOND, nowNs));
        assertFalse(search.found(SECOND_TOO, nowNs), "as good");
        assertFalse(search.found(THIRD, nowNs), "worse");
        assertTrue(search.found(FIRST, nowNs), "better");
    }

    @Test
    void betterPlacesAreAskedEveryTenSecondsAndTheOtherAddressOfOneNameIsNoBetter() {
        assertEquals(List.of(FIRST, FIRST, FIRST), run(SECOND_TOO, false, 30), "at 1, 11 and 21 s");
        assertEquals(List.of(FIRST, SECOND, SECOND_TOO), run(THIRD, false, 10));
    }

    @Test
    void answerFromWhereItAlreadyIsOrFromAWorsePlaceDoesNotMoveIt() {
        run(SECOND, false, 10);
        assertFalse(search.found(SECOND, nowNs));
        assertFalse(search.found(THIRD, nowNs));
        assertFalse(search.found(ROAMED, nowNs));
        assertTrue(search.found(FIRST, nowNs));
    }

    @Test
    void peerThatRoamedIsAskedForAtItsPlacesIfItHasAChoice() {
        assertEquals(4, run(ROAMED, false, 10).size());
        search.places(List.of(List.of(FIRST)), false);
        assertEquals(List.of(), run(ROAMED, false, 100), "a single address: where it is is its own affair");
        assertEquals(List.of(FIRST), run(ROAMED, true, 1), "but when it is silent");
    }

    @Test
    void nameWithAnotherAddressIsAskedAtOnce() {
        run(SECOND, false, 10);
        Endpoint renamed = at("198.51.100.4");
        search.places(List.of(List.of(renamed), List.of(SECOND, SECOND_TOO), List.of(THIRD)), true);
        assertEquals(List.of(renamed), run(SECOND, false, 1));
    }

    @Test
    void placeThatDoesNotLastIsAskedAtGrowingIntervals() {
        assertEquals(List.of(FIRST), run(SECOND, false, 1), "at once when nothing was asked before");
        for (int seconds : List.of(20, 40, 80)) {
            assertTrue(search.found(FIRST, nowNs));
            run(FIRST, false, 1);
            assertEquals(List.of(), run(SECOND, false, seconds - 2), seconds + " s");
            assertEquals(List.of(FIRST), run(SECOND, false, 1));
        }
        assertTrue(search.found(FIRST, nowNs));
        run(FIRST, false, 601); // it lasted
        assertEquals(3, run(SECOND, false, 30).size());
    }

    @Test
    void withoutPlacesThereIsNothingToAsk() {
        search.places(List.of(List.of()), true);
        assertEquals(List.of(), run(ROAMED, true, 10));
    }
}
