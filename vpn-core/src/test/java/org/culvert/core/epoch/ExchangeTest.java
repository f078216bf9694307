package org.culvert.core.epoch;

import static org.culvert.core.epoch.TwoEnds.MS;
import static org.culvert.core.epoch.TwoEnds.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.culvert.core.epoch.Items.Announcement;
import org.culvert.core.epoch.TwoEnds.Datagram;
import org.culvert.core.epoch.TwoEnds.End;
import org.culvert.tun.Endpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Two ends of the exchange over a network that behaves, and over thousands that do not. */
class ExchangeTest {
    private static final Terms REQUIRED = new Terms(Mode.REQUIRED, 0, 1);
    private static final Terms REQUIRED_PQ = new Terms(Mode.REQUIRED, Core.ML_KEM, 1);
    private static final Terms PREFERRED = new Terms(Mode.PREFERRED, 0, 1);
    private static final Terms OFF = new Terms(Mode.OFF, 0, 1);
    private static final int SEALED_CONTROL_BYTES = 52;
    private static final long TEN_MINUTES = 600 * SECOND;
    private static final Endpoint ELSEWHERE = Endpoint.of(new InetSocketAddress("203.0.113.9", 1640));

    /** With the KEM and without. */
    private enum Kem {
        CLASSICAL(REQUIRED),
        ML_KEM(REQUIRED_PQ);

        final Terms terms;

        Kem(Terms terms) {
            this.terms = terms;
        }
    }

    @ParameterizedTest
    @EnumSource(Kem.class)
    void theFirstPacketWaitsForOneRoundTrip(Kem kem) {
        TwoEnds ends = new TwoEnds(1, kem.terms, kem.terms, TEN_MINUTES);
        ends.weather.latestNs = 1; // each datagram takes a millisecond
        ends.a.packet();
        assertTrue(ends.a.waiting);
        long begun = ends.nowNs;
        while (ends.a.exchange.sending() == null) {
            ends.run(MS / 10, 0);
        }
        assertTrue(ends.nowNs - begun < 3 * MS, "took " + (ends.nowNs - begun) / 1000 + " us");
        ends.a.packet();
        ends.run(2 * MS, 0);
        assertEquals(1, ends.b.delivered);
        assertNotNull(ends.b.exchange.sending(), "the packet has shown that the other side has the pair");
    }

    @ParameterizedTest
    @EnumSource(Kem.class)
    void aRestartedEndIsReachableARoundTripAfterItsFirstPacket(Kem kem) {
        TwoEnds ends = restarted(kem);
        long begunNs = ends.nowNs;
        ends.b.packet();
        runUntilEitherSendsAnew(ends, begunNs + 3 * MS);
        assertTrue(ends.nowNs - begunNs <= 2 * MS + MS / 5, "took " + (ends.nowNs - begunNs) / 1000 + " us");
        assertPassesBothWays(ends, ends.b, 0);
    }

    /** Its first packet was lost. The other's is lost too, but brings an announcement back, and so a round trip follows. */
    @ParameterizedTest
    @EnumSource(Kem.class)
    void aRestartedEndIsReachableARoundTripAfterItHasSaidThatItForgot(Kem kem) {
        TwoEnds ends = restarted(kem);
        long begunNs = ends.nowNs;
        ends.a.packet();
        runUntilEitherSendsAnew(ends, begunNs + 6 * MS);
        assertTrue(ends.nowNs - begunNs <= 4 * MS + MS / 5, "took " + (ends.nowNs - begunNs) / 1000 + " us");
        assertPassesBothWays(ends, ends.a, 1);
    }

    /** B has started anew; nothing has been said since. Each datagram takes a millisecond, so a round trip two. */
    private static TwoEnds restarted(Kem kem) {
        TwoEnds ends = connected(kem.terms);
        ends.weather.latestNs = 1;
        ends.b.start();
        ends.b.doesNotTickBefore(ends.nowNs + SECOND);
        return ends;
    }

