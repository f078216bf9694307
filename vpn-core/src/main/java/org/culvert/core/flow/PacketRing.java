package org.culvert.core.flow;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.culvert.core.peer.Peer;
import org.culvert.tun.memory.OffHeap;
import org.jspecify.annotations.Nullable;

/**
 * Copies of packets on their way from one flow thread to one reader. Slots of one size; when the reader is behind, packets are counted and
 * not copied: the flow thread never waits. One writing and one reading thread.
 */
public final class PacketRing {
    private static final int MEMORY_BYTES = 4 << 20;
    private static final int FEWEST_SLOTS = 64;
    private static final int MOST_SLOTS = 4_096;
    private static final int IOVEC_BYTES = 16;

    private static final VarHandle WRITTEN = handle("written");
    private static final VarHandle READ = handle("read");
    private static final VarHandle MISSED = handle("missed");

    private final boolean outbound;
    private final @Nullable Peer only;
    private final int snapBytes;
    private final int slots;
    private final byte[] data;
    private final Peer[] peers;
    private final long[] ticks;
    private final int[] packetBytes;

    @SuppressWarnings("unused") // by its handle
    private long written;

    @SuppressWarnings("unused")
    private long read;

    @SuppressWarnings("unused")
    private long missed;

    /**
     * Takes its memory at once.
     *
     * @param outbound the direction, for who reads
     * @param only this peer's packets; null: all
     * @param snapBytes of each packet at most
     */
    public PacketRing(boolean outbound, @Nullable Peer only, int snapBytes) {
        this.outbound = outbound;
        this.only = only;
        this.snapBytes = snapBytes;
        this.slots = Math.clamp(MEMORY_BYTES / snapBytes, FEWEST_SLOTS, MOST_SLOTS);
        this.data = new byte[slots * snapBytes];
        this.peers = new Peer[slots];
        this.ticks = new long[slots];
        this.packetBytes = new int[slots];
    }

    // The flow thread

    /** Copies a packet that lies in one piece. */
    void add(Peer peer, long nowTicks, long packet, int bytes) {
        int slot = claim(peer, nowTicks, bytes);
        if (slot >= 0) {
            OffHeap.copy(packet, data, slot * snapBytes, Math.min(bytes, snapBytes));
            publish();
        }
    }

    /** Copies a packet that is about to be written from several pieces, the first {@code skip} bytes left out. */
    void add(Peer peer, long nowTicks, long iovecs, int count, int skip) {
        int bytes = -skip;
        for (int i = 0; i < count; i++) {
            bytes += (int) OffHeap.nativeI64(iovecs + (long) i * IOVEC_BYTES + Long.BYTES);
        }
        int slot = claim(peer, nowTicks, bytes);
        if (slot < 0) {
            return;
        }
        int at = 0;
        int left = skip;
        for (int i = 0; i < count && at < snapBytes; i++) {
            long piece = OffHeap.nativeI64(iovecs + (long) i * IOVEC_BYTES);
            int length = (int) OffHeap.nativeI64(iovecs + (long) i * IOVEC_BYTES + Long.BYTES);
            int leftOut = Math.min(left, length);
            left -= leftOut;
            int copied = Math.min(length - leftOut, snapBytes - at);
            OffHeap.copy(piece + leftOut, data, slot * snapBytes + at, copied);
            at += copied;
        }
        publish();
    }

    /** The slot for the next packet; -1: not wanted, or no room. */
    private int claim(Peer peer, long nowTicks, int bytes) {
        if (only != null && only != peer) {
            return -1;
        }
        long next = (long) WRITTEN.get(this);
        if (next - (long) READ.getAcquire(this) == slots) {
            MISSED.setOpaque(this, (long) MISSED.get(this) + 1);
            return -1;
        }
        int slot = (int) (next % slots);
        peers[slot] = peer;
        ticks[slot] = nowTicks;
        packetBytes[slot] = bytes;
        return slot;
    }

    private void publish() {
        WRITTEN.setRelease(this, (long) WRITTEN.get(this) + 1);
    }

    // The reader

    /** Takes packets one by one. */
    public interface Reader {
        /**
         * One packet.
         *
         * @param ticks wall clock of its batch
         * @param bytes of the whole packet; {@code length} of them are there
         */
        void packet(Peer peer, boolean outbound, long ticks, int bytes, byte[] data, int offset, int length);
    }

    /** Gives the oldest packet to {@code reader}. @return false when there is none */
    public boolean poll(Reader reader) {
        long next = (long) READ.get(this);
        if (next == (long) WRITTEN.getAcquire(this)) {
            return false;
        }
        int slot = (int) (next % slots);
        int bytes = packetBytes[slot];
        reader.packet(peers[slot], outbound, ticks[slot], bytes, data, slot * snapBytes, Math.min(bytes, snapBytes));
        READ.setRelease(this, next + 1);
        return true;
    }

    /** Packets that found no room. */
    public long missed() {
        return (long) MISSED.getOpaque(this);
    }

    private static VarHandle handle(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(PacketRing.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
