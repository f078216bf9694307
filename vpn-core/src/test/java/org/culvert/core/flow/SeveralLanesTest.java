package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.culvert.core.wire.DropReason;
import org.junit.jupiter.api.Test;

/** Two gateways of several lanes, with TUN, sockets and clocks in memory. */
class SeveralLanesTest extends TwoGateways {
    private static final int LANES = 3;
    private static final int LANE_OFFSET = 8;

    @Override
    int lanes() {
        return LANES;
    }

    private static byte[] packet(int seed) {
        return Packets.udp("10.1.0.5", "10.2.0.9", 100, seed);
    }

    /** Sent by one lane of tokyo, all of one size. */
    private List<byte[]> seal(int lane, int packets, int seed) {
        for (int i = 0; i < packets; i++) {
            tokyo.tuns.get(lane).toRead.add(Packets.withVnetHeader(packet(seed + i)));
        }
        while (tokyo.outbounds.get(lane).runOnce()) {}
        List<FakeLink.Sent> sent = tokyo.links.get(lane).sent;
        List<byte[]> datagrams = sent.stream().map(FakeLink.Sent::bytes).toList();
        sent.clear();
        return datagrams;
    }

    private void open(int lane, List<byte[]> datagrams) {
        bonn.links.get(lane).arrive(tokyo.address, datagrams.toArray(byte[][]::new));
        while (bonn.inbounds.get(lane).runOnce()) {}
    }

    private long received() {
        return bonn.peer(tokyo).counters().receivedPackets();
    }

    private static int laneOf(byte[] datagram) {
        return (datagram[LANE_OFFSET] & 0xff) >>> 4;
    }

    @Test
    void eachLaneSendsThroughItsOwnSocketAndCountsForItself() {
        for (int lane = 0; lane < LANES; lane++) {
            List<byte[]> datagrams = seal(lane, 5, 10 * lane);
            assertEquals(5, datagrams.size());
            for (byte[] datagram : datagrams) {
                assertEquals(lane, laneOf(datagram));
            }
            open(0, datagrams);
            assertEquals(5, tokyo.peer(bonn).counters().sentPackets(lane));
        }
        assertEquals(15, received());
        assertEquals(0, bonn.inboundDropsBut());
    }

    /** The kernel puts datagrams together before it chooses a socket, so that a receive may bring those of any lane. */
    @Test
    void aBatchOfMixedLanesIsTakenByAnyThreadAndOnce() {
        List<byte[]> mixed = new ArrayList<>();
        for (int lane = 0; lane < LANES; lane++) {
            mixed.addAll(seal(lane, 12, 100 * lane));
        }
        Collections.shuffle(mixed, new Random(7));

        open(1, mixed);
        assertEquals(36, received());
        assertEquals(36, bonn.peer(tokyo).counters().receivedPackets(1));
        assertEquals(24, bonn.peer(tokyo).counters().strayedPackets(1), "two of three lanes are other sockets'");

        for (int lane = 0; lane < LANES; lane++) {
            open(lane, mixed);
        }
        assertEquals(36, received());
        assertEquals(3 * 36, bonn.dropped(DropReason.REPLAY));
    }

    /** Else what answers it would leave by the queue of whichever thread came last. */
    @Test
    void aFlowIsWrittenToItsOwnQueueWhicheverThreadReceivesIt() {
        byte[] flow = packet(4711);
        List<byte[]> datagrams = new ArrayList<>();
        for (int i = 0; i < 3 * LANES; i++) {
            tokyo.tuns.get(i % LANES).toRead.add(Packets.withVnetHeader(flow));
            while (tokyo.outbounds.get(i % LANES).runOnce()) {}
            datagrams.add(tokyo.links.get(i % LANES).sent.removeFirst().bytes());
        }
        for (int i = 0; i < datagrams.size(); i++) {
            open(i / LANES, List.of(datagrams.get(i)));
        }
        assertEquals(9, received());
        assertEquals(1, bonn.tuns.stream().filter(tun -> !tun.written.isEmpty()).count());
        assertEquals(9, bonn.tuns.stream().mapToInt(tun -> tun.written.size()).sum());
    }

    @Test
    void whatTheGatewayItselfSaysLeavesInLaneZero() {
        byte[] message = {1, 0, 0, 0};
        List<byte[]> datagrams = tokyo.say(bonn, message, 0);
        assertEquals(1, datagrams.size());
        assertEquals(0, laneOf(datagrams.getFirst()));
        for (int lane = 1; lane < LANES; lane++) {
            assertEquals(List.of(), seal(lane, 0, 0));
        }
    }

    /** A key is erased when nobody can seal or open with it any more: the slowest thread counts. */
    @Test
    void aSnapshotIsInUseUntilTheLastThreadHasLeftIt() throws Exception {
        runAll(bonn);
        long before = bonn.published.oldestVersionInUse();
        bonn.publish();
        assertEquals(before, bonn.published.oldestVersionInUse());
        for (int lane = 0; lane < LANES; lane++) {
            bonn.outbounds.get(lane).runOnce();
            assertEquals(before, bonn.published.oldestVersionInUse());
            bonn.inbounds.get(lane).runOnce();
        }
        assertEquals(before + 1, bonn.published.oldestVersionInUse());
    }

    private static void runAll(TestGateway gateway) {
        gateway.outbounds.forEach(Outbound::runOnce);
        gateway.inbounds.forEach(Inbound::runOnce);
    }

    /** Every thread is shown every datagram: whoever wins, it passes once. */
    @Test
    void threadsThatReceiveTheSameDatagramsDeliverEachOnce() throws Exception {
        int batches = 300;
        List<Thread> threads = new ArrayList<>();
        for (int batch = 0; batch < batches; batch++) {
            List<byte[]> datagrams = seal(batch % LANES, 16, batch);
            for (FakeLink link : bonn.links) {
                link.arrive(tokyo.address, datagrams.toArray(byte[][]::new));
            }
        }
        for (Inbound inbound : bonn.inbounds) {
            threads.add(Thread.ofPlatform().start(() -> {
                while (inbound.runOnce()) {}
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(16L * batches, received());
        assertEquals(2 * 16L * batches, bonn.dropped(DropReason.REPLAY));
        assertEquals(0, bonn.inboundDropsBut(DropReason.REPLAY));
        assertTrue(bonn.peer(tokyo).replay().newestTicks() > START);
    }
}
