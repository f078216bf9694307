package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Frames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Addresses and ports change under the link: the next authentic packet moves the endpoint, and nothing waits for anything. */
class EndpointLabTest extends TwoSiteLab {
    private static final String ELSEWHERE = "203.0.113.7";

    /** Birlinghoven is not told where tokyo is. */
    @Override
    void prepare() throws Exception {
        configureBoth();
        birlinghoven.reconfigure("endpoint    = \"192.0.2.2:1640\"\n", "");
        tokyo.neverAsk(); // each datagram on the way is counted, and the first is to be a packet
        birlinghoven.neverAsk();
    }

    @AfterEach
    void stop() throws Exception {
        tokyo.daemon().close();
        birlinghoven.daemon().close();
        prepare();
    }

    @Test
    void peerWithoutEndpointIsFoundByItsFirstPacket() throws Exception {
        birlinghoven.daemon().start().awaitReady();
        Pings early = birlinghoven.ping(tokyo, 3, "-W", "1");
        assertEquals(0, early.received());
        assertEquals(3, birlinghoven.status().dropped("tx_no_endpoint"));

        startBoth();
        assertAllAnswered(tokyo.ping(birlinghoven, 5));
        assertAllAnswered(birlinghoven.ping(tokyo, 5));
        assertEquals("192.0.2.2:1640", birlinghoven.status().endpoint());
    }

    @Test
    void followsAGatewayWhoseAddressChanges() throws Exception {
        startBoth();
        assertAllAnswered(tokyo.ping(birlinghoven, 3));

        tokyo.gateway().ip("""
                address delete 192.0.2.2/24 dev wan0
                address add 192.0.2.77/24 dev wan0
                route add default via 192.0.2.1
                """);
        try {
            assertAllAnswered(tokyo.ping(birlinghoven, 3));
            assertEquals("192.0.2.77:1640", birlinghoven.status().endpoint());
            assertAllAnswered(birlinghoven.ping(tokyo, 3));
        } finally {
            tokyo.gateway().ip("""
                    address delete 192.0.2.77/24 dev wan0
                    address add 192.0.2.2/24 dev wan0
                    route add default via 192.0.2.1
                    """);
        }
    }

    @Test
    void followsANatThatForgetsItsMapping() throws Exception {
        tokyo.reconfigure("198.51.100.2:1640", "192.0.2.1:4500");
        var near = new InetSocketAddress("192.0.2.1", 4500);
        var server = new InetSocketAddress("198.51.100.2", PORT);
        sites.wan().ip("address add " + ELSEWHERE + "/32 dev lo");
        try (Relay nat = Relay.start(sites.wan(), near, "198.51.100.1", server, Harm.NONE)) {
            startBoth();
            assertAllAnswered(tokyo.ping(birlinghoven, 3));
            for (String address : List.of("198.51.100.1", ELSEWHERE, "198.51.100.1")) {
                InetSocketAddress seen = nat.moveTo(address);
                assertAllAnswered(tokyo.ping(birlinghoven, 1)); // the very first packet is answered to the new place
                assertEquals(
                        address + ":" + seen.getPort(), birlinghoven.status().endpoint());
                assertAllAnswered(birlinghoven.ping(tokyo, 2));
            }
        } finally {
            sites.wan().ip("address delete " + ELSEWHERE + "/32 dev lo");
        }
    }

    /** Three ways to own a second address: on the same interface, on another one, and of the other family. */
    @Test
    void multiHomedGatewayAnswersFromTheAddressSpokenTo() throws Exception {
        birlinghoven.gateway().ip("""
                address add 198.51.100.3/24 dev wan0
                address add 203.0.113.9/32 dev lo
                """);
        sites.wan().ip("route add 203.0.113.9/32 via 198.51.100.2");
        birlinghoven.reconfigure("0.0.0.0:1640", "[::]:1640");
        tokyo.reconfigure("0.0.0.0:1640", "[::]:1640");
        String endpoint = "198.51.100.2:1640";
        for (String spokenTo : List.of("198.51.100.3", "203.0.113.9", "2001:db8:2::2")) {
            String next = (spokenTo.contains(":") ? "[" + spokenTo + "]" : spokenTo) + ":1640";
            tokyo.reconfigure(endpoint, next);
            endpoint = next;
            startBoth();
            try (Capture capture = Capture.start(sites.wan(), "birlinghoven")) {
                assertAllAnswered(tokyo.pingOneByOne(birlinghoven, 4));
                assertAllAnswered(birlinghoven.pingOneByOne(tokyo, 4));
                InetAddress ours = InetAddress.getByName(spokenTo);
                List<byte[]> frames = capture.await(16, EndpointLabTest::isPing);
                assertEquals(
                        16,
                        frames.stream()
                                .filter(EndpointLabTest::isPing)
                                .filter(frame -> Frames.touches(frame, ours, 8 * ours.getAddress().length))
                                .count());
            }
            assertEquals(next, tokyo.status().endpoint());
            tokyo.daemon().close();
            birlinghoven.daemon().close();
        }
        birlinghoven.gateway().ip("""
                address delete 198.51.100.3/24 dev wan0
                address delete 203.0.113.9/32 dev lo
                """);
        sites.wan().ip("route delete 203.0.113.9/32");
    }

    /** An echo of 84 bytes, sealed: what the gateways say to each other to have keys is longer or shorter. */
    private static boolean isPing(byte[] frame) {
        return Frames.isUdp(frame, PORT) && Frames.udpPayload(frame).length == 84 + 52;
    }

    /** Its packets would come back out of the TUN for ever. */
    @Test
    void endpointBehindTheTunnelItselfIsRefused() throws Exception {
        tokyo.reconfigure("198.51.100.2:1640", "10.2.0.1:1640");

        assertEquals(2, tokyo.daemon().start().awaitEnd());

        assertTrue(
                tokyo.daemon().said().contains("culvert.toml:12: 10.2.0.1 lies inside"),
                tokyo.daemon().said());
    }
}
