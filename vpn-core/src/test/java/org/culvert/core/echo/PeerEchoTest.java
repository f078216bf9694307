package org.culvert.core.echo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.culvert.core.crypto.Suite;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.core.replay.PeerReplay;
import org.culvert.core.wire.ControlMessage;
import org.culvert.core.wire.ControlMessages;
import org.culvert.tun.Endpoint;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One side of the conversation, the other played by the test. */
class PeerEchoTest {
    private static final long S = 1_000_000_000L;
    private static final long MAPPED = 0xffff_0000_0000L;
    private static final int OWN_PORT = 1640;

    /** The peer at 198.51.100.2:1640, spoken to from 192.0.2.2. */
    private static final Endpoint WAY = new Endpoint(0, MAPPED | 0xc633_6402L, 1640, 0, 0, MAPPED | 0xc000_0202L, 0);

    private record Asked(Endpoint to, long id, int bytes) {}

    private final Region region = new Region(ControlMessage.KEPT_BYTES);
    private final Peer peer =
            new Peer("bonn", List.of(Suite.AES_128_GCM), TrafficKeyPolicy.EVERY_PACKET, new PeerReplay(), 9);
    private final List<Asked> asked = new ArrayList<>();
    private final List<Long> answered = new ArrayList<>();
    private boolean room = true;
    private long nowNs = 400 * S;

    private final PeerEcho.Voice voice = new PeerEcho.Voice() {
        @Override
        public boolean ask(Endpoint to, long id, int datagramBytes) {
            return room && asked.add(new Asked(to, id, datagramBytes));
        }

        @Override
        public boolean answer(ControlRing.Slot question, long id, long variationUs) {
            return room && answered.add(id);
        }
    };

    private Endpoint heardFrom = WAY;
    private PeerEcho echo = echo(PeerEcho.Manner.USUAL);

    private PeerEcho echo(PeerEcho.Manner manner) {
        PeerEcho made = new PeerEcho(peer, voice, manner, () -> OWN_PORT, 500);
        peer.moveTo(WAY);
        made.path(WAY, 1472, 1332, 28);
        return made;
    }

    @AfterEach
    void free() {
        region.close();
    }

    private boolean hear(byte[] message) {
        ControlRing ring = new ControlRing(1);
        ControlRing.Slot slot = ring.claim();
        OffHeap.copy(message, 0, region.address(), message.length);
        slot.messageBytes = message.length;
        slot.endpoint = heardFrom;
        slot.receivedNs = nowNs;
        peer.receivedAt(nowNs);
        return echo.received(slot, region.address(), nowNs);
    }

    private static byte[] reply(long id, long seenLow, int seenPort) {
        return ControlMessages.of(at -> ControlMessage.putAddress(
                ControlMessage.putEchoReply(at, id, 0, 100, 33),
                ControlMessage.SEEN_FROM,
                0,
                MAPPED | seenLow,
                seenPort));
    }

    private static byte[] question(long sentFromLow, int port) {
        return ControlMessages.of(at -> ControlMessage.putAddress(
                ControlMessage.putEcho(at, 77), ControlMessage.SENT_FROM, 0, MAPPED | sentFromLow, port));
    }

    /** A second of ticks, every echo answered in 10 ms, up to a length. */
    private void run(int seconds, int carries) {
        for (int i = 0; i < seconds * 10; i++) {
            nowNs += S / 10;
            int before = asked.size();
            echo.tick(nowNs);
            nowNs += S / 100;
            for (Asked each : List.copyOf(asked.subList(before, asked.size()))) {
                if (each.to == null && each.bytes <= carries) {
                    assertTrue(hear(reply(each.id, 0xc000_0202L, OWN_PORT)));
                }
            }
        }
    }

    @Test
    void answersQuestionsWithTheirId() {
        assertTrue(hear(ControlMessages.echo(0x77)));
        assertEquals(List.of(0x77L), answered);
    }

    @Test
    void answersThoughItDoesNotAsk() {
        echo = echo(new PeerEcho.Manner(false, 25 * S, false));
        run(60, 0);
        assertEquals(List.of(), asked);
        hear(ControlMessages.echo(0x77));
        assertEquals(List.of(0x77L), answered);
    }

    @Test
    void answerToNothingIsRefused() {
        assertFalse(hear(reply(4, 0xc000_0202L, OWN_PORT)));
        assertFalse(echo.report(nowNs).pathFound());
    }

    @Test
    void messageOfLaterKindIsNoOffence() {
        assertTrue(hear(new byte[] {1, 0, 0x7a, (byte) 0xbc, 0, 1, 9}));
    }

    @Test
    void findsPathAndRoundTrip() {
        run(10, 1433);
        EchoReport report = echo.report(nowNs);
        assertEquals(Liveness.State.ALIVE, report.state());
        assertTrue(report.pathFound());
        assertEquals(1433, report.pathBytes());
        assertEquals(10_000_000, report.roundTrips().lastNs(), 2_000_000);
        assertEquals(0, report.roundTrips().lossPercent());
        assertEquals(33, report.variationThereUs());
        assertFalse(report.behindNat() || report.peerBehindNat());
    }

