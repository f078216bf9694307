package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.culvert.core.crypto.Suite;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.core.replay.PeerReplay;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A change of keys seen from both gateways, whose messages go by hand. */
class CertifiedPairsTest {
    private static final long SECOND_NS = 1_000_000_000L;

    @TempDir
    private Path folder;

    private OwnIdentity tokyoOld;
    private OwnIdentity tokyoNew;
    private OwnIdentity bonn;
    private Side tokyo;
    private Side birlinghoven;
    private long nowNs = 7 * SECOND_NS;
    private int unopened;

    @BeforeEach
    void twoGatewaysWithOneKeyEach() throws Exception {
        TestSites sites = new TestSites(folder);
        tokyoOld = sites.identity("tokyo", 365, "10.1.0.0/24");
        bonn = sites.identity("bonn", 365, "10.2.0.0/24");
        sites.advance(Duration.ofDays(200));
        tokyoNew = sites.identity("tokyo", 365, "10.1.0.0/24");
        tokyo = new Side("bonn");
        birlinghoven = new Side("tokyo");
        tokyo.has(tokyoOld).and(bonn);
        birlinghoven.has(bonn).and(tokyoOld);
        seconds(2);
    }

    /** One gateway's view of the other. */
    private static final class Side {
        final Peer peer;
        final KeyRing ring = new KeyRing();
        final CertifiedPairs pairs;
        private List<OwnIdentity> own = List.of();

        Side(String other) {
            peer = new Peer(
                    other, List.of(Suite.AES_128_GCM), TrafficKeyPolicy.EVERY_PACKET, new PeerReplay(), 94_000_123L);
            pairs = new CertifiedPairs(peer, ring);
        }

        Side has(OwnIdentity... identities) {
            own = List.of(identities);
            return this;
        }

        void and(OwnIdentity... theirs) throws Exception {
            pairs.settle(
                    own, Arrays.stream(theirs).map(OwnIdentity::certificate).toList(), null, 3);
        }

        PairKeys sending() {
            PairKeys keys = ring.sendsUnder(peer);
            assertNotNull(keys);
            return keys;
        }

        /** Under which own key data goes, and to which of the peer's. */
        long way() {
            return sending().sendingTag();
        }

        Set<Long> opens() {
            return Arrays.stream(pairs.opensHere()).boxed().collect(Collectors.toSet());
        }
    }

    private void send(Side from, PairKeys under, Side to) {
        PairKeys opened = to.ring.pairs(to.peer).stream()
                .filter(pair -> pair.receivingTag() == under.sendingTag())
                .findFirst()
                .orElse(null);
        if (opened == null) {
            unopened++;
            return;
        }
        opened.heardAt(nowNs);
        to.peer.receivedAt(nowNs);
        to.pairs.received(opened, nowNs);
        to.pairs.opensThere(from.opens());
        to.pairs.choose();
    }

    /** Each says what is due every second, and sends a data packet, too. */
    private void seconds(int count) {
        for (int i = 0; i < count; i++) {
            nowNs += SECOND_NS;
            for (Side from : List.of(tokyo, birlinghoven)) {
                Side to = from == tokyo ? birlinghoven : tokyo;
                send(from, from.sending(), to);
                from.pairs.due(nowNs).forEach(under -> send(from, under, to));
            }
        }
    }

    private static long tag(OwnIdentity sender, OwnIdentity receiver) {
        return org.culvert.core.crypto.HostIdentity.tag(sender.id(), receiver.id());
    }

    @Test
    void withOneKeyEachNothingIsSaidAboutPairs() {
        assertEquals(List.of(), tokyo.pairs.due(nowNs + 99 * SECOND_NS));
        assertEquals(tag(tokyoOld, bonn), tokyo.way());
        assertTrue(tokyo.pairs.progress().isEmpty());
    }

    @Test
    void bothGoOverWhenThePeersComeFirst() throws Exception {
        birlinghoven.and(tokyoOld, tokyoNew);
        seconds(20);
        assertEquals(tag(bonn, tokyoOld), birlinghoven.way(), "tokyo has not got it yet");
        tokyo.has(tokyoOld, tokyoNew).and(bonn);
        seconds(2);
        assertBothUseTheNewAndTheOldCanGo();
    }

