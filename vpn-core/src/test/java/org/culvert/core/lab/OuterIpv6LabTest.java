package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.FileClient;
import org.culvert.core.demo.FileServer;
import org.culvert.core.demo.Frames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The gateways speak IPv6 with each other; inside everything is as ever, with 20 bytes less. */
class OuterIpv6LabTest extends TwoSiteLab {
    @Override
    void prepare() throws Exception {
        tokyo.configure(birlinghoven, "[::]:1640", "[2001:db8:2::2]:1640");
        birlinghoven.configure(tokyo, "[2001:db8:2::2]:1640", "[2001:db8:1::2]:1640");
        tokyo.neverAsk(); // probes of the path are as long as the longest packet
        birlinghoven.neverAsk();
        startBoth();
    }

    @AfterEach
    void conserved() throws Exception {
        assertConserved();
    }

    @Test
    void bothFamiliesCrossBothWays() throws Exception {
        assertAllAnswered(tokyo.ping(birlinghoven, 10));
        assertAllAnswered(birlinghoven.ping(tokyo, 10));
        assertAllAnswered(tokyo.ping6(birlinghoven, 10));
        assertAllAnswered(birlinghoven.ping6(tokyo, 10));
    }

    @Test
    void largestPacketFitsIntoOneDatagram() throws Exception {
        List<byte[]> wan;
        try (Capture capture = Capture.start(sites.wan(), "tokyo")) {
            for (int i = 0; i < 3; i++) { // one by one: two at once may cross the WAN as one uncut frame
                assertAllAnswered(tokyo.ping(birlinghoven, 1, "-M", "do", "-s", "1372"));
                assertAllAnswered(birlinghoven.ping6(tokyo, 1, "-M", "do", "-s", "1352"));
            }
            wan = capture.stop();
        }

        assertEquals(
                12,
                wan.stream()
                        .filter(frame -> Frames.isUdp(frame, PORT) && frame.length == 14 + 1500)
                        .count());
        assertNoClearFrames(wan);
    }

    @Test
    void filesCross() throws Exception {
        byte[] file = TrafficLabTest.noise(3_000_001, 11);
        try (FileServer server =
                FileServer.start(birlinghoven.host(), birlinghoven.site().host4(), file)) {
            assertArrayEquals(file, FileClient.fetch(tokyo.host(), server.address()));
        }
        try (FileServer server = FileServer.start(tokyo.host(), tokyo.site().host6(), file)) {
            assertArrayEquals(file, FileClient.fetch(birlinghoven.host(), server.address()));
        }
    }

    @Test
    void statusNamesTheEndpointAsRfc5952WantsIt() throws Exception {
        assertAllAnswered(birlinghoven.ping(tokyo, 1));

        assertEquals("[2001:db8:1::2]:1640", birlinghoven.status().endpoint());
        assertTrue(
                tokyo.status().endpoint().startsWith("[2001:db8:2::2]"),
                tokyo.status().endpoint());
    }
}