    private static void runUntilEitherSendsAnew(TwoEnds ends, long untilNs) {
        EpochPair before = ends.a.exchange.sending();
        while (ends.nowNs < untilNs && ends.a.exchange.sending() == before && ends.b.exchange.sending() == null) {
            ends.run(MS / 10, 0);
        }
    }

    /** From the one that has the new keys first, and back. */
    private static void assertPassesBothWays(TwoEnds ends, End first, long lost) {
        long toA = ends.a.delivered;
        long toB = ends.b.delivered;
        first.packet();
        ends.run(MS + MS / 10, 0);
        ends.other(first).packet();
        ends.run(MS + MS / 10, 0);
        assertEquals(toA + 1, ends.a.delivered);
        assertEquals(toB + 1, ends.b.delivered);
        assertEquals(lost, ends.b.refusedForKey);
    }

    @Test
    void whoSentAndHearsNothingSaysItsAnnouncementOnceASecondAndNotBeforeTwo() {
        TwoEnds ends = connected(REQUIRED_PQ);
        ends.weather.lost = 100;
        ends.a.firstsAtNs.clear();
        long begunNs = ends.nowNs;
        ends.run(20 * SECOND, 100 * MS);
        List<Long> at = ends.a.firstsAtNs;
        assertTrue(at.getFirst() - begunNs >= 2 * SECOND, "after " + (at.getFirst() - begunNs) / MS + " ms");
        assertTrue(at.size() >= 16 && at.size() <= 19, "said " + at.size() + " times in 20 s");
        for (int i = 1; i < at.size(); i++) {
            assertTrue(at.get(i) - at.get(i - 1) >= SECOND, "twice within a second");
        }
    }

    @Test
    void whoSentNothingIsNotDisturbedByHearingNothing() {
        TwoEnds ends = connected(REQUIRED_PQ);
        ends.weather.lost = 100;
        ends.a.firstsAtNs.clear();
        ends.run(20 * SECOND, 0);
        assertEquals(List.of(), ends.a.firstsAtNs);
    }

    /** Datagrams of each length come a hundred times a second, as if from the peer. */
    @ParameterizedTest
    @EnumSource(Kem.class)
    void aStrangeSpiBringsNoMoreBackThanItIsLongAndNoMoreThanOneASecond(Kem kem) {
        for (int bytes = 36; bytes < 200; bytes++) {
            TwoEnds ends = restarted(kem);
            ends.b.doesNotTickBefore(Long.MAX_VALUE);
            ends.weather.lost = 100;
            ends.weather.recording = true;
            for (int i = 0; i < 300; i++) {
                ends.b.exchange.strangeSpi(bytes, ends.b.sight());
                ends.run(10 * MS, 0);
            }
            List<Datagram> said = ends.recorded.stream().filter(Datagram::toA).toList();
            assertEquals(bytes < Exchange.ASKING_BYTES ? 0 : 3, said.size(), bytes + " bytes");
            for (Datagram each : said) {
                int length = SEALED_CONTROL_BYTES + each.items().write().length;
                assertTrue(length <= bytes, length + " bytes in answer to " + bytes);
            }
        }
    }

    /** Nothing is known of where b is but that it is at one of three addresses, and it is at the last. */
    @ParameterizedTest
    @EnumSource(Kem.class)
    void triesEveryPlaceOfThePeerBeforeThereIsAPair(Kem kem) {
        TwoEnds ends = new TwoEnds(4, kem.terms, kem.terms, TEN_MINUTES);
        ends.b.doesNotTickBefore(Long.MAX_VALUE); // and has no reason to begin
        ends.a.peerAt = Endpoint.of(new InetSocketAddress("203.0.113.7", 1640));
        ends.a.elsewhere = List.of(Endpoint.of(new InetSocketAddress("203.0.113.8", 1640)), ends.b.address);
        ends.a.packet();
        ends.run(3 * SECOND + 500 * MS, 100 * MS);
        assertNotNull(ends.a.exchange.sending(), "it waits " + ends.a.waiting);
        assertTrue(ends.a.exchange.sending().from().sameRemote(ends.b.address));
    }