    @Test
    void bothGoOverWhenTheGatewayItselfComesFirst() throws Exception {
        tokyo.has(tokyoOld, tokyoNew).and(bonn);
        seconds(20);
        assertEquals(tag(tokyoOld, bonn), tokyo.way(), "nobody would open the new one");
        birlinghoven.and(tokyoOld, tokyoNew);
        seconds(2);
        assertBothUseTheNewAndTheOldCanGo();
    }

    private void assertBothUseTheNewAndTheOldCanGo() throws Exception {
        assertEquals(tag(tokyoNew, bonn), tokyo.way());
        assertEquals(tag(bonn, tokyoNew), birlinghoven.way());
        tokyo.has(tokyoNew).and(bonn);
        seconds(12);
        birlinghoven.and(tokyoNew);
        seconds(12);
        assertEquals(0, unopened, "nobody ever sent what the other could not open");
        assertEquals(1, tokyo.ring.pairs(tokyo.peer).size());
    }

    @Test
    void onceBothUseTheNewestNothingMoreIsSaid() throws Exception {
        birlinghoven.and(tokyoOld, tokyoNew);
        tokyo.has(tokyoOld, tokyoNew).and(bonn);
        seconds(5);
        assertEquals(List.of(), tokyo.pairs.due(nowNs + SECOND_NS));
        assertTrue(tokyo.pairs.progress().orElseThrow().endsWith(", the newest"));
    }

    @Test
    void waitingForTheOtherAdministratorIsPatient() throws Exception {
        tokyo.has(tokyoOld, tokyoNew).and(bonn);
        int said = 0;
        for (int i = 0; i < 110; i++) {
            nowNs += SECOND_NS;
            tokyo.peer.receivedAt(nowNs);
            said += tokyo.pairs.due(nowNs).size();
        }
        assertEquals(10 + 10, said, "ten promptly, then one in ten seconds, none under what nobody opens");
    }

    @Test
    void allCombinationsAreOpenedWhenBothChangeAtOnce() throws Exception {
        TestSites sites = new TestSites(folder.resolve("more"));
        sites.advance(Duration.ofDays(300));
        OwnIdentity bonnNew = sites.identity("bonn", 365, "10.2.0.0/24");
        birlinghoven.has(bonn, bonnNew).and(tokyoOld, tokyoNew);
        tokyo.has(tokyoOld, tokyoNew).and(bonn, bonnNew);
        assertEquals(4, tokyo.ring.pairs(tokyo.peer).size());
        seconds(4);
        assertEquals(tag(tokyoNew, bonnNew), tokyo.way());
        assertEquals(tag(bonnNew, tokyoNew), birlinghoven.way());
        assertEquals(0, unopened);
    }

    @Test
    void aPeerThatGoesBackIsFollowed() throws Exception {
        birlinghoven.and(tokyoOld, tokyoNew);
        tokyo.has(tokyoOld, tokyoNew).and(bonn);
        seconds(5);
        birlinghoven.and(tokyoOld); // its administrator took it back
        seconds(5);
        assertEquals(tag(tokyoOld, bonn), tokyo.way());
        unopened = 0;
        seconds(40);
        assertEquals(0, unopened);
        birlinghoven.and(tokyoOld, tokyoNew);
        seconds(12);
        assertEquals(tag(tokyoNew, bonn), tokyo.way(), "and again");
    }

    private PairKeys pairWith(OwnIdentity tokyos) {
        return birlinghoven.ring.pairs(birlinghoven.peer).stream()
                .filter(pair -> pair.receivingTag() == tag(tokyos, bonn))
                .findFirst()
                .orElseThrow();
    }

