package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.culvert.core.epoch.Mode;
import org.culvert.core.flow.Published;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;
import org.culvert.core.wire.ControlMessage;
import org.culvert.core.wire.DropReason;
import org.culvert.tun.Endpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** During a change of keys in mode required: what may be said under static keys alone, and what is made of it. */
class CorrespondenceTest {
    private static final int ANNOUNCEMENT = 16;
    private static final int LISTS_HELD = 33;
    private static final int LIST_WANTED = 34;
    private static final int LIST_PART = 35;

    @TempDir
    private Path folder;

    private TestSites sites;
    private PeerBook book;
    private Published published;
    private Correspondence correspondence;
    private Member member;
    private int forTheExchange;
    private long ticks = 1;

    /** Tokyo has an old key and a new one. */
    @BeforeEach
    void twoPairs() throws Exception {
        sites = new TestSites(folder);
        OwnIdentity old = sites.identity("tokyo", 365, "10.1.0.0/24");
        OwnIdentity bonn = sites.identity("bonn", 365, "10.2.0.0/24");
        sites.advance(Duration.ofDays(200));
        OwnIdentity next = sites.identity("tokyo", 365, "10.1.0.0/24");
        Plan plan = sites.plan(
                bonn,
                new Plan.PeerPlan(
                        sites.setup(old, new Secrecy(Mode.REQUIRED, null)),
                        List.of(old.certificate(), next.certificate())));
        book = new PeerBook(plan, StateFile.NONE, () -> 0x4100, sites.now, sites.ns());
        published = new Published(book.first(sites.now, sites.ns()));
        member = book.members().getFirst();
        correspondence = new Correspondence(published, () -> {}, () -> 1640, (peer, slot, nowNs) -> {
            forTheExchange++;
            return false;
        });
        assertEquals(2, pairs().size());
    }

    @AfterEach
    void close() {
        correspondence.close();
        book.close();
    }

    /** Oldest first. */
    private List<PairKeys> pairs() {
        List<PairKeys> all = new ArrayList<>();
        member.pairs().forEach((pair, own, theirs) -> all.add(pair));
        return all;
    }

    /** One item, as Inbound hands it over. */
    private void hear(PairKeys under, long sentTicks, int type, byte[] value) {
        Peer peer = member.peer();
        ControlRing.Slot slot =
                Objects.requireNonNull(peer.announcementsReceived().claim());
        ByteBuffer.wrap(slot.message)
                .putShort((short) 0x0100)
                .putShort((short) type)
                .putShort((short) value.length)
                .put(value);
        slot.messageBytes = 6 + value.length;
        slot.datagramBytes = 52 + slot.messageBytes;
        slot.endpoint = Endpoint.of(new InetSocketAddress("203.0.113.9", 1640));
        slot.pair = under;
        slot.senderTicks = sentTicks;
        slot.receivedNs = sites.ns();
        peer.announcementsReceived().offer(slot);
        correspondence.serve(List.of(member), sites.ns());
    }

    private long refused() {
        return member.peer().counters().dropped(DropReason.NO_FORWARD_SECRECY);
    }

    @Test
    void nothingIsAnsweredThatIsNotForTheExchange() {
        PairKeys base = member.pairs().base();
        int[] types = {
            ControlMessage.ECHO, ControlMessage.ECHO_REPLY, ControlMessage.SEEN_FROM, LISTS_HELD, LIST_WANTED, LIST_PART
        };
        for (int i = 0; i < types.length; i++) {
            hear(pairs().getFirst(), ticks++, types[i], new byte[36]);
            assertEquals(i + 1, refused(), "type " + types[i]);
            assertEquals(i + 1, forTheExchange);
            assertNull(published.controlToSend().peek(), "answered to type " + types[i]);
        }
        assertNull(member.peer().controlReceived().peek());
        assertEquals(base, member.pairs().base());
    }

    /** All that its gateway seals at once has one time: first what leads to epoch keys, then which pairs it opens. */
    @Test
    void whichPairsThePeerHasIsListenedToAfterAnAnnouncementOfTheSameMoment() {
        PairKeys older = pairs().getFirst();
        PairKeys newer = pairs().getLast();
        member.peer().receivedAt(sites.ns());
        assertFalse(member.pairs().due(sites.ns()).contains(newer));
        byte[] both = ByteBuffer.allocate(16)
                .putLong(older.sendingTag())
                .putLong(newer.sendingTag())
                .array();
        hear(older, ticks, ANNOUNCEMENT, new byte[36]);
        hear(older, ticks, ControlMessage.PAIRS, both);
        assertTrue(member.pairs().due(sites.ns()).contains(newer));
    }

    /** Which pairs the peer opens is listened to: of news, and without an answer at once. */
    @Test
    void whichPairsThePeerHasIsListenedToUnlessItIsRecorded() {
        PairKeys older = pairs().getFirst();
        PairKeys newer = pairs().getLast();
        byte[] tags = ByteBuffer.allocate(16)
                .putLong(older.sendingTag())
                .putLong(newer.sendingTag())
                .array();
        for (int i = 0; i < 3; i++) {
            hear(older, ticks++, ControlMessage.PAIRS, tags);
        }
        long recordedUntil = ticks;
        hear(newer, ticks++, ControlMessage.PAIRS, tags);
        member.pairs().choose();
        assertEquals(newer, member.pairs().base());
        for (long again = 1; again < recordedUntil; again++) {
            hear(older, again, ControlMessage.PAIRS, tags);
        }
        member.pairs().choose();
        assertEquals(newer, member.pairs().base(), "what was recorded does not bring the old key back");
        assertEquals(0, refused());
        assertNull(published.controlToSend().peek());
        for (int i = 0; i < 3; i++) {
            hear(older, ticks++, ControlMessage.PAIRS, tags);
        }
        member.pairs().choose();
        assertEquals(older, member.pairs().base(), "what is new does");
    }

    /** The same words in the ring of what is believed are answered: so the others are not because of where they came from. */
    @Test
    void anEchoUnderKeysThatCarryDataIsAnswered() {
        Peer peer = member.peer();
        ControlRing.Slot slot = Objects.requireNonNull(peer.controlReceived().claim());
        ByteBuffer.wrap(slot.message)
                .putShort((short) 0x0100)
                .putShort((short) ControlMessage.ECHO)
                .putShort((short) 8)
                .putLong(4711);
        slot.messageBytes = 14;
        slot.datagramBytes = 66;
        slot.endpoint = Endpoint.of(new InetSocketAddress("198.51.100.2", 1640));
        slot.pair = pairs().getFirst();
        slot.receivedNs = sites.ns();
        peer.controlReceived().offer(slot);
        correspondence.serve(List.of(member), sites.ns());
        assertNotNull(published.controlToSend().peek());
        assertTrue(refused() == 0);
    }
}
