package org.culvert.core.lab.services;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Namespace;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.GroupPlace;
import org.culvert.core.lab.Office;
import org.culvert.core.lab.UdpPlace;
import org.junit.jupiter.api.Test;

/**
 * One packet for many. A broadcast to the other site's network (as Wake-on-LAN sends it from afar) is an ordinary packet
 * for Culvert. A multicast group is one where both gateways list it.
 */
class BroadcastLabTest extends CrossingLab {
    private static final String GROUP = "239.1.2.3";
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String TEXT = "Everybody to the canteen: free cake";

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping", "smcrouted/smcroute");
    }

    @Override
    protected void serve() throws Exception {
        for (Office office : List.of(tokyo, birlinghoven)) {
            String other = (office == tokyo ? birlinghoven : tokyo).name();
            Files.writeString(
                    office.daemon().config(),
                    "\n[[group]]\naddress = \"%s\"\nmembers = [\"%s\"]\n".formatted(GROUP, other),
                    StandardOpenOption.APPEND);
        }
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

    /** Without Culvert all three routers run smcroute, as a company with multicast between its sites would. */
    @Test
    void multicastToTheOtherSite() throws Exception {
        List<Process> routers = new ArrayList<>();
        try (GroupPlace there = GroupPlace.join(birlinghoven.host(), "eth0", GROUP)) {
            heardOnlyWithoutCulvert(List.of(TEXT), () -> {
                if (!tokyo.daemon().running()) {
                    routers.add(route(tokyo.gateway(), "lan0", "wan0"));
                    routers.add(route(sites.wan(), "tokyo", "birlinghoven"));
                    routers.add(route(birlinghoven.gateway(), "wan0", "lan0"));
                }
                there.say(tokyo.host(), "eth0", tokyo.site().host4(), 16, TEXT);
                assertEquals(TEXT, there.receive());
                assertEquals(List.of(), there.all(), "twice");
            });
        } finally {
            for (Process router : routers) {
                router.destroy();
                router.waitFor();
            }
        }
    }

    /** Multicast routing in one direction, and when it is in force. */
    private Process route(Namespace machine, String from, String to) throws Exception {
        Path config = Files.writeString(
                folder.resolve("smcroute-" + machine.name() + ".conf"), """
                phyint %1$s enable
                phyint %2$s enable
                mgroup from %1$s group %3$s
                mroute from %1$s group %3$s to %2$s
                """.formatted(from, to, GROUP));
        String place = config.toString();
        Process router = machine.start(
                List.of("smcrouted", "-n", "-N", "-f", place, "-P", place + ".pid", "-u", place + ".sock"),
                Path.of(place + ".log"));
        Await.until(
                "smcrouted has joined on " + from,
                SOON,
                () -> machine.run("ip", "maddress", "show", "dev", from)
                        .succeeded()
                        .out()
                        .contains(GROUP));
        return router;
    }
}
