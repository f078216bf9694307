package org.culvert.core.crypto;

import java.util.ArrayList;
import java.util.List;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** Native memory for one test, all of it freed at its end. */
final class TestMemory implements AutoCloseable {
    private final List<Region> regions = new ArrayList<>();

    long room(int bytes) {
        Region region = new Region(Math.max(1, bytes));
        regions.add(region);
        return region.address();
    }

    long of(byte[] bytes) {
        long address = room(bytes.length);
        OffHeap.copy(bytes, 0, address, bytes.length);
        return address;
    }

    static byte[] bytes(long address, int count) {
        byte[] bytes = new byte[count];
        OffHeap.copy(address, bytes, 0, count);
        return bytes;
    }

    static void flip(long address, int bit) {
        OffHeap.putU8(address + bit / 8, OffHeap.u8(address + bit / 8) ^ 1 << bit % 8);
    }

    @Override
    public void close() {
        regions.forEach(Region::close);
    }
}
