package org.culvert.core.lab.services;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.culvert.core.demo.Capture;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Overheard;
import org.culvert.core.lab.UdpPlace;
import org.junit.jupiter.api.Test;

/**
 * One packet for many. A broadcast to the other site's network (as Wake-on-LAN sends it from afar) is an ordinary packet
 * for Culvert. Multicast groups are not carried: a pair of hosts has a master secret, a group has none yet.
 */
class BroadcastLabTest extends CrossingLab {
    private static final String TEXT = "Everybody to the canteen: free cake";

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping");
    }

    @Override
    protected void serve() throws Exception {
        // A router hands such a broadcast to its LAN only when told to (RFC 2644), with or without Culvert: by the
        // interface it comes in at, which is the TUN to come or the one to the WAN.
        for (String network : List.of("all", "default", "wan0")) {
            birlinghoven.gateway().sysctl("net/ipv4/conf/" + network + "/bc_forwarding", 1);
        }
    }

    @Test
    void broadcastToTheOtherSite() throws Exception {
        heardOnlyWithoutCulvert(List.of(TEXT), () -> {
            byte[] text = TEXT.getBytes(StandardCharsets.UTF_8);
            try (UdpPlace everybody = UdpPlace.open(birlinghoven.host(), "0.0.0.0");
                    DatagramSocket sender = tokyo.host().inside(() -> new DatagramSocket(0))) {
                sender.setBroadcast(true);
                sender.send(new DatagramPacket(
                        text,
                        text.length,
                        new InetSocketAddress("10.2.0.255", everybody.address().getPort())));
                assertArrayEquals(text, everybody.receive());
            }
        });
    }

    /** Nobody hears it, neither the tunnel nor the WAN. */
    @Test
    void multicastStaysAtHome() throws Exception {
        startBoth();
        byte[] text = TEXT.getBytes(StandardCharsets.UTF_8);
        try (Capture onLan = Capture.start(tokyo.gateway(), "lan0");
                Capture onTunnel = Capture.start(tokyo.gateway(), "culvert0")) {
            boolean leaked = overhear(() -> {
                        try (MulticastSocket sender = tokyo.host().inside(() -> new MulticastSocket(0))) {
                            sender.setTimeToLive(16);
                            sender.send(new DatagramPacket(
                                    text,
                                    text.length,
                                    new InetSocketAddress(InetAddress.getByName("239.1.2.3"), 9_000)));
                        }
                        assertAllAnswered(tokyo.ping(birlinghoven, 1));
                    })
                    .holds(TEXT);
            assertFalse(leaked, "multicast left in clear");
            assertTrue(new Overheard(onLan.stop()).holds(TEXT), "a deaf listener");
            Overheard tunnel = new Overheard(onTunnel.stop());
            assertFalse(tunnel.frames().isEmpty(), "a deaf listener");
            assertFalse(tunnel.holds(TEXT), "multicast in the tunnel: then this page of services.md is too modest");
        }
    }
}
