package org.culvert.core.compress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CompressionTest {
    private static final long SEED = 20_261_127;
    private static final int PACKETS = 10_000;
    private static final int PACKET_BYTES = 1_404;

    private long bytes;

    @BeforeAll
    static void libraryIsThere() {
        assumeTrue(Compressor.available() || "true".equals(System.getenv("CI")), Compressor.missing());
    }

    /** What the fuzz target asserts, of more than happens to be stored as its inputs. */
    @Test
    void whatIsDamagedInAnyWayIsRefusedOrFits() {
        SplittableRandom random = new SplittableRandom(SEED);
        byte[] letter = new byte[PACKET_BYTES];
        for (int i = 0; i < PACKET_BYTES; i++) {
            letter[i] = (byte) (i / 100 * i % 7);
        }
        byte[] good = compressed(letter);
        for (int i = 0; i < 2_000; i++) {
            byte[] bad = good.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            CompressionFuzz.unpack(random.nextInt(4) == 0 ? Arrays.copyOf(bad, random.nextInt(bad.length)) : bad);
        }
    }

    /** From one byte on, and from all noise to all alike. */
    @Test
    void whateverBecomesSmallerIsFoundAgain() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < 1_000; i++) {
            byte[] packet = new byte[1 + random.nextInt(i < 900 ? 2_000 : Decompressor.MOST_BYTES)];
            random.nextBytes(packet);
            Arrays.fill(packet, random.nextInt(packet.length), packet.length, (byte) i);
            CompressionFuzz.packAndUnpack(packet);
        }
    }

    private static byte[] compressed(byte[] packet) {
        try (Compressor compressor = new Compressor();
                Region memory = new Region(packet.length)) {
            OffHeap.copy(packet, 0, memory.address(), packet.length);
            byte[] compressed = new byte[compressor.compress(memory.address(), packet.length)];
            OffHeap.copy(compressor.packet(), compressed, 0, compressed.length);
            return compressed;
        }
    }

    @Test
    void everyHostileFrameIsRefused() {
        HostileFrames.damaged().forEach((what, frame) -> assertEquals(-1, unpackedBytes(frame), what));
        HostileFrames.holdingNoPacket().forEach((what, frame) -> assertTrue(unpackedBytes(frame) >= 0, what));
        assertEquals(7, unpackedBytes(HostileFrames.holding(new byte[7])));
    }

    private static int unpackedBytes(byte[] frame) {
        CompressionFuzz.unpack(frame);
        try (Decompressor decompressor = new Decompressor();
                Region memory = new Region(Math.max(1, frame.length))) {
            OffHeap.copy(frame, 0, memory.address(), frame.length);
            return decompressor.decompress(memory.address(), frame.length);
        }
    }

    @Test
    void neitherWayAllocates() {
        try (Compressor compressor = new Compressor();
                Decompressor decompressor = new Decompressor();
                Region memory = new Region(PACKET_BYTES)) {
            OffHeap.fill(memory.address(), PACKET_BYTES / 2, 'x');
            assertAllocatesNothing("compress", () -> {
                for (int i = 0; i < PACKETS; i++) {
                    bytes = compressor.compress(memory.address(), PACKET_BYTES);
                }
            });
            int smaller = (int) bytes;
            assertAllocatesNothing("decompress", () -> {
                for (int i = 0; i < PACKETS; i++) {
                    decompressor.reset();
                    bytes = decompressor.decompress(compressor.packet(), smaller);
                }
            });
            assertEquals(PACKET_BYTES, bytes);
            assertAllocatesNothing("refuse", () -> {
                for (int i = 0; i < PACKETS; i++) {
                    bytes = decompressor.decompress(compressor.packet(), smaller - 1);
                }
            });
            assertEquals(-1, bytes);
        }
    }

    /** Of several runs one must: what the interpreter allocates compiled code does not, and compiling takes a while. */
    private static void assertAllocatesNothing(String what, Runnable work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        for (int run = 0; run < 30 && allocated > PACKETS / 10; run++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            work.run();
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertTrue(allocated <= PACKETS / 10, what + ": " + allocated + " bytes for " + PACKETS + " packets");
    }
}
