package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.culvert.core.compress.Compressor;
import org.culvert.core.compress.HostileFrames;
import org.culvert.core.flow.TestGateway.TestClock;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.InnerWord;
import org.culvert.core.wire.Refusal;
import org.culvert.core.wire.SkipTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two gateways in memory that compress, or of which one does. */
class CompressionFlowTest {
    private static final String FROM = "10.1.0.5";
    private static final String TO = "10.2.0.9";
    private static final int OVERHEAD = 52;

    private final TestClock clock = new TestClock(275_999L * SkipTime.TICKS_PER_HOUR + 7_777);
    private TestGateway tokyo;
    private TestGateway osaka;

    @BeforeEach
    void link() throws Exception {
        assumeTrue(Compressor.available() || "true".equals(System.getenv("CI")), Compressor.missing());
        tokyo = new TestGateway("tokyo", "192.0.2.2", clock, true, "10.1.0.0/24");
        osaka = new TestGateway("osaka", "198.51.100.2", clock, true, "10.2.0.0/24");
        tokyo.knows(osaka).compresses(true);
        osaka.knows(tokyo).compresses(true);
        tokyo.publish();
        osaka.publish();
    }

    @AfterEach
    void close() {
        if (tokyo != null) {
            tokyo.close();
            osaka.close();
        }
    }

    /** A letter: 1,200 bytes that say little. */
    private static byte[] letter(int seed) {
        byte[] packet = Packets.udp(FROM, TO, 1_200, seed);
        Arrays.fill(packet, 60, 1_000, (byte) ' ');
        return withChecksum(packet);
    }

    /** Nothing to be saved. */
    private static byte[] noise(int seed) {
        byte[] packet = Packets.udp(FROM, TO, 1_200, seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 28; i < packet.length; i++) {
            packet[i] = (byte) random.nextInt();
        }
        return withChecksum(packet);
    }

    private static byte[] withChecksum(byte[] packet) {
        ByteBuffer.wrap(packet).putShort(26, (short) 0);
        int transport = packet.length - 20;
        int sum = Packets.sum(packet, 20, transport, Packets.sum(packet, 12, 8, 0) + 17 + transport);
        ByteBuffer.wrap(packet).putShort(26, (short) ~sum);
        return packet;
    }

    private List<byte[]> carry(byte[]... packets) {
        List<byte[]> delivered = new ArrayList<>();
        for (byte[] datagram : tokyo.seal(packets)) {
            delivered.addAll(osaka.open(tokyo.address, datagram));
        }
        return delivered;
    }

    @Test
    void aRefusalNamesThePacketAndNotWhatItWasPackedInto() {
        osaka.narrows(tokyo, "10.1.0.0/28");
        osaka.publish();
        byte[] packet = Packets.udp("10.1.0.77", TO, 1_200, 5);
        Arrays.fill(packet, 60, 1_000, (byte) ' ');

        assertEquals(List.of(), carry(withChecksum(packet)));

        assertEquals(1, osaka.dropped(DropReason.INNER_SOURCE));
        Refusal.Detail noted = osaka.peer(tokyo).refused().take(Refusal.INNER_SOURCE);
        assertNotNull(noted);
        assertEquals(0xffff_0a01_004dL, noted.sourceLow());
        assertEquals(17, noted.number() >>> 16);
    }

    @Test
    void letterTravelsSmallAndArrivesAsItWas() {
        byte[] letter = letter(1);
        byte[] datagram = tokyo.seal(letter).getFirst();
        assertTrue(datagram.length < 700, "sealed: " + datagram.length);
        assertArrayEquals(letter, osaka.open(tokyo.address, datagram).getFirst());
        var counters = tokyo.peer(osaka).counters();
        assertEquals(letter.length, counters.sentInnerBytes());
        assertEquals(letter.length + OVERHEAD - datagram.length, counters.savedBytes());
        assertEquals(letter.length, osaka.peer(tokyo).counters().receivedInnerBytes());
    }

    @Test
    void whatDoesNotShrinkIsSentAsItIs() {
        byte[] noise = noise(2);
        byte[] datagram = tokyo.seal(noise).getFirst();
        assertEquals(noise.length + OVERHEAD, datagram.length);
        assertArrayEquals(noise, osaka.open(tokyo.address, datagram).getFirst());
        assertEquals(0, tokyo.peer(osaka).counters().savedBytes());
    }

