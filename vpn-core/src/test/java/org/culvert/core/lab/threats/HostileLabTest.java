package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Frames;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Office;
import org.culvert.core.lab.Pings;
import org.culvert.core.lab.Status;
import org.culvert.core.lab.ThreatReport;
import org.culvert.core.lab.UdpPlace;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * An attacker on the WAN, who sees and sends everything: nothing of it is delivered or answered, each refusal is counted
 * under its reason, and the endpoint does not move.
 */
class HostileLabTest extends CrossingLab {
    private static final int SHORT_BYTES = 20;
    private static final long SEED = 20_260_117;
    private static final Duration SOON = Duration.ofSeconds(10);

    private InetSocketAddress target;

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping");
    }

    @Override
    protected void serve() throws Exception {
        tokyo.neverAsk(); // each datagram on the way is counted
        birlinghoven.neverAsk();
        startBoth();
    }

    @BeforeEach
    void linkWorks() throws Exception {
        awaitReached();
        target = new InetSocketAddress(birlinghoven.site().wan4(), PORT);
    }

    @Test
    void replayedDatagramsAreRefused() throws Exception {
        List<byte[]> recorded = record(tokyo, 30, () -> assertAllAnswered(tokyo.pingOneByOne(birlinghoven, 30)));
        List<byte[]> again = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            again.addAll(recorded);
        }
        Collections.shuffle(again, new Random(SEED));

        Status refused = attack(again);

        assertEquals(300, refused.dropped("replay"));
        assertEquals(300, refused.allDrops());
    }

    /** A gateway's own packets come back to it: direction is bound into the keys. */
    @Test
    void reflectedDatagramsAreRefused() throws Exception {
        List<byte[]> own = record(birlinghoven, 7, () -> assertAllAnswered(birlinghoven.pingOneByOne(tokyo, 7)));

        Status refused = attack(own);

        assertEquals(7, refused.dropped("unknown_spi"));
        assertEquals(7, refused.allDrops());
    }

    @Test
    void everyFlippedBitIsRefusedAndTheOriginalStillAccepted() throws Exception {
        byte[] original = heldBack();
        List<byte[]> flipped = new ArrayList<>();
        for (int bit = 0; bit < 8 * original.length; bit++) {
            byte[] datagram = original.clone();
            datagram[bit / 8] ^= (byte) (0x80 >>> bit % 8);
            flipped.add(datagram);
        }

        Status refused = attack(flipped);

        assertEquals(flipped.size(), refused.allDrops());
        assertEquals(4, refused.dropped("version"));
        assertEquals(32, refused.dropped("unknown_spi"));
        assertAccepted(original);
    }

    @Test
    void everyTruncatedOrExtendedDatagramIsRefusedAndTheOriginalStillAccepted() throws Exception {
        byte[] original = heldBack();
        List<byte[]> changed = new ArrayList<>();
        for (int bytes = 0; bytes <= original.length + 64; bytes++) {
            if (bytes != original.length) {
                changed.add(Arrays.copyOf(original, bytes));
            }
        }

        Status refused = attack(changed);

        assertEquals(changed.size(), refused.allDrops());
        assertEquals(changed.size(), refused.dropped("short") + refused.dropped("auth"));
        assertEquals(32 + 4 + 16, refused.dropped("short"));
        assertAccepted(original);
    }

    /** The header of one packet with the body of another. */
    @Test
    void splicedDatagramsAreRefused() throws Exception {
        byte[] first = heldBack();
        byte[] second = heldBack();
        byte[] spliced = second.clone();
        System.arraycopy(first, 0, spliced, 0, 16);
        byte[] otherKey = second.clone();
        System.arraycopy(first, 16, otherKey, 16, 16);

        Status refused = attack(List.of(spliced, otherKey));

        assertEquals(2, refused.dropped("auth"));
        assertAccepted(second);
    }

    /** Sends from the WAN; nothing may be answered or delivered but what others send
     * meanwhile, and the endpoint must stay. Returns what was counted. */
    private Status attack(List<byte[]> datagrams) throws Exception {
        Status before = birlinghoven.status();
        InetAddress tokyosHost = InetAddress.getByName(tokyo.site().host4());
        Pings others;
        List<byte[]> answers;
        long delivered;
        try (Capture onWan = Capture.start(sites.wan(), "birlinghoven");
                Capture onLan = Capture.start(birlinghoven.host(), "eth0");
                UdpPlace attacker = UdpPlace.open(sites.wan(), "198.51.100.1");
                Bystanders bystanders = Bystanders.of(tokyo, birlinghoven)) {
            attacker.sendAll(datagrams, target);
            Await.until(
                    datagrams.size() + " datagrams counted",
                    SOON,
                    () -> birlinghoven.status().since(before).allDrops() >= datagrams.size());
            others = bystanders.end();
            answers = onWan.stop().stream()
                    .filter(frame -> Frames.isUdp(frame, attacker.address().getPort()))
                    .toList();
            delivered = onLan.stop().stream()
                    .filter(frame -> Frames.touches(frame, tokyosHost, 16) && isFrom(frame, tokyosHost))
                    .count();
        }
        assertEquals(datagrams.size(), answers.size(), "answered");
        Status refused = withoutMessages(
                Bystanders.counted(birlinghoven, before, others), datagrams.size(), tokyo, birlinghoven);
        assertEquals("192.0.2.2:1640", refused.endpoint());
        assertEquals(others.received(), refused.receivedPackets(), "taken");
        assertEquals(others.received(), delivered, "delivered");
        ThreatReport.unharmed("%d hostile datagrams: %s".formatted(datagrams.size(), refused.counted()), others);
        return refused;
    }

    private void assertAccepted(byte[] original) throws Exception {
        Status before = birlinghoven.status();
        try (UdpPlace attacker = UdpPlace.open(sites.wan(), "198.51.100.1")) {
            attacker.send(original, target);
            Await.until(
                    "the original counted",
                    SOON,
                    () -> birlinghoven.status().since(before).receivedPackets() == 1);
        }
        Status after = withoutMessages(birlinghoven.status().since(before), 0, tokyo, birlinghoven);
        assertEquals(0, after.allDrops(), after.drops().toString());
        assertAllAnswered(tokyo.ping(birlinghoven, 1)); // and the endpoint is tokyo's again
    }

    interface Traffic {
        void run() throws Exception;
    }

    /** The pings that a gateway sends meanwhile, exactly so many UDP payloads; not what it says for itself after its start. */
    private List<byte[]> record(Office sender, int count, Traffic traffic) throws Exception {
        InetAddress source = InetAddress.getByName(sender.site().wan4());
        try (Capture capture = Capture.start(sites.wan(), "birlinghoven")) {
            traffic.run();
            List<byte[]> frames = capture.await(count, frame -> isSealed(frame, PING_BYTES) && isFrom(frame, source));
            assertEquals(count, frames.size());
            return frames.stream().map(Frames::udpPayload).toList();
        }
    }

    private static boolean isFrom(byte[] frame, InetAddress source) {
        try {
            return Frames.source(frame).equals(source);
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** A datagram of tokyo's that never reached birlinghoven. */
    private byte[] heldBack() throws Exception {
        sites.wan().ip("route add blackhole 198.51.100.2/32");
        try (Capture capture = Capture.start(sites.wan(), "tokyo");
                UdpPlace sender = UdpPlace.open(tokyo.host(), tokyo.site().host4())) {
            sender.send(
                    new byte[SHORT_BYTES],
                    new InetSocketAddress(birlinghoven.site().host4(), 9));
            byte[] frame = capture.await(1, seen -> isSealed(seen, SHORT_BYTES)).getFirst();
            return Frames.udpPayload(frame);
        } finally {
            sites.wan().ip("route delete blackhole 198.51.100.2/32");
        }
    }
}
