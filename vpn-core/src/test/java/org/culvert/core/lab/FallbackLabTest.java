package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.FileClient;
import org.culvert.core.demo.FileServer;
import org.culvert.tun.Endpoint;
import org.culvert.tun.LinuxUdpLink;
import org.culvert.tun.UdpOptions;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A kernel, a network card or a path without the offloads: the same traffic, only slower. What the kernel here cannot be made to refuse is
 * refused by {@code [tun] offloads}.
 */
class FallbackLabTest extends TwoSiteLab {
    private static final String MTU = "\n[tun]\nmtu = 1420\noffloads = \"%s\"\n\n[[peer]]";

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "ethtool/ethtool"};
    }

    @Override
    void prepare() {} // each test starts its own daemons

    private void start(String tokyoOffloads, String birlinghovenOffloads) throws Exception {
        configureBoth();
        tokyo.reconfigure("\n[[peer]]", MTU.formatted(tokyoOffloads));
        birlinghoven.reconfigure("\n[[peer]]", MTU.formatted(birlinghovenOffloads));
        startBoth();
    }

    @AfterEach
    void stop() throws Exception {
        try {
            assertConserved();
        } finally {
            tokyo.daemon().close();
            birlinghoven.daemon().close();
        }
    }

    /** No vnet header, no GSO on one side; trains from the other are received one by one. */
    @Test
    void packetsGoSinglyWhereOneSideHasNoOffloads() throws Exception {
        start("none", "auto");
        assertEquals(List.of(), offloads(tokyo, "tun"));
        assertEquals(List.of(), offloads(tokyo, "udp"));
        assertEquals(List.of("tso", "uso"), offloads(birlinghoven, "tun"));

        assertEverythingCrosses();
        assertNothingDropped();
    }

    @Test
    void packetsGoSinglyWhereNeitherSideHasOffloads() throws Exception {
        start("none", "none");

        assertEverythingCrosses();
        assertNothingDropped();
    }

    /** No USO: what a host sends as one UDP super-packet reaches the daemon in pieces, the far host gets each once. */
    @Test
    void udpTrainsCrossWithoutUdpSuperPackets() throws Exception {
        start("tcp", "tcp");
        assertEquals(List.of("tso"), offloads(tokyo, "tun"));

        assertEverythingCrosses();
        assertNothingDropped();
    }

    /** The egress device cannot checksum: kernels before 6.11 answer EIO, later ones sum themselves. Either way all crosses. */
    @Test
    void trainsCrossADeviceWithoutChecksumOffload() throws Exception {
        start("auto", "auto");
        tokyo.gateway().run("ethtool", "-K", "wan0", "tx", "off").succeeded();
        try {
            assertEverythingCrosses();
            assertNothingDropped();
        } finally {
            tokyo.gateway().run("ethtool", "-K", "wan0", "tx", "on").succeeded();
        }
    }

    /** A train whose segments do not fit is refused whole (EMSGSIZE); its datagrams go singly, in fragments. */
    @Test
    void trainsTooLargeForThePathGoSingly() throws Exception {
        start("auto", "auto");
        tokyo.gateway().ip("route change default via 192.0.2.1 mtu 1300");
        try (Capture capture = Capture.start(sites.wan(), "tokyo")) {
            assertEverythingCrosses();
            assertEquals(0, tokyo.status().dropped("tx_too_big"));
            // Only single datagrams are fragmented: 3,000,017 bytes are 2,173 of them.
            assertTrue(capture.stop().stream()
                            .filter(FallbackLabTest::isFirstFragmentFromTokyo)
                            .count()
                    > 2_000);
        } finally {
            tokyo.gateway().ip("route change default via 192.0.2.1");
        }
    }

    private static boolean isFirstFragmentFromTokyo(byte[] frame) {
        boolean ipv4 = frame[12] == 8 && frame[13] == 0;
        return ipv4 && frame[26] == (byte) 192 && frame[20] == 0x20 && frame[21] == 0;
    }

    private void assertEverythingCrosses() throws Exception {
        assertAllAnswered(tokyo.ping(birlinghoven, 3, "-s", "1392"));
        assertAllAnswered(birlinghoven.ping6(tokyo, 3));
        byte[] file = TrafficLabTest.noise(3_000_017, 21);
        try (FileServer server =
                FileServer.start(birlinghoven.host(), birlinghoven.site().host4(), file)) {
            assertArrayEquals(file, FileClient.fetch(tokyo.host(), server.address()));
        }
        try (FileServer server = FileServer.start(tokyo.host(), tokyo.site().host6(), file)) {
            assertArrayEquals(file, FileClient.fetch(birlinghoven.host(), server.address()));
        }
        assertTrainCrosses();
    }

    /** Twenty-one datagrams leave the host in one call. */
    private void assertTrainCrosses() throws Exception {
        byte[] train = TrafficLabTest.noise(20 * 1_200 + 77, 22);
        List<byte[]> datagrams = new ArrayList<>();
        for (int at = 0; at < train.length; at += 1_200) {
            datagrams.add(Arrays.copyOfRange(train, at, Math.min(at + 1_200, train.length)));
        }
        try (UdpPlace receiver =
                        UdpPlace.open(birlinghoven.host(), birlinghoven.site().host4());
                LinuxUdpLink sender = tokyo.host()
                        .inside(() -> LinuxUdpLink.bind(
                                new InetSocketAddress(tokyo.site().host4(), 0), UdpOptions.defaults()));
                Region memory = new Region(train.length)) {
            OffHeap.copy(train, 0, memory.address(), train.length);
            assertEquals(
                    train.length, sender.send(Endpoint.of(receiver.address()), memory.address(), train.length, 1_200));
            List<byte[]> received = new ArrayList<>();
            for (int i = 0; i < datagrams.size(); i++) {
                received.add(receiver.receive());
            }
            // in order, which a flow is owed
            for (int i = 0; i < datagrams.size(); i++) {
                assertArrayEquals(datagrams.get(i), received.get(i), "datagram " + i);
            }
        }
    }

    private static List<String> offloads(Office office, String device) throws Exception {
        JsonNode status = new ObjectMapper()
                .readTree(office.daemon().ask("status", "--json").succeeded().out());
        List<String> names = new ArrayList<>();
        status.path(device).path("offloads").forEach(name -> names.add(name.asText()));
        names.sort(Comparator.naturalOrder());
        return names;
    }
}
