package org.culvert.core.epoch;

import static org.culvert.core.epoch.TwoEnds.MS;
import static org.culvert.core.epoch.TwoEnds.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.List;
import org.culvert.core.epoch.Items.Announcement;
import org.culvert.core.epoch.TwoEnds.Datagram;
import org.culvert.core.epoch.TwoEnds.End;
import org.culvert.core.epoch.TwoEnds.Made;
import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules of protocol.md that no schedule of loss and delay would miss: each with the number it has there. */
class EpochRulesTest {
    private static final Terms REQUIRED = new Terms(Mode.REQUIRED, 0, 1);
    private static final long EPOCH = 600 * SECOND;
    private static final Endpoint ELSEWHERE = Endpoint.of(new InetSocketAddress("203.0.113.9", 1640));

    private TwoEnds ends;
    private int tags;

    @BeforeEach
    void connect() {
        ends = new TwoEnds(3, REQUIRED, REQUIRED, EPOCH);
        ends.a.packet();
        ends.b.packet();
        ends.run(3 * SECOND, 100 * MS);
        ends.run(SECOND, 0);
        assertNotNull(ends.a.exchange.sending());
        assertNotNull(ends.b.exchange.sending());
    }

    /** Another gateway's announcement, in the peer's name: what the thief of the victim's static key can send. */
    private Datagram forged(End victim, Endpoint from, int incarnation, int serial) {
        TwoEnds.Drawn drawn = ends.new Drawn();
        Core core = Core.of(REQUIRED, incarnation, new OwnEpoch(serial, Long.MAX_VALUE / 2, drawn));
        Items items = new Items(new Announcement(core, 60_000, ++tags, 0, 0), null, null, null);
        return new Datagram(victim.isA, from, null, items, ends.random.nextLong());
    }

    /** His answer to what the victim announces, with a cookie for the address that it comes from. */
    private Items answer(End victim, Endpoint from) {
        int tag = Core.of(victim.terms, victim.epochs.incarnation(), victim.epochs.newest())
                .tag();
        Core core = Core.of(REQUIRED, 0x666, new OwnEpoch(1, Long.MAX_VALUE / 2, ends.new Drawn()));
        Announcement announcement = new Announcement(core, 60_000, 4711, victim.cookie(from), tag);
        return new Items(announcement, new Items.Proof(new byte[16], new byte[16]), null, null);
    }

    private void hear(End victim, Items items, @Nullable EpochPair under, Endpoint from) {
        victim.exchange.received(items, new Line.Route(victim, under, from), victim.sight());
    }

    private static List<EpochPair> candidates(End end) {
        return end.exchange.pairs().stream().filter(pair -> !pair.isAgreed()).toList();
    }

    private static List<EpochPair> agreed(End end) {
        return end.exchange.pairs().stream().filter(EpochPair::isAgreed).toList();
    }

    @Test
    void rule1EveryEpochsKeyIsErasedAMinuteAfterIt() {
        EpochPair pair = ends.a.exchange.sending();
        TwoEnds.Drawn ofA = (TwoEnds.Drawn) pair.own().material();
        ends.run(pair.own().endNs() + Exchange.GRACE_NS - SECOND - ends.nowNs, SECOND);
        assertFalse(ofA.closed, "what is on its way may still come");
        ends.run(3 * SECOND, SECOND);
        assertTrue(ofA.closed);
        assertTrue(((Made) pair.secrets()).erased, "with all that came from it");
    }

    /** The model of the change-over relies on it: see OUTDATED there. */
    @Test
    void rule4AnOutdatedAnnouncementMakesNoPair() {
        Core first = Core.of(REQUIRED, ends.b.epochs.incarnation(), ends.b.epochs.newest());
        ends.run(EPOCH - ends.b.epochs.leadNs(), 100 * MS); // both have their second epoch
        assertEquals(2, ends.a.exchange.sending().theirs().serial());
        assertFalse(ends.a.exchange.pairs().stream()
                .anyMatch(pair -> pair.theirs().equals(first) && pair.own().serial() == 2));
        int made = ends.a.made;
        Items recorded = new Items(new Announcement(first, 60_000, 7, 0, 0), null, null, null);
        for (int i = 0; i < 5; i++) {
            ends.send(new Datagram(true, ends.b.address, null, recorded, ends.random.nextLong()));
            ends.run(2 * SECOND, 100 * MS);
        }
        assertEquals(made, ends.a.made);
        assertEquals(List.of(), candidates(ends.a));
    }

