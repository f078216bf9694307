package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.culvert.core.peer.Peer;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.SkipTime;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

/** Packets for a peer that is up and has no keys for data yet: they wait, and leave in order when there are some. */
class HoldQueueTest extends TwoGateways {
    private TestGateway paris;

    @Override
    void prepare() throws Exception {
        tokyo.waitsForKeys = true;
        paris = new TestGateway("paris", "203.0.113.3", clock, true, "10.3.0.0/24");
        tokyo.knows(paris);
    }

    private static byte[] toParis(int payloadBytes) {
        return Packets.udp("10.1.0.7", "10.3.0.9", payloadBytes, 3);
    }

    private void sealToParis(int count) {
        for (int i = 0; i < count; i++) {
            tokyo.seal(toParis(100));
        }
    }

    private long droppedTo(TestGateway peer) {
        return tokyo.peer(peer).counters().dropped(DropReason.TX_NO_KEYS);
    }

    private static byte[] packet(int seed) {
        return Packets.udp("10.1.0.7", "10.2.0.9", 100 + seed, seed);
    }

    private List<byte[]> delivered(List<byte[]> datagrams) {
        List<byte[]> packets = new ArrayList<>();
        datagrams.forEach(datagram -> packets.addAll(bonn.open(tokyo.address, datagram)));
        return packets;
    }

    private void keysCome() {
        tokyo.waitsForKeys = false;
        tokyo.publish();
    }

    @Test
    void firstPacketsLeaveInOrderBeforeThoseThatCameLater() {
        assertEquals(0, tokyo.seal(packet(1), packet(2)).size());
        assertEquals(0, tokyo.seal(packet(3)).size());
        assertEquals(clock.ns, tokyo.peer(bonn).packetWaitsNs());
        assertTrue(tokyo.peer(bonn).takePairHeard(), "the control thread is told");
        keysCome();
        List<byte[]> packets = delivered(tokyo.seal(packet(4)));
        assertEquals(4, packets.size());
        for (int i = 0; i < 4; i++) {
            assertArrayEquals(packet(i + 1), packets.get(i));
        }
        assertEquals(0, tokyo.dropped(DropReason.TX_NO_KEYS));
        assertEquals(0, delivered(tokyo.seal()).size(), "and only once");
    }

    @Test
    void holdsNoMoreThan64AndCountsTheRest() {
        for (int i = 0; i < 70; i++) {
            tokyo.seal(packet(i));
        }
        assertEquals(6, tokyo.dropped(DropReason.TX_NO_KEYS));
        keysCome();
        assertEquals(64, delivered(tokyo.seal()).size());
    }

    @Test
    void holdsNoMoreBytesThanItHas() {
        byte[] large = Packets.udp("10.1.0.7", "10.2.0.9", 60_000, 5);
        for (int i = 0; i < 6; i++) {
            tokyo.seal(large);
        }
        assertEquals(2, tokyo.dropped(DropReason.TX_NO_KEYS));
    }

    @Test
    void dropsWhatHasWaitedTooLong() {
        tokyo.seal(packet(1));
        clock.advanceSeconds(5);
        tokyo.seal(packet(2));
        keysCome();
        List<byte[]> packets = delivered(tokyo.seal());
        assertEquals(1, packets.size());
        assertArrayEquals(packet(2), packets.getFirst());
        assertEquals(1, tokyo.dropped(DropReason.TX_NO_KEYS));
    }

    @Test
    void staysWhileOtherSnapshotsComeWithoutKeys() {
        tokyo.seal(packet(1));
        tokyo.publish();
        assertEquals(0, tokyo.seal().size());
        keysCome();
        assertEquals(1, delivered(tokyo.seal()).size());
    }

    /** Nothing there will ever answer, and somebody pings it. */
    @Test
    void aPeerThatIsOffDoesNotTakeThePlacesOfOthers() {
        sealToParis(64);
        tokyo.seal(packet(1), packet(2));
        assertEquals(0, droppedTo(bonn));
        assertEquals(2, droppedTo(paris));
        sealToParis(100);
        assertEquals(0, droppedTo(bonn), "nor takes them back");
        keysCome();
        List<byte[]> datagrams = tokyo.seal();
        assertEquals(64, datagrams.size());
        assertEquals(2, delivered(datagrams).size());
    }

    @Test
    void twoThatWantAllHaveHalf() {
        sealToParis(64);
        for (int i = 0; i < 40; i++) {
            tokyo.seal(packet(i));
        }
        assertEquals(32, droppedTo(paris));
        assertEquals(8, droppedTo(bonn));
        keysCome();
        List<byte[]> packets = delivered(tokyo.seal());
        assertEquals(32, packets.size());
        assertArrayEquals(packet(0), packets.getFirst(), "the first are kept");
        assertArrayEquals(packet(31), packets.getLast());
    }

    @Test
    void bytesAreSharedAsPlacesAre() {
        for (int i = 0; i < 4; i++) {
            tokyo.seal(toParis(60_000));
        }
        byte[] large = Packets.udp("10.1.0.7", "10.2.0.9", 60_000, 5);
        tokyo.seal(large, large, large);
        assertEquals(2, droppedTo(paris));
        assertEquals(1, droppedTo(bonn));
        tokyo.seal(packet(1));
        assertEquals(1, droppedTo(bonn), "a small one has room beside them");
    }

    /** What a peer had is reckoned anew once its packets have left. */
    @Test
    void whoWasServedBeginsAgainWithNothing() {
        sealToParis(64);
        keysCome();
        assertEquals(64, tokyo.seal().size());
        tokyo.waitsForKeys = true;
        tokyo.publish();
        for (int i = 0; i < 64; i++) {
            tokyo.seal(packet(i));
        }
        sealToParis(32);
        assertEquals(0, droppedTo(paris));
        assertEquals(32, droppedTo(bonn));
    }

    /** Else a reload that gives a network to another peer would have packets overwritten while they are sealed. */
    @Test
    void takesNoneWhileOthersLeave() {
        keysCome();
        byte[] bytes = packet(1);
        try (HoldQueue queue = new HoldQueue(0, 16);
                Region region = new Region(bytes.length)) {
            OffHeap.copy(bytes, 0, region.address(), bytes.length);
            Peer peer = tokyo.peer(bonn);
            assertTrue(queue.hold(peer, region.address(), bytes.length, clock.ns));
            int due = queue.due(
                    tokyo.published.current(), SkipTime.hour(clock.ticks), clock.ns, new long[64], new int[64]);
            assertEquals(1, due);
            assertFalse(queue.hold(peer, region.address(), bytes.length, clock.ns));
            queue.compact();
            assertTrue(queue.isEmpty());
            assertTrue(queue.hold(peer, region.address(), bytes.length, clock.ns));
        }
    }
}