    @Test
    void superPacketsAreCutFirst() {
        tokyo.tun.toRead.add(Packets.tcpSuper(FROM, TO, 1_000, 5_500));
        while (tokyo.outbound.runOnce()) {}
        List<byte[]> datagrams =
                tokyo.link.sent.stream().map(FakeLink.Sent::bytes).toList();
        assertEquals(6, datagrams.size());
        int delivered = 0;
        for (byte[] datagram : datagrams) {
            delivered += osaka.open(tokyo.address, datagram).getFirst().length - 40;
        }
        assertEquals(5_500, delivered);
        assertEquals(0, osaka.inboundDropsBut());
    }

    /** More than fits into the room for unpacked packets, in one batch of datagrams of one size. */
    @Test
    void manyLargePacketsOfOneBatchStayWhole() {
        byte[] packet = Packets.udp(FROM, TO, 60_000, 7);
        Arrays.fill(packet, 100, 59_000, (byte) 'x');
        withChecksum(packet);
        byte[][] packets = new byte[12][];
        Arrays.fill(packets, packet);
        byte[][] datagrams = tokyo.seal(packets).toArray(byte[][]::new);
        assertTrue(datagrams[0].length * datagrams.length < 65_536, "no batch: " + datagrams[0].length);
        List<byte[]> delivered = osaka.open(tokyo.address, datagrams);
        assertEquals(packets.length, delivered.size());
        delivered.forEach(each -> assertArrayEquals(packet, each));
    }

    @Test
    void notConfiguredItIsRefused() {
        osaka.peer(tokyo).compresses(false);
        assertEquals(List.of(), carry(letter(3)));
        assertEquals(1, osaka.peer(tokyo).counters().dropped(DropReason.COMPRESSED));
        Refusal.Detail noted = osaka.peer(tokyo).refused().take(Refusal.COMPRESSED);
        assertEquals(Refusal.COMPRESSION_OFF, noted.number(), "it is to be told");
        assertEquals(1, carry(noise(4)).size(), "as it is, it passes");
    }

    @Test
    void notConfiguredNothingIsCompressed() {
        tokyo.peer(osaka).compresses(false);
        assertEquals(1_228 + OVERHEAD, tokyo.seal(letter(5)).getFirst().length);
    }

    /** Authentic, new, and each of them made to do harm: counted under its reason, and the next good packet arrives. */
    @Test
    void whatAPeerOfBadWillSendsIsCountedAndDoesNoHarm() throws Exception {
        int damaged = 0;
        for (byte[] frame : HostileFrames.damaged().values()) {
            assertEquals(List.of(), openHolding(frame));
            assertEquals(++damaged, osaka.dropped(DropReason.COMPRESSED));
            Refusal.Detail noted = osaka.peer(tokyo).refused().take(Refusal.COMPRESSED);
            assertEquals(Refusal.NOT_UNPACKED, noted.number());
        }
        for (byte[] frame : HostileFrames.holdingNoPacket().values()) {
            assertEquals(List.of(), openHolding(frame));
        }
        assertEquals(HostileFrames.holdingNoPacket().size(), osaka.dropped(DropReason.INNER_LENGTH));
        assertEquals(List.of(), openHolding(HostileFrames.holding(Packets.udp("10.9.0.5", TO, 100, 8))));
        assertEquals(1, osaka.dropped(DropReason.INNER_SOURCE));
        assertEquals(0, osaka.inboundDropsBut(DropReason.COMPRESSED, DropReason.INNER_LENGTH, DropReason.INNER_SOURCE));
        assertArrayEquals(letter(9), carry(letter(9)).getFirst());
    }

    private List<byte[]> openHolding(byte[] frame) throws Exception {
        return osaka.open(tokyo.address, sealedHolding(frame));
    }

    /** As if tokyo had compressed a packet to this. */
    private byte[] sealedHolding(byte[] frame) throws Exception {
        int word = InnerWord.of(SkipTime.timeInHour(clock.ticks), false, InnerWord.KIND_IPV4 | InnerWord.COMPRESSED);
        byte[] plaintext =
                ByteBuffer.allocate(4 + frame.length).putInt(word).put(frame).array();
        byte[] datagram = tokyo.seal(noise(7)).getFirst();
        return SpecReader.holding(plaintext, osaka, tokyo, SkipTime.hour(clock.ticks), datagram);
    }
}
