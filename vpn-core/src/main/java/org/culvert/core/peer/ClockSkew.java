package org.culvert.core.peer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How far a peer's clock runs ahead of ours (negative: behind), as its packets say: sender time minus own clock, the way's delay
 * included. Inbound threads record; any thread reads. Keeps the largest value of each ten minutes for three hours, which the replay
 * floor of the next start needs (design.md section 4).
 */
public final class ClockSkew {
    /** No packet has been seen. */
    public static final long UNKNOWN = Long.MIN_VALUE;

    private static final long SLOT_NS = 600_000_000_000L;
    private static final int SLOTS_KEPT = 18; // 3 hours
    private static final int SLOTS =
            32; // a power of two above SLOTS_KEPT + 1: a slot is free before it is needed again

    /** Opaque: a fence with every packet would cost more than the rest of its bookkeeping. */
    private static final VarHandle NEWEST;

    static {
        try {
            NEWEST = MethodHandles.lookup().findVarHandle(ClockSkew.class, "newest", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Per slot: the largest skew in ticks, and the number of the ten minutes it belongs to. */
    private final AtomicLongArray largest = new AtomicLongArray(SLOTS);

    private final AtomicLongArray owner = new AtomicLongArray(SLOTS);

    @SuppressWarnings("UnusedVariable") // through NEWEST
    private long newest = UNKNOWN;

    public ClockSkew() {
        for (int i = 0; i < SLOTS; i++) {
            owner.setPlain(i, Long.MIN_VALUE);
        }
    }

    /**
     * An Inbound thread, with every packet accepted.
     *
     * @param skewTicks sender time minus own clock
     */
    public void record(long skewTicks, long nowNs) {
        long slot = Math.floorDiv(nowNs, SLOT_NS);
        int index = (int) (slot & (SLOTS - 1));
        if (owner.getAcquire(index) != slot) {
            begin(index, slot);
        }
        long before = largest.getOpaque(index);
        while (skewTicks > before && !largest.weakCompareAndSetPlain(index, before, skewTicks)) {
            before = largest.getOpaque(index);
        }
        NEWEST.setOpaque(this, skewTicks);
    }

    /** Once in ten minutes. The lock keeps a second thread from beginning the slot anew behind the first one's back. */
    private synchronized void begin(int index, long slot) {
        if (owner.getPlain(index) < slot) {
            largest.setOpaque(index, UNKNOWN);
            owner.setRelease(index, slot);
        }
    }

    /** The last one recorded, in ticks, or {@link #UNKNOWN}. */
    public long newestTicks() {
        return (long) NEWEST.getOpaque(this);
    }

    /** The largest of the last three hours, in ticks, or {@link #UNKNOWN}. */
    public long largestTicks(long nowNs) {
        long slot = Math.floorDiv(nowNs, SLOT_NS);
        long result = UNKNOWN;
        for (int i = 0; i < SLOTS; i++) {
            long age = slot - owner.getAcquire(i);
            if (age >= 0 && age <= SLOTS_KEPT) {
                result = Math.max(result, largest.getOpaque(i));
            }
        }
        return result;
    }
}