    @ParameterizedTest
    @EnumSource(Kem.class)
    void aChangeOfEpochLosesNothing(Kem kem) {
        TwoEnds ends = connected(kem.terms);
        long offered = ends.a.sentPackets + ends.b.sentPackets;
        long delivered = ends.a.delivered + ends.b.delivered;
        EpochPair first = ends.a.exchange.sending();
        ends.run(2 * TEN_MINUTES, 100 * MS);
        ends.run(SECOND, 0);
        assertTrue(EpochPair.compare(ends.a.exchange.sending(), first) > 0, "another pair");
        assertEquals(
                ends.a.sentPackets + ends.b.sentPackets - offered, ends.a.delivered + ends.b.delivered - delivered);
        assertEquals(0, ends.a.refusedForKey + ends.b.refusedForKey);
    }

    @Test
    void aChangeOfEpochOfAnIdleLinkHappensToo() {
        TwoEnds ends = connected(REQUIRED_PQ);
        ends.run(5 * TEN_MINUTES, 0);
        assertNotNull(ends.a.exchange.sending());
        assertTrue(ends.a.exchange.pairs().size() <= 2, "those that are over are gone");
        ends.a.packet();
        ends.run(SECOND, 0);
        assertEquals(0, ends.b.refusedForKey);
    }

    @Test
    void noPairOutlivesItsFirstEpochByMoreThanAMinute() {
        TwoEnds ends = connected(REQUIRED);
        EpochPair pair = ends.a.exchange.sending();
        ends.weather.lost = 100;
        long endNs = pair.endNs();
        ends.run(endNs - ends.nowNs + 59 * SECOND, SECOND);
        assertTrue(ends.a.exchange.pairs().contains(pair), "what is on its way may still come");
        assertNull(ends.a.exchange.sending());
        ends.run(3 * SECOND, SECOND);
        assertEquals(0, ends.a.exchange.pairs().size());
        assertEquals(0, ends.b.exchange.pairs().size());
    }

    @Test
    void requiredSendsNothingUnderTheStaticPair() {
        TwoEnds ends = new TwoEnds(5, REQUIRED, OFF, TEN_MINUTES);
        ends.run(20 * SECOND, SECOND);
        assertEquals(0, ends.a.sentPackets);
        assertEquals(Mode.OFF, ends.a.exchange.announced().mode());
        assertEquals(Mode.REQUIRED, ends.b.exchange.announced().mode());
        assertTrue(ends.a.refusedStatic > 0);
    }

    @Test
    void preferredBeginsWithTheStaticPairAndNeverGoesBack() {
        TwoEnds ends = new TwoEnds(6, PREFERRED, PREFERRED, TEN_MINUTES);
        ends.weather.lost = 100;
        ends.run(5 * SECOND, SECOND);
        ends.weather.lost = 0;
        assertTrue(ends.a.sentPackets > 0);
        ends.run(10 * SECOND, SECOND);
        assertNotNull(ends.a.exchange.sending());
        long delivered = ends.b.delivered;
        ends.b.start();
        ends.send(new Datagram(false, ends.a.address, null, null, 4711));
        ends.run(SECOND / 2, 0);
        assertEquals(delivered, ends.b.delivered, "once agreed, remembered over restarts");
        assertEquals(1, ends.b.refusedStatic);
    }

    @Test
    void offSaysNothing() {
        TwoEnds ends = new TwoEnds(7, OFF, OFF, TEN_MINUTES);
        ends.run(30 * SECOND, SECOND);
        assertEquals(0, ends.a.saidInAll + ends.b.saidInAll);
        assertTrue(ends.b.delivered > 20);
    }

    @Test
    void withoutTrafficOrAnswerItAsksLessAndLess() {
        TwoEnds ends = new TwoEnds(8, REQUIRED, REQUIRED, 3600 * SECOND);
        ends.weather.lost = 100;
        ends.run(64 * SECOND, 0);
        assertTrue(ends.a.saidInAll >= 6 && ends.a.saidInAll <= 8, "said " + ends.a.saidInAll);
        int before = ends.a.saidInAll;
        ends.run(64 * SECOND, 100 * MS);
        int more = ends.a.saidInAll - before;
        assertTrue(more >= 60 && more <= 65, "once a second while packets wait: " + more);
    }

