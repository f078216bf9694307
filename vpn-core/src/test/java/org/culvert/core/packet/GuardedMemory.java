package org.culvert.core.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * Native memory between two fields of guard bytes. Writing out of bounds shows when they are checked; reading out of
 * bounds shows as a result that changes with what is in them.
 */
final class GuardedMemory implements AutoCloseable {
    private static final int GUARD_BYTES = 128;

    private final Region region;
    private final int bytes;
    private int guard = 0xa5;

    GuardedMemory(int bytes) {
        this.bytes = bytes;
        this.region = new Region(bytes + 2L * GUARD_BYTES);
        fillGuards(guard);
    }

    void fillGuards(int value) {
        guard = value & 0xff;
        OffHeap.fill(region.address(), GUARD_BYTES, guard);
        OffHeap.fill(address() + bytes, GUARD_BYTES, guard);
    }

    long address() {
        return region.address() + GUARD_BYTES;
    }

    /** Puts content at the very end, so that the guard follows its last byte; what is in front becomes guard bytes too. */
    long putLast(byte[] content) {
        OffHeap.fill(address(), bytes, guard);
        long at = address() + bytes - content.length;
        OffHeap.copy(content, 0, at, content.length);
        return at;
    }

    byte[] bytes(long address, int count) {
        byte[] copy = new byte[count];
        OffHeap.copy(address, copy, 0, count);
        return copy;
    }

    void assertGuardsIntact(String what) {
        assertFilled(region.address(), address(), what + ": before the memory");
        assertFilled(address() + bytes, address() + bytes + GUARD_BYTES, what + ": behind the memory");
    }

    /** For the space in front of what {@link #putLast} put. */
    void assertUntouched(long from, long to, String what) {
        assertFilled(from, to, what);
    }

    private void assertFilled(long from, long to, String what) {
        for (long at = from; at < to; at++) {
            if (OffHeap.u8(at) != guard) {
                assertEquals(guard, OffHeap.u8(at), what + ", byte " + (at - address()));
            }
        }
    }

    @Override
    public void close() {
        region.close();
    }
}
