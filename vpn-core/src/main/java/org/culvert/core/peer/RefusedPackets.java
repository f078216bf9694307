package org.culvert.core.peer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.culvert.core.wire.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * The first packet of a peer that was refused for each reason since the control thread last looked: what it has to know to say so, and no
 * more than that however many come. Written by receiving threads, read by the control thread; nobody waits, nothing is allocated.
 */
@SuppressWarnings("EnumOrdinal") // cells of one process, never stored
public final class RefusedPackets {
    private static final int EMPTY = 0;
    private static final int WRITING = 1;
    private static final int FULL = 2;
    private static final int FIELDS = 5;

    private static final VarHandle STATE = MethodHandles.arrayElementVarHandle(int[].class);

    private final int[] state = new int[Refusal.values().length];
    private final long[] fields = new long[FIELDS * Refusal.values().length];

    /** Receiving thread: whether the next is of interest. */
    public boolean wants(Refusal refusal) {
        return (int) STATE.getOpaque(state, refusal.ordinal()) == EMPTY;
    }

    /** Receiving thread. */
    public void note(
            Refusal refusal, long number, long sourceHigh, long sourceLow, long destinationHigh, long destinationLow) {
        int cell = refusal.ordinal();
        if (!STATE.compareAndSet(state, cell, EMPTY, WRITING)) {
            return;
        }
        int at = cell * FIELDS;
        fields[at] = number;
        fields[at + 1] = sourceHigh;
        fields[at + 2] = sourceLow;
        fields[at + 3] = destinationHigh;
        fields[at + 4] = destinationLow;
        STATE.setRelease(state, cell, FULL);
    }

    /** Control thread: what was noted, which makes room for the next; null when there was nothing. */
    public Refusal.@Nullable Detail take(Refusal refusal) {
        int cell = refusal.ordinal();
        if ((int) STATE.getAcquire(state, cell) != FULL) {
            return null;
        }
        int at = cell * FIELDS;
        Refusal.Detail detail =
                new Refusal.Detail(fields[at], fields[at + 1], fields[at + 2], fields[at + 3], fields[at + 4]);
        STATE.setRelease(state, cell, EMPTY);
        return detail;
    }
}
