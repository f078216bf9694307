package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.FileClient;
import org.culvert.core.demo.FileServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A relay on the WAN loses, doubles, holds back, flips and cuts datagrams by a seed. What it did and what birlinghoven
 * counts must agree to the last datagram: received = delivered + the sum of all drops.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BadNetworkLabTest extends TwoSiteLab {
    private static final int DATAGRAMS = 3_000;
    private static final int AHEAD = 200; // so many may be under way: no queue overflows
    private static final Duration SOON = Duration.ofSeconds(20);

    @Override
    void prepare() throws Exception {
        tokyo.configure(birlinghoven, "0.0.0.0:1640", "192.0.2.1:4500");
        birlinghoven.configure(tokyo, "0.0.0.0:1640", "198.51.100.1:4501");
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.neverAsk();
            office.reconfigure(
                    "[[peer]]\n", "[[peer]]\nforward-secrecy = \"off\"\n"); // the relay counts announcements, too
        }
    }

    @AfterEach
    void stop() throws Exception {
        tokyo.daemon().close();
        birlinghoven.daemon().close();
    }

    private Relay relay(Harm harm) throws Exception {
        return Relay.start(
                sites.wan(),
                new InetSocketAddress("192.0.2.1", 4500),
                "198.51.100.1",
                new InetSocketAddress("198.51.100.2", PORT),
                harm);
    }

    @Test
    void everyDatagramIsDeliveredOnceOrCountedOnce() throws Exception {
        Harm harm = Harm.seeded(20_260_118)
                .losing(0.05)
                .duplicating(0.1)
                .corrupting(0.05)
                .truncating(0.05)
                .reordering(0.1, 60);
        try (Relay relay = relay(harm)) {
            startBoth();
            Status before = birlinghoven.status();

            int delivered = sendNumbered(relay, DATAGRAMS);

            Lane forth = relay.forth();
            String counts = "seed %d: lost %s doubled %s flipped %s cut %s held %s"
                    .formatted(
                            harm.seed(),
                            forth.lost,
                            forth.duplicated,
                            forth.corrupted,
                            forth.truncated,
                            forth.reordered);
            Status status = birlinghoven.status().since(before);
            long intact = DATAGRAMS - forth.lost.get() - forth.corrupted.get() - forth.truncated.get();
            assertEquals(DATAGRAMS, tokyo.status().sentPackets(), counts);
            assertEquals(intact, delivered, counts);
            assertEquals(intact, status.receivedPackets(), counts);
            // A flipped bit may turn a packet number into one that was there already.
            assertTrue(status.dropped("replay") >= forth.duplicated.get(), counts);
            assertEquals(
                    forth.duplicated.get() + forth.corrupted.get() + forth.truncated.get(), status.allDrops(), counts);
        }
    }

    /** The window is 8192 packets: what comes within it is new, however late. */
    @Test
    void deepReorderingLosesNothing() throws Exception {
        try (Relay relay = relay(Harm.seeded(20_260_119).reordering(0.3, 1_500))) {
            startBoth();
            assertEquals(DATAGRAMS, sendNumbered(relay, DATAGRAMS));
            assertEquals(0, birlinghoven.status().allDrops());
            assertTrue(relay.forth().reordered.get() > DATAGRAMS / 5);
        }
    }

    /** Last: what TCP still repeats when the file is there would disturb the exact counters of the others. */
    @Test
    @Order(Integer.MAX_VALUE)
    void filesCrossALossyAndDelayedLink() throws Exception {
        Harm harm = Harm.seeded(20_260_120)
                .losing(0.01)
                .reordering(0.02, 3)
                .duplicating(0.01)
                .delaying(5);
        byte[] file = TrafficLabTest.noise(500_000, 12);
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure("forward-secrecy = \"off\"", "forward-secrecy = \"required\"");
        }
        try (Relay relay = relay(harm);
                FileServer server = FileServer.start(
                        birlinghoven.host(), birlinghoven.site().host4(), file)) {
            startBoth();
            assertArrayEquals(file, FileClient.fetch(tokyo.host(), server.address()));
            assertTrue(relay.back().lost.get() > 0, "a link without loss");
        }
    }

    /** Sends so many numbered datagrams from tokyo's host. Returns how many came; none may come twice. */
    private int sendNumbered(Relay relay, int count) throws Exception {
        try (UdpPlace receiver =
                        UdpPlace.open(birlinghoven.host(), birlinghoven.site().host4());
                UdpPlace sender = UdpPlace.open(tokyo.host(), tokyo.site().host4())) {
            for (int number = 0; number < count; number++) {
                int atLeast = number - AHEAD;
                if (relay.forth().taken.get() < atLeast) {
                    Await.until(
                            "the relay took " + atLeast,
                            SOON,
                            () -> relay.forth().taken.get() >= atLeast);
                }
                sender.send(ByteBuffer.allocate(40).putInt(number).array(), receiver.address());
            }
            Await.until(
                    "the relay took all " + count,
                    SOON,
                    () -> relay.forth().taken.get() == count);
            relay.forth().awaitEmpty();
            BitSet seen = new BitSet();
            for (byte[] datagram : receiver.all()) {
                int number = ByteBuffer.wrap(datagram).getInt();
                assertTrue(!seen.get(number), "delivered twice: " + number);
                seen.set(number);
            }
            return seen.cardinality();
        }
    }
}
