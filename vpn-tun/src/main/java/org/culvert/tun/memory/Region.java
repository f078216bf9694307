package org.culvert.tun.memory;

import java.lang.foreign.Arena;

/**
 * A piece of native memory with one owner: zeroed when it is made and again when it is closed, because key material
 * passes through most of them. Usable from any thread; the owner sees to it that nobody uses an address after
 * {@link #close()}, since the accessors of {@link OffHeap} cannot notice.
 */
public final class Region implements AutoCloseable {
    /** A cache line, and what the widest vector loads of a cipher library ask for. */
    public static final long ALIGNMENT_BYTES = 64;

    private final Arena arena = Arena.ofShared();
    private final long address;
    private final long bytes;
    private boolean closed;

    public Region(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("a region needs at least one byte, not " + bytes);
        }
        this.bytes = bytes;
        this.address = arena.allocate(bytes, ALIGNMENT_BYTES).address();
    }

    public long address() {
        return address;
    }

    public long bytes() {
        return bytes;
    }

    /** Zeroes and frees; a second call does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        OffHeap.fill(address, bytes, 0);
        arena.close();
    }
}