    /** Announced under an agreed pair it is the peer's own; announced under the static one it may be a thief's, with any serial he likes. */
    @Test
    void rule4OnlyWhatThePeerHasShownOutdatesAnything() {
        EpochPair under = ends.a.exchange.sending();
        int incarnation = under.incarnation();
        ends.a.receive(forged(ends.a, ends.b.address, incarnation, 0x7fffffff));
        ends.run(SECOND + MS, 0);
        Datagram later = forged(ends.a, ends.b.address, incarnation, 3);
        ends.a.exchange.received(later.items(), new Line.Route(ends.a, under, ends.b.address), ends.a.sight());
        ends.run(SECOND + MS, 0);
        assertEquals(2, candidates(ends.a).size(), "the thief's serial does not count");
        int made = ends.a.made;
        ends.a.receive(forged(ends.a, ends.b.address, incarnation, 2));
        ends.run(SECOND + MS, 0);
        assertEquals(made, ends.a.made, "but the peer's does");
    }

    /** Somebody on the way lets only the small messages pass, and hopes for a pair without ML-KEM. */
    @Test
    void rule4LostPartsDelayAndNeverDowngrade() {
        Terms both = new Terms(Mode.REQUIRED, Core.ML_KEM, 1);
        ends = new TwoEnds(4, both, both, EPOCH);
        ends.weather.partsAreLost = true;
        ends.run(60 * SECOND, 100 * MS);
        assertEquals(List.of(), ends.a.exchange.pairs());
        assertEquals(List.of(), ends.b.exchange.pairs());
        assertFalse(ends.a.exchange.busy() || ends.b.exchange.busy(), "what lacks parts has nothing due");
        ends.weather.partsAreLost = false;
        ends.run(4 * SECOND, 100 * MS);
        EpochPair agreed = ends.a.exchange.sending();
        assertNotNull(agreed);
        int ciphertexts = ((Made) agreed.secrets()).ciphertext.length
                + ((Made) ends.b.exchange.sending().secrets()).ciphertext.length;
        assertEquals(1088, ciphertexts, "one of the two encapsulated");
    }

    @Test
    void rule4OneSetOfDhPerSecondAndPeer() {
        ends.run(2 * SECOND, 0);
        int made = ends.a.made;
        for (int i = 0; i < 100; i++) {
            ends.a.receive(forged(ends.a, i % 2 == 0 ? ends.b.address : ELSEWHERE, 0x666, i + 1));
        }
        assertEquals(made + 1, ends.a.made);
        ends.nowNs += SECOND - 1;
        ends.a.exchange.tick(ends.a.sight());
        assertEquals(made + 1, ends.a.made, "a nanosecond too early");
        ends.nowNs++;
        ends.a.exchange.tick(ends.a.sight());
        assertEquals(made + 2, ends.a.made, "the last that came waits for its turn");
    }

    @Test
    void rule4UnderTheStaticPairAnswersAndFirstsTakeTurns() {
        Core core = Core.of(REQUIRED, 0x777, new OwnEpoch(1, Long.MAX_VALUE / 2, ends.new Drawn()));
        int cookie = ends.a.cookie(ends.b.address);
        Items first = new Items(new Announcement(core, 60_000, 7, cookie, 0), null, null, null);
        hear(ends.a, answer(ends.a, ends.b.address), null, ends.b.address);
        hear(ends.a, first, null, ends.b.address);
        for (int i = 0; i < 200; i++) {
            hear(ends.a, answer(ends.a, ends.b.address), null, ends.b.address);
            ends.run(10 * MS, 0);
        }
        assertEquals(
                1,
                candidates(ends.a).stream()
                        .filter(pair -> pair.theirs().equals(core))
                        .count());
    }

