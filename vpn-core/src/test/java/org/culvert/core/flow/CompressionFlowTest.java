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
import org.culvert.core.compress.Decompressor;
import org.culvert.core.flow.TestGateway.TestClock;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.Refusal;
import org.culvert.core.wire.SkipTime;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
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
        assertEquals(1, carry(noise(4)).size(), "as it is, it passes");
    }

    @Test
    void notConfiguredNothingIsCompressed() {
        tokyo.peer(osaka).compresses(false);
        assertEquals(1_228 + OVERHEAD, tokyo.seal(letter(5)).getFirst().length);
    }

    /** What is no zstd frame, or one that was cut, changed or claims too much: -1, and nothing around it is harmed. */
    @Test
    void damagedDataIsRefusedAndBounded() {
        SplittableRandom random = new SplittableRandom(20_261_127);
        byte[] letter = letter(6);
        try (Compressor compressor = new Compressor();
                Decompressor decompressor = new Decompressor();
                Region memory = new Region(70_000)) {
            OffHeap.copy(letter, 0, memory.address(), letter.length);
            int bytes = compressor.compress(memory.address(), letter.length);
            byte[] good = new byte[bytes];
            OffHeap.copy(compressor.packet(), good, 0, bytes);
            int refused = 0;
            for (int i = 0; i < 20_000; i++) {
                byte[] bad = good.clone();
                for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                    bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
                }
                int length = random.nextInt(4) == 0 ? random.nextInt(bad.length) : bad.length;
                OffHeap.copy(bad, 0, memory.address(), length);
                decompressor.reset();
                int result = decompressor.decompress(memory.address(), length);
                assertTrue(result >= -1 && result <= Decompressor.MOST_BYTES, "length " + result);
                refused += result < 0 ? 1 : 0;
            }
            assertTrue(refused > 2_000, "refused: " + refused);
        }
    }

    /** RFC 8878: 17 bytes that claim 16 MiB and hold two runs of 128 KiB. */
    @Test
    void bombIsRefused() {
        byte[] bomb = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, (byte) 0xa0, 0, 0, 4, 0, 0x02, 0, 0x10, 0, 0x03, 0, 0x10, 0
        };
        try (Decompressor decompressor = new Decompressor();
                Region memory = new Region(64)) {
            OffHeap.copy(bomb, 0, memory.address(), bomb.length);
            assertEquals(-1, decompressor.decompress(memory.address(), bomb.length));
        }
    }
}
