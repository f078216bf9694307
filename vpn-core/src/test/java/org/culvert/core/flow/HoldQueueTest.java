package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.culvert.core.wire.DropReason;
import org.junit.jupiter.api.Test;

/** Packets for a peer that is up and has no keys for data yet: they wait, and leave in order when there are some. */
class HoldQueueTest extends TwoGateways {
    @Override
    void prepare() {
        tokyo.waitsForKeys = true;
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
}