    /** Somebody who hears what goes to the peer and forges in its name keeps no pair from being made that comes of an agreed one. */
    @Test
    void rule4WhatCameUnderAnAgreedPairGoesFirst() {
        EpochPair under = ends.a.exchange.sending();
        hear(ends.a, answer(ends.a, ends.b.address), null, ends.b.address);
        for (int i = 0; i < 2; i++) {
            Items sealed = forged(ends.a, ends.b.address, 0x777 + i, 1).items();
            hear(ends.a, sealed, under, ends.b.address);
            hear(ends.a, answer(ends.a, ends.b.address), null, ends.b.address);
            hear(ends.a, forged(ends.a, ends.b.address, 0x666, 1).items(), null, ends.b.address);
            ends.run(SECOND + 200 * MS, 0);
            Core core = sealed.announcement().core();
            assertTrue(
                    candidates(ends.a).stream().anyMatch(pair -> pair.theirs().equals(core)));
        }
    }

    @Test
    void rule5AnAnswerCountsOnlyFromWhereThePeerMayBe() {
        ends.run(2 * SECOND, 0);
        int made = ends.a.made;
        hear(ends.a, answer(ends.a, ELSEWHERE), null, ELSEWHERE);
        ends.run(2 * SECOND, 0);
        assertEquals(made, ends.a.made, "his cookie is for his own address");
        hear(ends.a, answer(ends.a, ELSEWHERE), null, ends.b.address);
        ends.run(2 * SECOND, 0);
        assertEquals(made, ends.a.made, "and for no other");
        hear(ends.a, answer(ends.a, ends.b.address), null, ends.b.address);
        ends.run(2 * SECOND, 0);
        assertEquals(made + 1, ends.a.made);
        hear(ends.a, answer(ends.a, ELSEWHERE), ends.a.exchange.sending(), ELSEWHERE);
        ends.run(2 * SECOND, 0);
        assertEquals(made + 2, ends.a.made, "under an agreed pair it is the peer's, wherever that is now");
        assertEquals(2, ends.a.exchange.refusedProofs());
    }

    /** The peer's packets came from another address while our first was on its way to the one before. */
    @Test
    void rule5AnAnswerCountsFromWhereOurFirstWent() {
        ends.a.start();
        ends.a.packet();
        ends.a.peerAt = ELSEWHERE;
        ends.b.doesNotTickBefore(Long.MAX_VALUE);
        ends.run(50 * MS, 0);
        assertNotNull(ends.a.exchange.sending());
    }

    /** His answers have a cookie in them, too. What we echo is that of the peer's address. */
    @Test
    void rule5WhoIsElsewhereDoesNotChangeWhatWeEcho() {
        hear(ends.a, answer(ends.a, ELSEWHERE), null, ELSEWHERE);
        ends.weather.recording = true;
        ends.run(EPOCH - ends.a.epochs.leadNs(), SECOND);
        List<Announcement> firsts = ends.recorded.stream()
                .filter(datagram -> !datagram.toA() && datagram.items() != null)
                .map(datagram -> datagram.items().announcement())
                .filter(said -> said != null && said.answers() == 0)
                .toList();
        assertFalse(firsts.isEmpty());
        firsts.forEach(first -> assertEquals(ends.b.cookie(ends.a.address), first.echo()));
    }

