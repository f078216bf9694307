package org.culvert.tun.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class RegionTest {
    private static final long SECRET = 0x5ec2e75ec2e75ec2L;

    @Test
    void isAlignedAndZeroed() {
        for (int i = 1; i < 50; i++) {
            try (Region region = new Region(i * 37L)) {
                assertEquals(0, region.address() % Region.ALIGNMENT_BYTES);
                assertEquals(i * 37L, region.bytes());
                for (int at = 0; at < region.bytes(); at++) {
                    assertEquals(0, OffHeap.u8(region.address() + at));
                }
                OffHeap.fill(region.address(), region.bytes(), 0xff);
            }
        }
    }

    /** Reads freed memory, which C forbids and the allocator tolerates: nothing else can show that a key is gone. */
    @Test
    void leavesNoSecretBehind() {
        Region region = new Region(4096);
        for (int at = 0; at < 4096; at += 8) {
            OffHeap.putNativeI64(region.address() + at, SECRET);
        }
        region.close();
        for (int at = 0; at < 4096; at += 8) {
            assertNotEquals(SECRET, OffHeap.nativeI64(region.address() + at), "offset " + at);
        }
    }

    @Test
    void closesOnceFromAnyThread() throws InterruptedException {
        Region region = new Region(64);
        Thread other = new Thread(() -> {
            OffHeap.putI64(region.address(), 7);
            region.close();
        });
        other.start();
        other.join();
        region.close();
    }

    @Test
    void refusesToBeEmpty() {
        assertThrows(IllegalArgumentException.class, () -> new Region(0));
        assertThrows(IllegalArgumentException.class, () -> new Region(-8));
    }
}