    /** Off the path, with the static key of one side: forges announcements as fast as it likes, with sources as it likes. */
    @ParameterizedTest
    @EnumSource(Kem.class)
    void floodOfForgedAnnouncementsKeepsNobodyApart(Kem kem) {
        TwoEnds ends = new TwoEnds(9, kem.terms, kem.terms, TEN_MINUTES);
        for (int i = 0; i < 20_000; i++) {
            forge(ends, ends.a, kem.terms, i);
            ends.run(MS, 100 * MS);
        }
        assertNotNull(ends.a.exchange.sending());
        assertTrue(ends.a.delivered > 100 && ends.b.delivered > 100);
        assertTrue(ends.a.made <= 21, "one DH per second: " + ends.a.made);
        assertTrue(ends.a.exchange.pairs().size() <= 5);
        EpochPair used = ends.a.exchange.sending();
        assertTrue(used.isAgreed() && ends.b.exchange.sending() != null);
    }

    /**
     * He asks either side for its announcement and passes it on to the other in its name, from its address, a hundred times a second, and
     * provokes announcements: of each there are only so many, and he must not use up the peer's.
     */
    @ParameterizedTest
    @EnumSource(Kem.class)
    void floodOfTheTrueAnnouncementsDoesNotHinderAChangeOfEpoch(Kem kem) {
        TwoEnds ends = connected(kem.terms, 60 * SECOND);
        long offered = ends.a.sentPackets + ends.b.sentPackets;
        long delivered = ends.a.delivered + ends.b.delivered;
        for (int i = 0; i < 5 * 60 * 100; i++) {
            passOn(ends, ends.a, i);
            passOn(ends, ends.b, i);
            provoke(ends, ends.a, i);
            provoke(ends, ends.b, i);
            ends.run(10 * MS, 100 * MS);
            assertNotNull(ends.a.exchange.sending(), "after " + i / 100 + " s");
            assertNotNull(ends.b.exchange.sending(), "after " + i / 100 + " s");
        }
        ends.run(SECOND, 0);
        assertEquals(
                ends.a.sentPackets + ends.b.sentPackets - offered, ends.a.delivered + ends.b.delivered - delivered);
    }

    /** Where the thief of a static key reads the cookie that his answers echo. */
    private enum Cookies {
        AT_HIS_ADDRESS,
        /** He hears what goes to the peer, too, and stops none of it. */
        OF_THE_PEER
    }

    /** He says to both fifty times a second what takes a pair to be looked at, as answers and as firsts, and spoils KEM messages. */
    @ParameterizedTest
    @CsvSource({"CLASSICAL, AT_HIS_ADDRESS", "CLASSICAL, OF_THE_PEER", "ML_KEM, AT_HIS_ADDRESS", "ML_KEM, OF_THE_PEER"})
    void floodOfForgedAnswersDoesNotHinderAChangeOfEpoch(Kem kem, Cookies cookies) {
        TwoEnds ends = connected(kem.terms, 60 * SECOND);
        long offered = ends.a.sentPackets + ends.b.sentPackets;
        long delivered = ends.a.delivered + ends.b.delivered;
        EpochPair before = ends.a.exchange.sending();
        for (int i = 0; i < 3 * 60 * 50; i++) {
            for (End victim : List.of(ends.a, ends.b)) {
                forgeAnswer(ends, victim, cookies == Cookies.OF_THE_PEER ? ends.other(victim).address : ELSEWHERE);
            }
            ends.run(20 * MS, 100 * MS);
            assertNotNull(ends.a.exchange.sending(), "after " + i / 50 + " s");
            assertNotNull(ends.b.exchange.sending(), "after " + i / 50 + " s");
        }
        ends.run(SECOND, 0);
        assertTrue(EpochPair.compare(ends.a.exchange.sending(), before) > 0, "other epochs");
        assertEquals(
                ends.a.sentPackets + ends.b.sentPackets - offered, ends.a.delivered + ends.b.delivered - delivered);
    }

