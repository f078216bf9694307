package org.culvert.tun;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

final class OffHeapAllocationTest {
    @Test
    void allocatesNothing() {
        byte[] array = new byte[64];
        try (Region region = new Region(4096)) {
            long a = region.address();
            Allocation.assertNone("accessors", () -> {
                OffHeap.putI64(a, OffHeap.i64(a + 8) + OffHeap.u32(a + 16) + OffHeap.u16(a + 20) + OffHeap.u8(a + 22));
                OffHeap.putNativeI64(a, OffHeap.nativeI64(a + 8) + OffHeap.nativeI32(a) + OffHeap.nativeU16(a));
            });
            Allocation.assertNone("copy", () -> {
                OffHeap.copy(a, a + 1000, 1400);
                OffHeap.copy(a, a + 8, 40);
                OffHeap.copy(array, 3, a, 40);
                OffHeap.copy(a, array, 3, 40);
            });
            Allocation.assertNone("fill", () -> OffHeap.fill(a, 1000, 7));
        }
    }
}