    /** With the cookie of the peer's address he makes candidates of the peer's kind. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void rule9WhatCameUnderAnAgreedPairIsNotPushedOutByWhatOnlyEchoes(int underAnAgreedPair) {
        for (int i = 1; i <= underAnAgreedPair; i++) {
            Items sealed = forged(ends.a, ends.b.address, 0x777, i).items();
            hear(ends.a, sealed, ends.a.exchange.sending(), ends.b.address);
            ends.run(SECOND + MS, 0);
        }
        List<EpochPair> sealed = candidates(ends.a);
        assertEquals(underAnAgreedPair, sealed.size());
        for (int i = 0; i < 5; i++) {
            Core core = Core.of(REQUIRED, 0x666, new OwnEpoch(i, Long.MAX_VALUE / 2, ends.new Drawn()));
            int cookie = ends.a.cookie(ends.b.address);
            hear(
                    ends.a,
                    new Items(new Announcement(core, 60_000, 7, cookie, 0), null, null, null),
                    null,
                    ends.b.address);
            ends.run(SECOND + MS, 0);
        }
        assertTrue(candidates(ends.a).containsAll(sealed));
        assertEquals(underAnAgreedPair + 2, candidates(ends.a).size(), "nor do they keep the peer from beginning anew");
    }

    @Test
    void rule9TwoCandidatesOfAKindAndNoAnnouncementTakesAnAgreedPair() {
        List<EpochPair> before = agreed(ends.a);
        for (int i = 0; i < 10; i++) {
            ends.a.receive(forged(ends.a, i % 2 == 0 ? ends.b.address : ELSEWHERE, 0x666 + i, 1));
            ends.run(SECOND + MS, 0);
            assertTrue(candidates(ends.a).size() <= 2, "candidates: " + candidates(ends.a));
        }
        assertEquals(2, candidates(ends.a).size());
        assertEquals(before, agreed(ends.a));
        assertEquals(before.getLast(), ends.a.exchange.sending());
        assertTrue(ends.a.peerAt.sameRemote(ends.b.address));
    }

    /** Those that came under an agreed pair have room of their own. */
    @Test
    void rule9ForgedAnnouncementsPushOutNoneThatCameUnderAnAgreedPair() {
        EpochPair under = ends.a.exchange.sending();
        for (int i = 0; i < 4; i++) {
            Datagram datagram = forged(ends.a, ends.b.address, 0x777, i + 1);
            Line.Route route = new Line.Route(ends.a, i < 2 ? under : null, ends.b.address);
            ends.a.exchange.received(datagram.items(), route, ends.a.sight());
            ends.run(SECOND + MS, 0);
        }
        assertEquals(4, candidates(ends.a).size());
        ends.a.receive(forged(ends.a, ELSEWHERE, 0x778, 1));
        ends.run(SECOND + MS, 0);
        assertEquals(4, candidates(ends.a).size());
        assertEquals(
                2,
                candidates(ends.a).stream()
                        .filter(pair -> pair.trust() == Trust.SEALED)
                        .count());
    }

    /** Who echoes our cookie hears what we send to where the peer may be; who does not may be anywhere. */
    @Test
    void rule9WhatEchoesIsNotPushedOutByWhatMayBeAnybodys() {
        Items echoing = echoing(0x777);
        hear(ends.a, echoing, null, ends.b.address);
        ends.run(SECOND + MS, 0);
        for (int i = 0; i < 5; i++) {
            ends.a.receive(forged(ends.a, ELSEWHERE, 0x900 + i, 1));
            ends.run(SECOND + MS, 0);
            assertEquals(Math.min(2, i + 2), candidates(ends.a).size());
            assertEquals(
                    echoing.announcement().core(), candidates(ends.a).getFirst().theirs());
        }
        for (int i = 0; i < 2; i++) {
            hear(ends.a, echoing(0x800 + i), null, ends.b.address);
            ends.run(SECOND + MS, 0);
        }
        assertEquals(
                List.of(0x800, 0x801),
                candidates(ends.a).stream().map(EpochPair::incarnation).toList());
    }

    private Items echoing(int incarnation) {
        Core core = Core.of(REQUIRED, incarnation, new OwnEpoch(1, Long.MAX_VALUE / 2, ends.new Drawn()));
        return new Items(new Announcement(core, 60_000, 7, ends.a.cookie(ends.b.address), 0), null, null, null);
    }

