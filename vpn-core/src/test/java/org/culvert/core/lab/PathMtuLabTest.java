package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.FileClient;
import org.culvert.core.demo.FileServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A path narrower than both LANs, that loses what is too long without a word: the relay. The gateways find out, their kernels tell the
 * hosts, and connections are made to fit.
 */
class PathMtuLabTest extends TwoSiteLab {
    /** What the relay carries, UDP payload: a path of 1440 bytes. */
    private static final int PATH = 1412;

    /** Inside it: 52 bytes of header, inner word and tag less. */
    private static final int MTU = PATH - 52;

    private static final int NARROW = 1350;
    private static final Duration SOON = Duration.ofSeconds(20);

    private Relay relay;

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "nft/nftables"};
    }

    @Override
    void prepare() throws Exception {
        tokyo.configure(birlinghoven, "0.0.0.0:1640", "192.0.2.1:4500");
        birlinghoven.configure(tokyo, "0.0.0.0:1640", "198.51.100.1:4501");
        relay = Relay.start(
                sites.wan(),
                new InetSocketAddress("192.0.2.1", 4500),
                "198.51.100.1",
                new InetSocketAddress("198.51.100.2", PORT),
                Harm.seeded(20_260_127).delaying(5));
    }

    /** The daemons run on from test to test, where a test leaves them running. */
    @BeforeEach
    void bothRunBehindTheRelay() throws Exception {
        carry(PATH);
        startBoth();
        tokyo.ping(birlinghoven, 1); // birlinghoven learns where the relay's far side is
    }

    @AfterAll
    void closeRelay() throws Exception {
        if (relay != null) {
            relay.close();
        }
    }

    private void carry(int bytes) {
        relay.forth().carry(bytes);
        relay.back().carry(bytes);
    }

    private static boolean found(Office office, int bytes) throws Exception {
        JsonNode way = office.peerStatus().path("way");
        return way.path("path_found").asBoolean() && way.path("path_bytes").asInt() == bytes;
    }

    /** @return milliseconds it took */
    private long awaitFound(int bytes) throws Exception {
        long began = System.nanoTime();
        for (Office office : new Office[] {tokyo, birlinghoven}) {
            Await.until(office.name() + " finds a path of " + bytes, SOON, () -> found(office, bytes));
        }
        return (System.nanoTime() - began) / 1_000_000;
    }

    @Test
    void findsThePathAndTellsTheHosts() throws Exception {
        report("path MTU found in %d ms on a path with 10 ms round trip", awaitFound(PATH));
        report("round trip measured: %s us", tokyo.peerStatus().path("way").path("rtt_median_us"));
        assertEquals(MTU, tokyo.peerStatus().path("mtu_bytes").asInt());
        assertTrue(
                tokyo.gateway().run("ip", "route", "show", "10.2.0.0/24").out().contains("mtu " + MTU),
                "the route's MTU");

        List<Office> both = List.of(tokyo, birlinghoven);
        List<Status> before = List.of(tokyo.status(), birlinghoven.status());

        // Not to be fragmented: fits exactly, and one more is answered with the MTU.
        assertAllAnswered(tokyo.ping(birlinghoven, 3, "-M", "do", "-s", Integer.toString(MTU - 28)));
        Pings tooLong = tokyo.ping(birlinghoven, 1, "-M", "do", "-s", Integer.toString(MTU - 27), "-W", "1");
        assertEquals(0, tooLong.received());
        assertTrue(tooLong.said().matches("(?s).*mtu ?[=:] ?" + MTU + ".*"), tooLong.said());
        assertAllAnswered(tokyo.ping6(birlinghoven, 3, "-M", "do", "-s", Integer.toString(MTU - 48)));
        Pings tooLong6 = birlinghoven.ping6(tokyo, 1, "-M", "do", "-s", Integer.toString(MTU - 47), "-W", "1");
        assertEquals(0, tooLong6.received());
        assertTrue(tooLong6.said().matches("(?s).*mtu ?[=:] ?" + MTU + ".*"), tooLong6.said());

        // May be fragmented: by the gateway's kernel, or by the IPv6 host that has been told.
        assertAllAnswered(birlinghoven.ping(tokyo, 3, "-M", "dont", "-s", "2000"));
        for (int i = 0; i < 3; i++) {
            birlinghoven.ping6(tokyo, 1, "-s", "2000", "-W", "1"); // here both hosts are told, one after the other
        }
        assertAllAnswered(birlinghoven.ping6(tokyo, 3, "-s", "2000"));
        for (int i = 0; i < 2; i++) {
            assertEquals(0, both.get(i).status().since(before.get(i)).dropped("tx_too_big"));
        }
    }

    /** Hosts whose ICMP is filtered find no path MTU themselves: only the clamped segment size lets their connections work. */
    @Test
    void connectionsFitThoughIcmpIsFilteredAtTheHosts() throws Exception {
        awaitFound(PATH);
        for (Office office : new Office[] {tokyo, birlinghoven}) {
            office.host().run("nft", "add table inet filter").succeeded();
            office.host()
                    .run("nft", "add chain inet filter input { type filter hook input priority 0; }")
                    .succeeded();
            office.host()
                    .run("nft", "add rule inet filter input icmp type destination-unreachable drop")
                    .succeeded();
            office.host()
                    .run("nft", "add rule inet filter input icmpv6 type packet-too-big drop")
                    .succeeded();
        }
        try {
            byte[] file = TrafficLabTest.noise(400_000, 31);
            long lost = relay.back().tooLong.get(); // by the search
            for (String address : new String[] {
                birlinghoven.site().host4(), birlinghoven.site().host6()
            }) {
                try (FileServer server = FileServer.start(birlinghoven.host(), address, file)) {
                    assertArrayEquals(file, FileClient.fetch(tokyo.host(), server.address()), address);
                }
            }
            assertEquals(lost, relay.back().tooLong.get(), "datagrams lost for their length");
        } finally {
            tokyo.host().run("nft", "delete table inet filter");
            birlinghoven.host().run("nft", "delete table inet filter");
        }
    }

    @Test
    void blackHoleIsFoundWhilePacketsAreSent() throws Exception {
        awaitFound(PATH);
        carry(NARROW);
        try {
            long began = System.nanoTime();
            Await.until("tokyo lowers the MTU", SOON, () -> {
                tokyo.ping(birlinghoven, 1, "-W", "1");
                return tokyo.peerStatus().path("way").path("path_bytes").asInt() <= NARROW;
            });
            report("black hole noticed after %d ms", (System.nanoTime() - began) / 1_000_000);
            Await.until("both find the narrower path", SOON, () -> {
                tokyo.ping(birlinghoven, 1, "-W", "1");
                return found(tokyo, NARROW) && found(birlinghoven, NARROW);
            });
            report("narrower path found after %d ms", (System.nanoTime() - began) / 1_000_000);
            assertAllAnswered(tokyo.ping(birlinghoven, 2, "-M", "do", "-s", Integer.toString(NARROW - 52 - 28)));
        } finally {
            tokyo.daemon().close(); // that the path is wide again they would see in ten minutes
            birlinghoven.daemon().close();
        }
    }

    /** Each side sees the other where the relay is, not where it says it is. */
    @Test
    void relayIsSeenAsANat() throws Exception {
        awaitFound(PATH);
        Await.until(
                "both have seen the NAT",
                SOON,
                () -> tokyo.peerStatus().path("way").path("behind_nat").asBoolean()
                        && birlinghoven
                                .peerStatus()
                                .path("way")
                                .path("peer_behind_nat")
                                .asBoolean());
    }

    @Test
    void peerThatIsGoneIsSaidToBeAndFoundAgain() throws Exception {
        awaitFound(PATH);
        birlinghoven.daemon().close();
        long began = System.nanoTime();
        Await.until("tokyo notices", Duration.ofSeconds(30), () -> {
            tokyo.ping(birlinghoven, 1, "-W", "1");
            return tokyo.peerStatus().path("way").path("state").asText().equals("silent");
        });
        report("silent peer noticed after %d ms", (System.nanoTime() - began) / 1_000_000);
        assertTrue(tokyo.peerStatus().path("reason").asText().endsWith("still sending"));
        long sent = tokyo.status().sentPackets();
        tokyo.ping(birlinghoven, 1, "-W", "1");
        assertEquals(sent + 1, tokyo.status().sentPackets(), "it never stops sending");
        birlinghoven.daemon().start().awaitReady();
        Await.until("tokyo hears it again", SOON, () -> {
            tokyo.ping(birlinghoven, 1, "-W", "1");
            return tokyo.peerStatus().path("way").path("state").asText().equals("alive");
        });
        assertTrue(
                tokyo.daemon().said().contains("still sending"), tokyo.daemon().said());
        Await.until("tokyo says so", SOON, () -> tokyo.daemon().said().contains("heard again after"));
    }
}