    @Test
    void anotherPortIsTheSamePathAndAnotherAddressIsNot() {
        run(10, 1433);
        echo.path(new Endpoint(0, WAY.remoteLow(), 40_001, 0, 0, WAY.localLow(), 0), 1472, 1332, 28);
        assertEquals(1433, echo.pathBytes());
        echo.path(new Endpoint(0, WAY.remoteLow() + 1, 1640, 0, 0, WAY.localLow(), 0), 1472, 1332, 28);
        assertEquals(0, echo.pathBytes());
    }

    @Test
    void noticesANatOnEitherSideAndKeepsItsMappingAlive() {
        run(60, 1472);
        asked.clear();
        run(220, 1472);
        int idle = asked.size();
        assertTrue(hear(question(0xc633_6402L, 1640)));
        assertFalse(echo.report(nowNs).peerBehindNat());
        assertTrue(hear(question(0x0a00_0002L, 1640)));
        assertTrue(echo.report(nowNs).peerBehindNat());
        asked.clear();
        run(220, 1472);
        assertTrue(asked.size() > idle, asked.size() + " keepalives, idle " + idle);
    }

    @Test
    void learnsFromAnswersThatItIsBehindANat() {
        echo.tick(nowNs);
        assertTrue(hear(reply(asked.getFirst().id, 0xcb00_7107L, 40_001)));
        assertTrue(echo.report(nowNs).behindNat());
    }

    /** What found no room was not asked: it is neither lost nor said to be silent. */
    @Test
    void fullRingIsTriedAgain() {
        room = false;
        run(5, 1472);
        room = true;
        echo.tick(nowNs);
        assertEquals(1, asked.size());
        assertEquals(1, echo.report(nowNs).roundTrips().asked());
    }

    /** A way that works in one direction only: the peer's questions arrive, ours do not. */
    @Test
    void whoAsksIsNotTakenForAGatewayFromBeforeEchoes() {
        for (int i = 0; i < 300; i++) {
            run(1, -1);
            hear(question(0xc633_6402L, 1640));
            assertEquals(Liveness.State.ALIVE, echo.report(nowNs).state());
        }
        assertTrue(echo.wayIsDead(nowNs));
    }

    private static final Endpoint ELSEWHERE = new Endpoint(0, WAY.remoteLow() + 7, 1640, 0, 0, 0, 0);

    @Test
    void silentPeerIsLookedForWhereItMayBe() {
        echo.places(List.of(List.of(WAY.fromAnyLocal()), List.of(ELSEWHERE)), true);
        run(20, 1472);
        assertTrue(asked.stream().allMatch(each -> each.to == null), "it is where it is preferred to be");
        assertFalse(echo.wayIsDead(nowNs));
        asked.clear();
        run(60, -1);
        assertTrue(echo.wayIsDead(nowNs));
        assertTrue(asked.stream().filter(each -> ELSEWHERE.equals(each.to)).count() > 5);
        assertTrue(asked.stream().anyMatch(each -> WAY.fromAnyLocal().equals(each.to)));
        assertTrue(asked.stream().anyMatch(each -> each.to == null), "and where it was last");
    }

    @Test
    void peerIsTakenToItsPreferredPlaceAndHeldThere() {
        echo.places(List.of(List.of(ELSEWHERE), List.of(WAY.fromAnyLocal())), true);
        run(5, 1472);
        List<Asked> there =
                asked.stream().filter(each -> ELSEWHERE.equals(each.to)).toList();
        assertEquals(1, there.size());
        Asked behind = asked.get(asked.indexOf(there.getFirst()) + 1);
        assertNull(behind.to, "what the peer hears last leads it back to where it is, until we have decided");
        assertFalse(peer.isHeld(nowNs), "that one was answered where it is");

        heardFrom = new Endpoint(0, ELSEWHERE.remoteLow(), 1640, 0, 0, WAY.localLow(), 0);
        assertTrue(hear(reply(there.getFirst().id, 0xc000_0202L, OWN_PORT)));
        assertEquals(heardFrom, peer.endpoint());
        assertTrue(peer.isHeld(nowNs));
        assertFalse(peer.isHeld(nowNs + 3 * S));
        assertEquals(0, echo.report(nowNs).roundTrips().lossPercent(), "nobody said that it must be there");
    }

    /** Whoever pings a link with losses, or floods it, must not change what is said about it. */
    @Test
    void pingIsAnsweredToWhoAskedAndCountsInNoMeasurement() {
        run(5, 1472);
        EchoReport before = echo.report(nowNs);
        asked.clear();
        List<Long> heard = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            echo.ping(nowNs, heard::add);
        }
        assertTrue(hear(reply(asked.getLast().id, 0xc000_0202L, OWN_PORT)));
        assertEquals(1, heard.size());
        assertFalse(hear(reply(asked.getLast().id, 0xc000_0202L, OWN_PORT)), "once");
        nowNs += 10 * S;
        echo.tick(nowNs);
        EchoReport.RoundTrips after = echo.report(nowNs).roundTrips();
        assertEquals(before.roundTrips().answered(), after.answered());
        assertEquals(0, after.lossPercent());
    }

    @Test
    void peerWithoutEndpointIsNotAsked() {
        Peer elsewhere =
                new Peer("oslo", List.of(Suite.AES_128_GCM), TrafficKeyPolicy.EVERY_PACKET, new PeerReplay(), 9);
        new PeerEcho(elsewhere, voice, PeerEcho.Manner.USUAL, () -> OWN_PORT, 500).tick(nowNs);
        assertEquals(List.of(), asked);
    }
}
