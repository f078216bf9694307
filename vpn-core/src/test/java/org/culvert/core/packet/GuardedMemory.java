package org.culvert.core.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.culvert.tun.memory.OffHeap;

/**
 * Memory that ends where the machine's does: behind its last byte lies a page without access, so that reading or writing
 * one byte too many ends the JVM on the spot (the stack is in hs_err_pid*.log), as it might end the daemon. In front of it
 * lie guard bytes, which show when they are written.
 */
final class GuardedMemory implements AutoCloseable {
    private static final int GUARD_BYTES = 128;
    private static final int GUARD = 0xa5;

    private static final int PROT_NONE = 0;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;

    private static final MethodHandle MMAP = handle(
            "mmap",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_LONG));
    private static final MethodHandle MPROTECT = handle(
            "mprotect",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    private static final MethodHandle MUNMAP =
            handle("munmap", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

    private static final long PAGE_BYTES = pageBytes();

    private final long mapping;
    private final long mappingBytes;
    private final long end;
    private final int bytes;

    GuardedMemory(int bytes) {
        this.bytes = bytes;
        long usable = (GUARD_BYTES + bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
        mappingBytes = usable + PAGE_BYTES;
        mapping = map(mappingBytes);
        end = mapping + usable;
        OffHeap.fill(address() - GUARD_BYTES, GUARD_BYTES, GUARD);
    }

    long address() {
        return end - bytes;
    }

    /** Puts content at the very end; what is in front of it becomes guard bytes too. */
    long putLast(byte[] content) {
        long at = end - content.length;
        OffHeap.fill(address(), at - address(), GUARD);
        OffHeap.copy(content, 0, at, content.length);
        return at;
    }

    byte[] bytes(long address, int count) {
        byte[] copy = new byte[count];
        OffHeap.copy(address, copy, 0, count);
        return copy;
    }

    void assertGuardsIntact(String what) {
        assertUntouched(address() - GUARD_BYTES, address(), what);
    }

    /** For the space in front of what {@link #putLast} put. */
    void assertUntouched(long from, long to, String what) {
        for (long at = from; at < to; at++) {
            if (OffHeap.u8(at) != GUARD) {
                assertEquals(GUARD, OffHeap.u8(at), what + ", byte " + (at - address()));
            }
        }
    }

    @Override
    public void close() {
        unmap(mapping, mappingBytes);
    }

    private static long map(long bytes) {
        try {
            long at = (long) MMAP.invokeExact(0L, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
            int failed = (int) MPROTECT.invokeExact(at + bytes - PAGE_BYTES, PAGE_BYTES, PROT_NONE);
            assertEquals(0, failed, "mprotect");
            return at;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static void unmap(long at, long bytes) {
        try {
            int failed = (int) MUNMAP.invokeExact(at, bytes);
            assertEquals(0, failed, "munmap");
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static long pageBytes() {
        try {
            return (int) handle("getpagesize", FunctionDescriptor.of(ValueLayout.JAVA_INT))
                    .invokeExact();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle handle(String function, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(function).orElseThrow(), type);
    }
}