    /** Under static keys alone nothing marks a replay window. Somebody recorded what the peer said under the old pair. */
    @Test
    void whatIsPlayedAgainIsNoSignOfGoingBack() throws Exception {
        birlinghoven.and(tokyoOld, tokyoNew);
        tokyo.has(tokyoOld, tokyoNew).and(bonn);
        PairKeys older = pairWith(tokyoOld);
        PairKeys newer = pairWith(tokyoNew);
        for (int ticks = 1; ticks <= 3; ticks++) {
            assertTrue(birlinghoven.pairs.receivedUnmarked(older, nowNs + ticks)); // recorded
        }
        assertTrue(birlinghoven.pairs.receivedUnmarked(newer, nowNs + 4));
        birlinghoven.pairs.choose();
        assertEquals(newer, birlinghoven.pairs.base());
        for (int i = 0; i < 10; i++) {
            for (int ticks = 1; ticks <= 3; ticks++) {
                assertFalse(birlinghoven.pairs.receivedUnmarked(older, nowNs + ticks));
            }
            birlinghoven.pairs.choose();
            assertEquals(newer, birlinghoven.pairs.base());
        }
        assertFalse(birlinghoven.pairs.receivedUnmarked(newer, nowNs + 3), "nor is it news under the newer one");

        assertTrue(birlinghoven.pairs.receivedUnmarked(older, nowNs + 5));
        for (int i = 0; i < 10; i++) {
            birlinghoven.pairs.receivedUnmarked(older, nowNs + 5); // counts once
        }
        birlinghoven.pairs.choose();
        assertEquals(newer, birlinghoven.pairs.base());
        assertTrue(birlinghoven.pairs.receivedUnmarked(older, nowNs + 6));
        assertTrue(birlinghoven.pairs.receivedUnmarked(older, nowNs + 7));
        birlinghoven.pairs.choose();
        assertEquals(older, birlinghoven.pairs.base(), "who says three new things under it has gone back");
    }

    /** In mode preferred, before the first epoch keys, static packets do mark a window. What comes after those keys marks none. */
    @Test
    void whatMarkedAWindowAndIsPlayedAgainIsNoSignOfGoingBack() throws Exception {
        birlinghoven.and(tokyoOld, tokyoNew);
        PairKeys older = pairWith(tokyoOld);
        PairKeys newer = pairWith(tokyoNew);
        long before = nowNs + SECOND_NS;
        birlinghoven.pairs.received(older, before);
        birlinghoven.pairs.received(newer, before + 4);
        birlinghoven.pairs.received(newer, before + 3); // late
        birlinghoven.pairs.choose();
        assertEquals(newer, birlinghoven.pairs.base());
        for (int i = 1; i <= 3; i++) {
            assertFalse(birlinghoven.pairs.receivedUnmarked(older, before + i));
        }
        birlinghoven.pairs.choose();
        assertEquals(newer, birlinghoven.pairs.base());
    }

    @Test
    void afterARestartTheOldestIsTriedFirstAndAllOfThemSaid() throws Exception {
        birlinghoven.and(tokyoNew); // and no longer the old one
        tokyo = new Side("bonn");
        tokyo.has(tokyoOld, tokyoNew).and(bonn);
        assertEquals(tag(tokyoOld, bonn), tokyo.way());
        assertEquals(2, new HashSet<>(tokyo.pairs.due(nowNs)).size(), "nothing heard yet, so under both");
        seconds(1);
        assertEquals(tag(tokyoNew, bonn), tokyo.way());
    }

    @Test
    void aPairThatGoesIsNotSentUnder() throws Exception {
        tokyo.has(tokyoOld, tokyoNew).and(bonn);
        tokyo.has(tokyoNew).and(bonn);
        assertEquals(tag(tokyoNew, bonn), tokyo.way());
        tokyo.has().and(bonn);
        assertFalse(tokyo.pairs.any());
        assertFalse(tokyo.ring.has(tokyo.peer));
    }

    @Test
    void keysAgreedOnSinceStayInUse() throws Exception {
        PairKeys since = new PairKeys(
                org.culvert.core.crypto.PairSecret.agree(
                        tokyoOld.key().privateKey(), bonn.certificate().publicKey()),
                tokyoOld.id(),
                bonn.id());
        tokyo.ring.add(tokyo.peer, since);
        tokyo.ring.sendUnder(tokyo.peer, since);
        birlinghoven.and(tokyoOld, tokyoNew);
        tokyo.has(tokyoOld, tokyoNew).and(bonn);
        tokyo.ring.pairs(tokyo.peer).getLast().heardAt(nowNs);
        assertTrue(tokyo.pairs.choose());
        assertEquals(since, tokyo.sending());
        assertEquals(
                tag(tokyoNew, bonn),
                java.util.Objects.requireNonNull(tokyo.pairs.base()).sendingTag());
    }
}