    /** Off the way, and while there is no pair at all: what he can have a cookie for takes nobody's turn. */
    @ParameterizedTest
    @EnumSource(Kem.class)
    void floodOfForgedAnswersFromElsewhereKeepsNobodyApart(Kem kem) {
        TwoEnds ends = new TwoEnds(9, kem.terms, kem.terms, TEN_MINUTES);
        for (int i = 0; i < 5 * 100; i++) {
            forgeAnswer(ends, ends.a, ELSEWHERE);
            forgeAnswer(ends, ends.b, ELSEWHERE);
            ends.run(10 * MS, 100 * MS);
        }
        assertNotNull(ends.a.exchange.sending());
        assertNotNull(ends.b.exchange.sending());
        assertEquals(0, ends.a.exchange.refusedProofs() + ends.b.exchange.refusedProofs());
    }

    private static void forgeAnswer(TwoEnds ends, End victim, Endpoint from) {
        int tag = Core.of(victim.terms, victim.epochs.incarnation(), victim.epochs.newest())
                .tag();
        Core core = Core.of(REQUIRED, 0x666, new OwnEpoch(1, Long.MAX_VALUE / 2, ends.new Drawn()));
        byte[] noise = new byte[800];
        ends.random.nextBytes(noise);
        int echo = victim.cookie(from);
        Items.Proof proof = new Items.Proof(Arrays.copyOf(noise, 16), new byte[16]);
        byte[] kemKey = ends.other(victim).epochs.newest().material().kemKey();
        List<Items> all = new ArrayList<>();
        all.add(new Items(new Announcement(core, 60_000, 4711, echo, tag), proof, null, null));
        all.add(new Items(new Announcement(core, 60_000, 4711, echo, 0), null, null, null));
        all.add(new Items(null, null, new Items.Part(Core.tag(kemKey), echo, 0, kemKey.length, noise), null));
        for (Items items : all) {
            ends.send(new Datagram(victim.isA, from, null, items, ends.random.nextLong()));
        }
    }

    @Test
    void anAnnouncementPassedOnFromElsewhereMovesNoPair() {
        TwoEnds ends = connected(REQUIRED);
        for (End announced : List.of(ends.a, ends.b)) {
            Core core = Core.of(REQUIRED, announced.epochs.incarnation(), announced.epochs.newest());
            Items items = new Items(new Announcement(core, 60_000, 1, 0, 0), null, null, null);
            ends.send(new Datagram(!announced.isA, ELSEWHERE, null, items, 4711));
            ends.run(100 * MS, 0);
            for (EpochPair pair : ends.other(announced).exchange.pairs()) {
                assertTrue(pair.from().sameRemote(announced.address), "its confirms go to the one who passed it on");
            }
        }
    }

    private static void passOn(TwoEnds ends, End announced, int i) {
        Core core = Core.of(announced.terms, announced.epochs.incarnation(), announced.epochs.newest());
        Announcement first = new Announcement(core, 60_000, i + 1, 0, 0);
        List<Items> all = new ArrayList<>(List.of(new Items(first, null, null, null)));
        if (announced.terms.has(Core.ML_KEM)) {
            Parts.of(announced.epochs.newest().material().kemKey(), 0)
                    .forEach(part -> all.add(new Items(null, null, part, null)));
        }
        for (Items items : all) {
            ends.send(new Datagram(!announced.isA, announced.address, null, items, ends.random.nextLong()));
        }
    }

    /** Says in the name of one side that it has forgotten the other, and sends in its name what nobody has keys for. */
    private static void provoke(TwoEnds ends, End inNameOf, int i) {
        Core keyless = Core.keyless(inNameOf.terms, 0x666);
        Items items = new Items(new Announcement(keyless, 0, i + 1, 0, 0), null, null, null);
        ends.send(new Datagram(!inNameOf.isA, inNameOf.address, null, items, ends.random.nextLong()));
        ends.send(new Datagram(!inNameOf.isA, inNameOf.address, "nobody's", null, ends.random.nextLong()));
    }