    /** Somebody with the peer's own keys, or a peer that crashes and starts each second, and never sends data. */
    @Test
    void rule9AgreedPairsAreBoundedToo() {
        ends.weather.lost = 100; // the other side says nothing, and hears nothing
        EpochPair oldest = ends.b.exchange.sending();
        for (int i = 0; i < 200; i++) {
            Datagram first = forged(ends.b, ends.a.address, 0x1000 + i, 1);
            ends.b.receive(first);
            ends.run(SECOND + 200 * MS, 0);
            EpochPair made = candidates(ends.b).getLast();
            assertEquals(first.items().announcement().core(), made.theirs());
            Items confirm = new Items(null, null, null, new Items.Confirm(false, 60_000));
            String key = ((Made) made.secrets()).key;
            EpochPair used = ends.b.exchange.sending();
            ends.b.receive(new Datagram(false, ends.a.address, key, confirm, ends.random.nextLong()));
            assertEquals(made, ends.b.exchange.sending(), "the one agreed last");
            assertTrue(agreed(ends.b).contains(used), "what was under way under the one before still opens");
            assertEquals(Math.min(i + 2, Exchange.MOST_AGREED), agreed(ends.b).size());
        }
        assertTrue(((Made) oldest.secrets()).erased);
    }

    /** Of another static pair than that in use there may be more than there is room for. */
    @Test
    void rule9ThePairInUseIsNotTheOneToGo() {
        ends.weather.lost = 100;
        ends.b.hasOtherKeys(false);
        EpochPair used = ends.b.exchange.sending();
        Items confirm = new Items(null, null, null, new Items.Confirm(false, 60_000));
        for (int serial = 1; serial <= 20; serial++) {
            Items first =
                    forged(ends.b, ends.a.address, used.incarnation(), serial).items();
            ends.b.exchange.received(first, new Line.Route(ends.b.other, null, ends.a.address), ends.b.sight());
            ends.run(SECOND + 200 * MS, 0);
            EpochPair made = candidates(ends.b).getLast();
            ends.b.exchange.received(confirm, new Line.Route(ends.b.other, made, ends.a.address), ends.b.sight());
            assertTrue(agreed(ends.b).contains(made));
            assertEquals(used, ends.b.exchange.sending());
            assertTrue(agreed(ends.b).contains(used));
        }
        assertEquals(Exchange.MOST_AGREED, agreed(ends.b).size());
    }

    @Test
    void rule9OlderPairsGoTenSecondsAfterTheFirstDataUnderANewerOne() {
        EpochPair older = ends.a.exchange.sending();
        ends.run(EPOCH - ends.b.epochs.leadNs() - 10 * SECOND, 0);
        while (ends.a.exchange.sending().equals(older)) {
            ends.run(100 * MS, 0); // without data
        }
        ends.run(20 * SECOND, 0);
        assertTrue(ends.a.exchange.pairs().contains(older), "nothing came under the newer one yet");
        ends.b.packet();
        ends.run(100 * MS, 0);
        long dataNs = ends.a.exchange.sending().secrets().dataNs();
        assertTrue(dataNs != 0);
        ends.run(dataNs + Exchange.OLDER_GO_AFTER_NS - MS - ends.nowNs, 0);
        assertTrue(ends.a.exchange.pairs().contains(older), "packets may still be under way");
        ends.run(SECOND + MS, 0);
        assertFalse(ends.a.exchange.pairs().contains(older));
        assertTrue(((Made) older.secrets()).erased);
    }

    /** Said again, it makes nothing new; and no answer is more often than once a second. */
    @Test
    void rule3RepeatedAnnouncementsChangeNothing() {
        Datagram one = forged(ends.b, ELSEWHERE, 0x666, 1);
        ends.run(2 * SECOND, 0);
        ends.b.receive(one);
        int made = ends.b.made;
        int said = ends.b.saidInAll;
        assertEquals(1, candidates(ends.b).size());
        for (int i = 0; i < 50; i++) {
            ends.b.receive(one);
        }
        assertEquals(made, ends.b.made);
        assertEquals(said, ends.b.saidInAll, "answered once in this second");
        assertEquals(1, candidates(ends.b).size());
        ends.run(SECOND + MS, 0);
        ends.b.receive(one);
        assertEquals(made, ends.b.made, "of the pair that is there");
        assertEquals(said + 1, ends.b.saidInAll);
    }

