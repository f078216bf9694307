package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.culvert.core.crypto.Suite;
import org.culvert.core.peer.Peer;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.core.replay.PeerReplay;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PacketRingTest {
    private static final int SNAP = 65_535; // the fewest slots: 64

    private final Peer osaka = peer("osaka");
    private final Peer bonn = peer("bonn");
    private final Region memory = new Region(4_096);
    private final List<byte[]> seen = new ArrayList<>();
    private final List<String> told = new ArrayList<>();

    PacketRingTest() {
        for (int i = 0; i < 4_096; i++) {
            OffHeap.putU8(memory.address() + i, i * 7 + 3);
        }
    }

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void givesPacketsInTheirOrder() {
        PacketRing ring = new PacketRing(true, null, SNAP);
        ring.add(osaka, 17, memory.address() + 5, 40);
        ring.add(bonn, 18, memory.address() + 100, 61);
        readAll(ring);
        assertEquals(List.of("osaka out 17 40", "bonn out 18 61"), told);
        assertArrayEquals(bytes(5, 40), seen.get(0));
        assertArrayEquals(bytes(100, 61), seen.get(1));
    }

    @Test
    void copiesNoMoreThanAsked() {
        PacketRing ring = new PacketRing(false, null, 33);
        ring.add(osaka, 17, memory.address(), 1_000);
        readAll(ring);
        assertEquals(List.of("osaka in 17 1000"), told);
        assertArrayEquals(bytes(0, 33), seen.getFirst());
    }

    /** As the coalescer writes: a virtio header first, then headers, then payloads that lie elsewhere. */
    @Test
    void joinsPiecesAndLeavesTheirFirstBytesOut() {
        for (int snap : new int[] {SNAP, 25}) {
            PacketRing ring = new PacketRing(false, null, snap);
            try (Region iovecs = new Region(64)) {
                long[][] pieces = {{0, 10}, {200, 20}, {900, 30}};
                for (int i = 0; i < pieces.length; i++) {
                    OffHeap.putNativeI64(iovecs.address() + i * 16L, memory.address() + pieces[i][0]);
                    OffHeap.putNativeI64(iovecs.address() + i * 16L + 8, pieces[i][1]);
                }
                ring.add(osaka, 17, iovecs.address(), 3, 10);
            }
            seen.clear();
            readAll(ring);
            byte[] whole = Arrays.copyOf(bytes(200, 20), 50);
            System.arraycopy(bytes(900, 30), 0, whole, 20, 30);
            assertArrayEquals(Arrays.copyOf(whole, Math.min(snap, 50)), seen.getFirst());
            assertEquals("osaka in 17 50", told.removeFirst());
        }
    }

    @Test
    void countsWhatFindsNoRoomAndGoesOnLater() {
        PacketRing ring = new PacketRing(true, null, SNAP);
        for (int i = 0; i < 70; i++) {
            ring.add(osaka, i, memory.address(), 20);
        }
        assertEquals(6, ring.missed());
        readAll(ring);
        assertEquals(64, told.size());
        ring.add(osaka, 99, memory.address(), 20);
        readAll(ring);
        assertEquals("osaka out 99 20", told.getLast());
        assertEquals(6, ring.missed());
    }

    @Test
    void takesOnePeersPacketsOnly() {
        PacketRing ring = new PacketRing(true, bonn, SNAP);
        ring.add(osaka, 17, memory.address(), 40);
        ring.add(bonn, 18, memory.address(), 41);
        readAll(ring);
        assertEquals(List.of("bonn out 18 41"), told);
        assertEquals(0, ring.missed());
    }

    /** Two threads: what is read is what was written, packets missed aside. */
    @Test
    void handsOverBetweenThreads() throws Exception {
        PacketRing ring = new PacketRing(true, null, 64);
        int packets = 200_000;
        Thread writer = new Thread(() -> {
            for (int i = 1; i <= packets; i++) {
                ring.add(osaka, i, memory.address() + i % 1_000, 20);
            }
        });
        writer.start();
        long[] read = {0, 0};
        PacketRing.Reader reader = (peer, outbound, ticks, bytes, data, offset, length) -> {
            assertTrue(ticks > read[1], "out of order");
            assertEquals((byte) ((ticks % 1_000) * 7 + 3), data[offset]);
            read[0]++;
            read[1] = ticks;
        };
        while (writer.isAlive()) {
            ring.poll(reader);
        }
        while (ring.poll(reader)) {
            // the rest
        }
        assertEquals(packets, read[0] + ring.missed());
        assertFalse(ring.poll(reader));
    }

    @Test
    void closedTapHasNoRing() {
        Tap tap = new Tap();
        PacketRing ring = new PacketRing(true, null, 64);
        tap.open(ring);
        assertEquals(ring, tap.ring());
        tap.close();
        assertEquals(null, tap.ring());
    }

    private void readAll(PacketRing ring) {
        while (ring.poll((peer, outbound, ticks, bytes, data, offset, length) -> {
            told.add(peer.name() + (outbound ? " out " : " in ") + ticks + " " + bytes);
            seen.add(Arrays.copyOfRange(data, offset, offset + length));
        })) {
            // the next one
        }
    }

    private static byte[] bytes(int from, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) ((from + i) * 7 + 3);
        }
        return bytes;
    }

    private static Peer peer(String name) {
        return new Peer(name, List.of(Suite.AES_128_GCM), TrafficKeyPolicy.EVERY_PACKET, new PeerReplay(), 1);
    }
}
