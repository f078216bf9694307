package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Frames;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Office;
import org.junit.jupiter.api.Test;

/** Everything on the WAN was recorded, and later both host keys are stolen. */
class RecordedTrafficLabTest extends CrossingLab {
    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping");
    }

    private static final int PINGS = 20;

    /** Without epoch keys he reads all of it: so the test below can fail. */
    @Test
    void isOpenInModeOff() throws Exception {
        Stolen stolen = record("off");
        assertEquals(2 * PINGS, stolen.packets.size());
        assertEquals(0, stolen.closed);
        assertTrue(stolen.packets.stream()
                .anyMatch(packet -> Frames.holds(packet, new byte[] {10, 1, 0, 11, 10, 2, 0, 12})));
    }

    /** With them he opens what the gateways said to agree on keys, and no packet. */
    @Test
    void staysClosedInModeRequired() throws Exception {
        Stolen stolen = record("required");
        assertEquals(0, stolen.packets.size());
        assertTrue(stolen.control > 0, "he could not even open an announcement: his keys are wrong");
        assertTrue(stolen.closed >= 2 * PINGS, stolen.closed + " datagrams stayed closed");
        report(
                "recorded, both host keys stolen: %d datagrams stay closed, %d announcements open",
                stolen.closed, stolen.control);
    }

    /** An echo of 84 bytes, sealed under suite 1. */
    private static boolean isPing(byte[] frame) {
        return Frames.isUdp(frame, PORT) && Frames.udpPayload(frame).length == 84 + 52;
    }

    private record Stolen(List<byte[]> packets, int control, int closed) {}

    private Stolen record(String mode) throws Exception {
        stopBoth();
        configureBoth();
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure("[[peer]]", "[[peer]]\nforward-secrecy = \"" + mode + "\"");
        }
        List<byte[]> recorded;
        try (Capture capture = Capture.start(sites.wan(), "tokyo")) {
            startBoth();
            assertAllAnswered(tokyo.pingOneByOne(birlinghoven, PINGS));
            capture.await(2 * PINGS, RecordedTrafficLabTest::isPing);
            recorded = capture.stop();
        } finally {
            stopBoth();
        }
        var thief = new Eavesdropper(
                "tokyo", folder.resolve("tokyo/host.key"), "birlinghoven", folder.resolve("birlinghoven/host.key"));
        List<byte[]> packets = new ArrayList<>();
        int control = 0;
        int closed = 0;
        for (byte[] frame : recorded) {
            if (Frames.isUdp(frame, PORT)) {
                Optional<byte[]> opened = thief.open(Frames.udpPayload(frame));
                if (opened.isEmpty()) {
                    closed++;
                } else if (Eavesdropper.kind(opened.get()) == 1) {
                    packets.add(opened.get());
                } else {
                    control++;
                }
            }
        }
        return new Stolen(packets, control, closed);
    }
}
