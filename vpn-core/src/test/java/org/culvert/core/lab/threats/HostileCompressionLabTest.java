package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.culvert.core.compress.HostileFrames;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Frames;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Office;
import org.culvert.core.lab.Pings;
import org.culvert.core.lab.Status;
import org.culvert.core.lab.ThreatReport;
import org.culvert.core.lab.UdpPlace;
import org.junit.jupiter.api.Test;

/** Tokyo's gateway has the right keys and bad intentions: what it says it has compressed is made to do harm. */
class HostileCompressionLabTest extends CrossingLab {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int COMPRESSED = 4;
    private static final byte[] LETTER = "We regret to inform you that the canteen is out of cake. "
            .repeat(20)
            .getBytes(StandardCharsets.UTF_8);

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping");
    }

    @Override
    protected void serve() throws Exception {
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure(
                    "[[peer]]", "[[peer]]\nmeasure = false\nforward-secrecy = \"off\"\ncompression = \"zstd\"");
        }
        startBoth();
    }

    @Test
    void bombsAndDamagedFramesAreCountedAndTheTunnelGoesOn() throws Exception {
        Collection<byte[]> damaged = HostileFrames.damaged().values();
        Collection<byte[]> noPackets = HostileFrames.holdingNoPacket().values();
        List<byte[]> frames = new ArrayList<>(damaged);
        frames.addAll(noPackets);
        frames.add(HostileFrames.holding(spoofed()));
        awaitReached();
        List<byte[]> datagrams = sealed(frames);
        Status before = birlinghoven.status();

        Pings others;
        try (UdpPlace tokyosGateway =
                        UdpPlace.open(tokyo.gateway(), tokyo.site().wan4());
                Bystanders bystanders = Bystanders.of(tokyo, birlinghoven)) {
            tokyosGateway.sendAll(
                    datagrams, new InetSocketAddress(birlinghoven.site().wan4(), PORT));
            Await.until(
                    frames.size() + " packets counted",
                    SOON,
                    () -> birlinghoven.status().since(before).allDrops() == frames.size());
            others = bystanders.end();
        }

        Status refused = Bystanders.counted(birlinghoven, before, others);
        assertEquals(
                damaged.size(), refused.dropped("compressed"), refused.drops().toString());
        assertEquals(
                noPackets.size(),
                refused.dropped("inner_length"),
                refused.drops().toString());
        assertEquals(1, refused.dropped("inner_source"), refused.drops().toString());
        assertEquals(others.received(), refused.receivedPackets());
        assertLetterArrives();
        ThreatReport.unharmed(
                "hostile compressed packets: compressed %d of %d, inner_length %d of %d, inner_source 1 of 1"
                        .formatted(damaged.size(), damaged.size(), noPackets.size(), noPackets.size()),
                others);
    }

    private void assertLetterArrives() throws Exception {
        try (UdpPlace there =
                        UdpPlace.open(birlinghoven.host(), birlinghoven.site().host4());
                UdpPlace here = UdpPlace.open(tokyo.host(), tokyo.site().host4())) {
            Status before = tokyo.status();
            here.send(
                    LETTER,
                    new InetSocketAddress(
                            birlinghoven.site().host4(), there.address().getPort()));
            assertArrayEquals(LETTER, there.receive());
            Await.until(
                    "it is counted", SOON, () -> tokyo.status().since(before).sentPackets() > 0);
            assertEquals(1, tokyo.status().since(before).sentPackets());
        }
    }

    /** Of tokyo's own, that never reached birlinghoven, and with this inside: numbers and keys are the real ones. */
    private List<byte[]> sealed(List<byte[]> frames) throws Exception {
        var keys = new Eavesdropper(
                "tokyo", folder.resolve("tokyo/host.key"), "birlinghoven", folder.resolve("birlinghoven/host.key"));
        List<byte[]> sealed = new ArrayList<>();
        sites.wan().ip("route add blackhole 198.51.100.2/32");
        try (Capture capture = Capture.start(sites.wan(), "tokyo");
                UdpPlace sender = UdpPlace.open(tokyo.host(), tokyo.site().host4())) {
            for (int i = 0; i < frames.size(); i++) {
                sender.send(
                        new byte[0], new InetSocketAddress(birlinghoven.site().host4(), 9));
                byte[] own =
                        capture.await(i + 1, frame -> Frames.isUdp(frame, PORT)).get(i);
                byte[] word = keys.open(Frames.udpPayload(own)).orElseThrow();
                word[3] |= COMPRESSED;
                byte[] plaintext = ByteBuffer.allocate(4 + frames.get(i).length)
                        .put(word, 0, 4)
                        .put(frames.get(i))
                        .array();
                sealed.add(keys.holding(plaintext, Frames.udpPayload(own)));
            }
        } finally {
            sites.wan().ip("route delete blackhole 198.51.100.2/32");
        }
        return sealed;
    }

    /** A UDP header of nobody's in an IPv4 packet from a network that is not tokyo's. */
    private static byte[] spoofed() {
        return ByteBuffer.allocate(28)
                .putInt(0x4500_001c)
                .putInt(0)
                .putInt(0x4011_0000)
                .putInt(0x0a09_0005)
                .putInt(0x0a02_000c)
                .array();
    }
}
