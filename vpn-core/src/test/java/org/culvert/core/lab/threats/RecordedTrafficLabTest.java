package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Frames;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Office;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Everything on the WAN was recorded, and later both host keys are stolen. */
class RecordedTrafficLabTest extends CrossingLab {
    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping");
    }

    private static final int PINGS = 20;

    /** Of a minute each, and a little. */
    private static final Duration EPOCH_AND_GRACE = Duration.ofSeconds(125);

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

    /** The same when epochs came and went while he listened, and those of the first are over and erased: of none he opens a packet. */
    @Test
    @Tag("nightly")
    @Timeout(value = 6, unit = TimeUnit.MINUTES)
    void staysClosedWhenEpochsEnd() throws Exception {
        long[] pings = {0};
        Stolen stolen = record("required", "epoch = \"1m\"\n\n", () -> {
            awaitReached();
            long startedNs = System.nanoTime();
            while (System.nanoTime() - startedNs < EPOCH_AND_GRACE.toNanos()) {
                pings[0] += tokyo.pingOneByOne(birlinghoven, PINGS).received();
                Thread.sleep(500);
            }
        });
        assertEquals(0, stolen.packets.size());
        assertTrue(stolen.control > 0, "he could not even open an announcement: his keys are wrong");
        assertTrue(stolen.closed >= 2 * pings[0], stolen.closed + " datagrams stayed closed of " + pings[0] + " pings");
        report(
                "recorded through epochs of a minute until the first were over, both host keys stolen: %d datagrams of %d pings stay closed, %d announcements open",
                stolen.closed, pings[0], stolen.control);
    }

    /** An echo of 84 bytes, sealed under suite 1. */
    private static boolean isPing(byte[] frame) {
        return Frames.isUdp(frame, PORT) && Frames.udpPayload(frame).length == 84 + 52;
    }

    private record Stolen(List<byte[]> packets, int control, int closed) {}

    private Stolen record(String mode) throws Exception {
        return record(mode, "", () -> assertAllAnswered(tokyo.pingOneByOne(birlinghoven, PINGS)));
    }

    private Stolen record(String mode, String settings, Scenario pings) throws Exception {
        stopBoth();
        configureBoth();
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure("[[peer]]", settings + "[[peer]]\nforward-secrecy = \"" + mode + "\"");
        }
        List<byte[]> recorded;
        try (Capture capture = Capture.start(sites.wan(), "tokyo")) {
            startBoth();
            pings.run();
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
