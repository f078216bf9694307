package org.culvert.core.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.culvert.core.epoch.Items.Announcement;
import org.culvert.core.epoch.Items.Part;
import org.culvert.core.epoch.Items.Proof;
import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WaitingTest {
    private static final Proof PROOF = new Proof(new byte[16], new byte[16]);

    private final TwoEnds ends =
            new TwoEnds(1, new Terms(Mode.REQUIRED, 0, 1), new Terms(Mode.REQUIRED, 0, 1), 600 * TwoEnds.SECOND);
    private final Line.Route route =
            new Line.Route(ends.a, null, Endpoint.of(new InetSocketAddress("203.0.113.9", 1640)));
    private final TwoEnds.Drawn drawn = ends.new Drawn();
    private final Waiting waiting = new Waiting();

    private Pending put(@Nullable Proof proof, Trust trust, boolean withKem) {
        Core core = Core.of(new Terms(Mode.REQUIRED, Core.ML_KEM, 1), 7, new OwnEpoch(1, 0, drawn));
        return waiting.put(new Announcement(core, 0, 0, 0, proof == null ? 0 : 1), proof, route, trust, withKem);
    }

    @Test
    void whatIsThePeersGoesFirstAndWhatMayBeTakesTurns() {
        put(null, Trust.NONE, false);
        put(null, Trust.SEALED, false);
        put(PROOF, Trust.SEALED, false);
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            put(PROOF, Trust.ECHOES, false); // always another one
            put(null, Trust.ECHOES, false);
            Pending next = waiting.next();
            order.add(next.trust() + (next.proof() == null ? " first" : " answer"));
        }
        assertEquals(
                List.of(
                        "SEALED answer",
                        "SEALED first",
                        "ECHOES answer",
                        "ECHOES first",
                        "ECHOES answer",
                        "ECHOES first"),
                order);
        waiting.next();
        assertEquals(Trust.NONE, waiting.next().trust());
        assertNull(waiting.next());
    }

    /** The rest of it may never come; when it comes, that is heard. */
    @Test
    void whatIsIncompleteIsNotBusyWaiting() {
        put(null, Trust.NONE, true);
        assertFalse(waiting.anyComplete());
        Parts.of(drawn.kemKey(), 0).forEach(part -> waiting.add(part, Trust.NONE));
        assertTrue(waiting.anyComplete());
        waiting.next();
        assertFalse(waiting.anyComplete());
    }

    @Test
    void noOtherKindTakesAPlace() {
        Pending sealed = put(null, Trust.SEALED, false);
        put(null, Trust.ECHOES, false);
        put(null, Trust.NONE, false);
        assertSame(sealed, waiting.next());
    }

    /** A part of the KEM key whose sender cannot be whom the announcement may be of changes nothing, before it or after it. */
    @ParameterizedTest
    @EnumSource(Trust.class)
    void noPartOfLessTrustSpoilsAKemMessage(Trust trust) {
        List<Part> parts = Parts.of(drawn.kemKey(), 0);
        Part noise = new Part(Core.tag(drawn.kemKey()), 0, 0, drawn.kemKey().length, new byte[Items.PART_BYTES]);
        for (Trust less : Trust.values()) {
            if (less.compareTo(trust) < 0) {
                waiting.add(noise, less);
            }
        }
        put(null, trust, true);
        parts.forEach(part -> waiting.add(part, trust));
        for (Trust less : Trust.values()) {
            if (less.compareTo(trust) < 0) {
                waiting.add(noise, less);
            }
        }
        Pending whole = waiting.next();
        assertTrue(whole.announcement().core().isKemKey(whole.parts().whole()));
    }

    @Test
    void aPartMayOvertakeItsAnnouncement() {
        Parts.of(drawn.kemKey(), 0).forEach(part -> waiting.add(part, Trust.SEALED));
        assertTrue(put(null, Trust.ECHOES, true).isComplete());
    }

    /** Neither a thief's parts a sealed one, nor those of announcements that were lost any that come later. */
    @ParameterizedTest
    @EnumSource(Trust.class)
    void noPartThatOvertookItsAnnouncementMakesRoomForAnotherKind(Trust trust) {
        addNoise(99, others(trust));
        Parts.of(drawn.kemKey(), 0).forEach(part -> waiting.add(part, trust));
        addNoise(99, others(trust));
        assertTrue(put(null, trust, true).isComplete());
    }

    @Test
    void ofEachKindAFewEarlyPartsAreKept() {
        Parts.of(drawn.kemKey(), 0).forEach(part -> waiting.add(part, Trust.SEALED));
        addNoise(4, List.of(Trust.SEALED));
        assertFalse(put(null, Trust.SEALED, true).isComplete());
    }

    private static List<Trust> others(Trust than) {
        return Arrays.stream(Trust.values()).filter(each -> each != than).toList();
    }

    private void addNoise(int parts, List<Trust> kinds) {
        for (int i = 0; i < parts; i++) {
            Part noise = new Part(i, 0, 0, drawn.kemKey().length, new byte[Items.PART_BYTES]);
            kinds.forEach(kind -> waiting.add(noise, kind));
        }
    }
}