    /** Somebody passes on the peer's own announcement, with whatever he knows to put to it: he uses up no answer to the peer. */
    @Test
    void rule3EachKindOfAnnouncementIsAnsweredByItself() {
        ends.run(2 * SECOND, 0);
        EpochPair under = ends.b.exchange.sending();
        Core core = Core.of(REQUIRED, ends.a.epochs.incarnation(), ends.a.epochs.newest());
        Items echoing =
                new Items(new Announcement(core, 60_000, 7, ends.b.cookie(ends.a.address), 0), null, null, null);
        Items plain = new Items(new Announcement(core, 60_000, 7, 0, 0), null, null, null);
        int said = ends.b.saidInAll;
        for (int i = 0; i < 10; i++) {
            hear(ends.b, plain, null, ELSEWHERE);
        }
        assertEquals(said + 1, ends.b.saidInAll);
        for (int i = 0; i < 10; i++) {
            hear(ends.b, plain, null, ends.a.address);
        }
        assertEquals(said + 2, ends.b.saidInAll);
        for (int i = 0; i < 10; i++) {
            hear(ends.b, echoing, null, ends.a.address);
        }
        assertEquals(said + 3, ends.b.saidInAll);
        for (int i = 0; i < 10; i++) {
            hear(ends.b, plain, under, ends.a.address);
        }
        assertEquals(said + 4, ends.b.saidInAll);
    }

    /** An acknowledgement that did not come under the pair itself counts for nothing. */
    @Test
    void rule6AConfirmUnderAnotherPairAgreesOnNothing() {
        ends.b.receive(forged(ends.b, ends.a.address, 0x666, 1));
        ends.run(SECOND + MS, 0);
        EpochPair candidate = candidates(ends.b).getFirst();
        Items confirm = new Items(null, null, null, new Items.Confirm(true, 60_000));
        ends.b.receive(new Datagram(false, ends.a.address, null, confirm, ends.random.nextLong()));
        String used = ((Made) ends.a.exchange.sending().secrets()).key;
        ends.b.receive(new Datagram(false, ends.a.address, used, confirm, ends.random.nextLong()));
        assertFalse(candidate.isAgreed());
        assertTrue(ends.b.exchange.sending().isAgreed());
        String own = ((Made) candidate.secrets()).key;
        ends.b.receive(new Datagram(false, ends.a.address, own, confirm, ends.random.nextLong()));
        assertTrue(candidate.isAgreed(), "under its own it does");
    }

    /** One gateway runs for epochs, the other has just started, and with the other keys their places in the order are swapped. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rule8AChangeOfHostKeysGoesOverWhateverTheSerialsSay(boolean ofAnotherKind) {
        ends.run(3 * EPOCH, SECOND);
        ends.b.start();
        ends.run(5 * SECOND, 100 * MS);
        assertTrue(ends.a.exchange.sending().own().serial()
                > ends.b.exchange.sending().own().serial());
        long refused = ends.a.refusedForKey + ends.b.refusedForKey;
        for (End end : List.of(ends.a, ends.b)) {
            end.hasOtherKeys(ofAnotherKind);
            end.base = end.other;
            ends.run(5 * SECOND, 100 * MS);
        }
        for (End end : List.of(ends.b, ends.a)) {
            assertEquals(end.other, end.exchange.sending().base());
            end.exchange.keepOnly(List.of(end.other));
            ends.run(60 * SECOND, 100 * MS);
        }

        assertEquals(refused, ends.a.refusedForKey + ends.b.refusedForKey);
        assertNotNull(ends.a.exchange.sending());
        assertNotNull(ends.b.exchange.sending());
    }
}
