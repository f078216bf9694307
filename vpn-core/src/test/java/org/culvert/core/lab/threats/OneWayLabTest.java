package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Office;
import org.culvert.core.lab.Status;
import org.culvert.core.lab.UdpPlace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** A link that carries datagrams from tokyo to birlinghoven and none back: what mode off is for. */
class OneWayLabTest extends CrossingLab {
    private static final int DATAGRAMS = 50;
    private static final Duration SOON = Duration.ofSeconds(10);

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping");
    }

    @AfterEach
    void end() throws Exception {
        stopBoth();
        sites.wan().ip("route del blackhole 192.0.2.2/32");
    }

    @Test
    void everyDatagramArrivesInModeOff() throws Exception {
        startOneWay("off");
        try (UdpPlace there =
                        UdpPlace.open(birlinghoven.host(), birlinghoven.site().host4());
                UdpPlace here = UdpPlace.open(tokyo.host(), tokyo.site().host4())) {
            Status sentBefore = tokyo.status();
            Status receivedBefore = birlinghoven.status();
            for (int i = 0; i < DATAGRAMS; i++) {
                here.send(numbered(i), there.address());
                assertArrayEquals(numbered(i), there.receive());
            }
            Await.until( // a packet is counted after the system call that delivers it
                    "all are counted",
                    SOON,
                    () -> tokyo.status().since(sentBefore).sentPackets() >= DATAGRAMS
                            && birlinghoven.status().since(receivedBefore).receivedPackets() >= DATAGRAMS);
            Status sent = tokyo.status().since(sentBefore);
            Status received = birlinghoven.status().since(receivedBefore);
            assertEquals(DATAGRAMS, sent.sentPackets());
            assertEquals(DATAGRAMS, received.receivedPackets());
            assertEquals(0, received.allDrops() + sent.allDrops(), received.drops() + " " + sent.drops());
            assertEquals(0, tokyo.status().receivedOuterBytes(), "something came back");
        }
    }

    /** No epoch keys without a way back: nothing is sent, and it is said what is missing. */
    @Test
    void nothingArrivesInModeRequiredAndItSaysWhy() throws Exception {
        startOneWay("required");
        try (UdpPlace there =
                        UdpPlace.open(birlinghoven.host(), birlinghoven.site().host4());
                UdpPlace here = UdpPlace.open(tokyo.host(), tokyo.site().host4())) {
            for (int i = 0; i < DATAGRAMS; i++) {
                here.send(numbered(i), there.address());
            }
            Await.until("all given up", SOON, () -> {
                here.send(numbered(0), there.address()); // the queue drops what is too old when more comes
                return tokyo.status().dropped("tx_no_keys") >= DATAGRAMS;
            });
            Assertions.assertThrows(SocketTimeoutException.class, () -> there.receive(500));
            assertEquals(0, tokyo.status().sentPackets());
            assertEquals(0, birlinghoven.status().receivedPackets());
            String said = tokyo.daemon().ask("status").out();
            assertTrue(said.contains("none yet, packets wait"), said);
        }
    }

    private void startOneWay(String mode) throws Exception {
        stopBoth();
        configureBoth();
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure("[[peer]]\n", "[[peer]]\nforward-secrecy = \"" + mode + "\"\n");
        }
        sites.wan().ip("route add blackhole 192.0.2.2/32");
        startBoth();
    }

    private static byte[] numbered(int i) {
        return ByteBuffer.allocate(100).putInt(0xc0de).putInt(i).array();
    }
}