    private static void forge(TwoEnds ends, End victim, Terms terms, int i) {
        TwoEnds.Drawn drawn = ends.new Drawn();
        Core core = Core.of(terms, 0x666, new OwnEpoch(i, Long.MAX_VALUE / 2, drawn));
        Endpoint from = i % 2 == 0
                ? ends.other(victim).address
                : Endpoint.of(new InetSocketAddress("203.0.113." + i % 200, 1640));
        Items items = new Items(new Announcement(core, 60_000, i, i * 77, 0), null, null, null);
        ends.send(new Datagram(victim.isA, from, null, items, ends.random.nextLong()));
    }

    /** The main thing: thousands of schedules of loss, reordering, doubling, restarts and replayed recordings. */
    @Test
    void alwaysAgreesInTheEndAndRefusesNothingForAKeyReasonUnlessSomebodyRestarts() {
        for (int seed = 0; seed < 250; seed++) {
            schedule(seed, false);
        }
    }

    @Test
    void alwaysAgreesInTheEndWithRestartsAndReplays() {
        for (int seed = 10_000; seed < 10_250; seed++) {
            schedule(seed, true);
        }
    }

    private static void schedule(int seed, boolean restarts) {
        Terms[] all = {REQUIRED, REQUIRED_PQ, PREFERRED, new Terms(Mode.PREFERRED, Core.ML_KEM, 1)};
        TwoEnds ends = new TwoEnds(seed, all[seed % 4], all[seed / 4 % 4], (60 + seed % 240) * SECOND);
        ends.weather.recording = restarts;
        for (int phase = 0; phase < 8; phase++) {
            ends.weather.lost = ends.random.nextInt(4) == 0 ? 100 : ends.random.nextInt(60);
            ends.weather.doubled = ends.random.nextInt(30);
            ends.weather.latestNs = 1 + ends.random.nextLong(2 * SECOND);
            ends.run(ends.random.nextLong(60 * SECOND), ends.random.nextInt(3) == 0 ? 0 : 200 * MS);
            if (restarts) {
                disturb(ends);
            }
        }
        ends.weather.lost = 0;
        ends.weather.doubled = 0;
        ends.weather.latestNs = 20 * MS;
        String what = "seed " + seed;
        run(what, ends, 45 * SECOND);
        long deliveredToA = ends.a.delivered;
        long deliveredToB = ends.b.delivered;
        run(what, ends, 5 * SECOND);
        assertTrue(
                ends.a.delivered - deliveredToA >= 24 && ends.b.delivered - deliveredToB >= 24, what + ": data passes");
        assertNotNull(ends.a.exchange.sending(), what);
        assertNotNull(ends.b.exchange.sending(), what);
        if (!restarts) {
            assertEquals(0, ends.a.refusedForKey + ends.b.refusedForKey, what + ": refused for a key reason");
        }
    }

    private static void disturb(TwoEnds ends) {
        if (ends.random.nextInt(3) == 0) {
            (ends.random.nextBoolean() ? ends.a : ends.b).start();
        }
        for (int i = ends.random.nextInt(30); i > 0 && !ends.recorded.isEmpty(); i--) {
            ends.wire.add(new TwoEnds.Delivery(
                    ends.nowNs + ends.random.nextLong(SECOND),
                    -i,
                    ends.recorded.get(ends.random.nextInt(ends.recorded.size()))));
        }
    }

    private static void run(String what, TwoEnds ends, long forNs) {
        try {
            ends.run(forNs, 200 * MS);
        } catch (AssertionError e) {
            throw new AssertionError(what + ": " + e.getMessage(), e);
        }
    }

    private static TwoEnds connected(Terms terms) {
        return connected(terms, TEN_MINUTES);
    }

    private static TwoEnds connected(Terms terms, long epochNs) {
        TwoEnds ends = new TwoEnds(3, terms, terms, epochNs);
        ends.a.packet();
        ends.b.packet();
        ends.run(3 * SECOND, 100 * MS);
        ends.run(SECOND, 0);
        assertNotNull(ends.a.exchange.sending());
        assertNotNull(ends.b.exchange.sending());
        return ends;
    }
}
