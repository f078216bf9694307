package org.culvert.tun.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OffHeapTest {
    private static final int BYTES = 512;

    private final Region region = new Region(BYTES);
    private final long a = region.address() + 1; // nothing here is aligned

    @AfterEach
    void free() {
        region.close();
    }

    @Test
    void readsBigEndianUnlessToldOtherwise() {
        OffHeap.copy(new byte[] {(byte) 0x91, (byte) 0xa2, (byte) 0xb3, (byte) 0xc4, 0x15, 0x26, 0x37, 0x48}, 0, a, 8);
        assertEquals(0x91, OffHeap.u8(a));
        assertEquals(0x91a2, OffHeap.u16(a));
        assertEquals(0x91a2b3c4, OffHeap.i32(a));
        assertEquals(0x91a2b3c4L, OffHeap.u32(a));
        assertEquals(0x91a2b3c415263748L, OffHeap.i64(a));
    }

    @Test
    void writesBigEndianUnlessToldOtherwise() {
        OffHeap.putU8(a, 0x1f1);
        OffHeap.putU16(a + 1, 0x1a2b3);
        OffHeap.putI32(a + 3, 0xc4d5e6f7);
        OffHeap.putI64(a + 7, 0x1827364554637281L);
        assertArrayEquals(bytes(ByteOrder.BIG_ENDIAN), read(a, 15));
    }

    @Test
    void readsAndWritesTheMachinesOrderWhenTold() {
        OffHeap.putU8(a, 0xf1);
        OffHeap.putNativeU16(a + 1, 0x1a2b3);
        OffHeap.putNativeI32(a + 3, 0xc4d5e6f7);
        OffHeap.putNativeI64(a + 7, 0x1827364554637281L);
        assertArrayEquals(bytes(ByteOrder.nativeOrder()), read(a, 15));
        assertEquals(0xa2b3, OffHeap.nativeU16(a + 1));
        assertEquals(0xc4d5e6f7, OffHeap.nativeI32(a + 3));
        assertEquals(0x1827364554637281L, OffHeap.nativeI64(a + 7));
    }

    @Test
    void copiesOverlappingRegionsBothWays() {
        SplittableRandom random = new SplittableRandom(1640);
        for (int i = 0; i < 2000; i++) {
            byte[] model = new byte[200];
            random.nextBytes(model);
            OffHeap.copy(model, 0, a, model.length);
            int from = random.nextInt(100);
            int to = random.nextInt(100);
            int bytes = random.nextInt(100);
            System.arraycopy(model, from, model, to, bytes);
            OffHeap.copy(a + from, a + to, bytes);
            assertArrayEquals(model, read(a, model.length), "seed 1640, round " + i);
        }
    }

    @Test
    void copiesPartsOfArrays() {
        OffHeap.fill(a, 10, 0x5a);
        OffHeap.copy(new byte[] {1, 2, 3, 4, 5}, 1, a + 2, 3);
        assertArrayEquals(new byte[] {0x5a, 0x5a, 2, 3, 4, 0x5a}, read(a, 6));
        byte[] into = {9, 9, 9, 9, 9};
        OffHeap.copy(a + 2, into, 2, 2);
        assertArrayEquals(new byte[] {9, 9, 2, 3, 9}, into);
    }

    @Test
    void fillsExactly() {
        OffHeap.fill(a, 300, 0x11);
        OffHeap.fill(a + 3, 250, 0x1e7);
        assertEquals(0x11, OffHeap.u8(a + 2));
        assertEquals(0xe7, OffHeap.u8(a + 3));
        assertEquals(0xe7, OffHeap.u8(a + 252));
        assertEquals(0x11, OffHeap.u8(a + 253));
    }

    private static byte[] bytes(ByteOrder order) {
        return ByteBuffer.allocate(15)
                .order(order)
                .put((byte) 0xf1)
                .putShort((short) 0xa2b3)
                .putInt(0xc4d5e6f7)
                .putLong(0x1827364554637281L)
                .array();
    }

    private static byte[] read(long address, int bytes) {
        byte[] copy = new byte[bytes];
        OffHeap.copy(address, copy, 0, bytes);
        return copy;
    }
}
