package org.culvert.core.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** Any bytes, unpacked or packed. What would be written where it must not shows in marked memory behind it. */
final class CompressionFuzz {
    private static final int MARK_BYTES = 64;
    private static final int MARK = 0x5a;

    private CompressionFuzz() {}

    /** As of an authentic peer: refused, or unpacked to what fits, the same each time, and the next packet is not harmed. */
    static void unpack(byte[] data) {
        byte[] frame = Arrays.copyOf(data, Math.min(data.length, Decompressor.MOST_BYTES));
        try (Region memory = new Region(Math.max(1, frame.length));
                Decompressor decompressor = new Decompressor()) {
            OffHeap.copy(frame, 0, memory.address(), frame.length);
            long first = decompressor.next();
            long mark = first + Decompressor.MOST_BYTES;
            OffHeap.fill(mark, MARK_BYTES, MARK);
            int bytes = decompressor.decompress(memory.address(), frame.length);
            assertTrue(bytes >= -1 && bytes <= Decompressor.MOST_BYTES, "length " + bytes);
            for (int i = 0; i < MARK_BYTES; i++) {
                assertEquals(MARK, OffHeap.u8(mark + i), "written behind the packet");
            }
            long used = decompressor.next() - first;
            assertTrue(bytes <= 0 ? used == 0 : used >= bytes && used < bytes + 64, used + " for " + bytes);
            byte[] unpacked = content(first, bytes);
            assertEquals(bytes, decompressor.decompress(memory.address(), frame.length));
            assertArrayEquals(unpacked, content(first, bytes));
        }
    }

    /** Whatever a packet holds: it becomes shorter and is found again, or is left alone. */
    static void packAndUnpack(byte[] data) {
        byte[] packet = Arrays.copyOf(data, Math.clamp(data.length, 1, Decompressor.MOST_BYTES));
        try (Region memory = new Region(packet.length);
                Compressor compressor = new Compressor();
                Decompressor decompressor = new Decompressor()) {
            OffHeap.copy(packet, 0, memory.address(), packet.length);
            int smaller = compressor.compress(memory.address(), packet.length);
            assertTrue(smaller >= 0 && smaller < packet.length, "length " + smaller);
            if (smaller > 0) {
                long at = decompressor.next();
                assertEquals(packet.length, decompressor.decompress(compressor.packet(), smaller));
                assertArrayEquals(packet, content(at, packet.length));
            }
        }
    }

    private static byte[] content(long at, int bytes) {
        byte[] content = new byte[Math.max(0, bytes)];
        OffHeap.copy(at, content, 0, content.length);
        return content;
    }
}
