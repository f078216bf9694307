package org.culvert.core.peer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of slots that are made once and filled in place. When it is full there is no room, and the caller counts. Any number
 * of offering threads, one taking thread; nobody ever waits. The bounded queue of Dmitry Vyukov: each slot's turn says whose it is.
 */
public class SlotRing<S extends SlotRing.Slot> {
    private static final VarHandle TURN;

    static {
        try {
            TURN = MethodHandles.lookup().findVarHandle(Slot.class, "turn", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final List<S> slots;
    private final AtomicLong offered = new AtomicLong();
    private long taken;

    /** @param count a power of two */
    protected SlotRing(int count, Supplier<S> maker) {
        if (Integer.bitCount(count) != 1) {
            throw new IllegalArgumentException("slots: " + count);
        }
        slots = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            S slot = maker.get();
            TURN.setRelease(slot, (long) i);
            slots.add(slot);
        }
    }

    /**
     * Offering thread.
     *
     * @return a slot to fill and to {@link #offer}, or null: full
     */
    public final @Nullable S claim() {
        while (true) {
            long position = offered.get();
            S slot = at(position);
            long turn = (long) TURN.getAcquire(slot);
            if (turn < position) {
                return null;
            }
            if (turn == position && offered.compareAndSet(position, position + 1)) {
                ((Slot) slot).position = position;
                return slot;
            }
        }
    }

    /** Offering thread: the slot is filled. */
    public final void offer(S slot) {
        TURN.setRelease(slot, ((Slot) slot).position + 1);
    }

    /** Taking thread: the oldest one, the taker's until {@link #release}, or null. */
    public final @Nullable S peek() {
        S slot = at(taken);
        return (long) TURN.getAcquire(slot) == taken + 1 ? slot : null;
    }

    /** Taking thread: done with what {@link #peek} gave. */
    public final void release(S slot) {
        slot.clear();
        taken++;
        TURN.setRelease(slot, ((Slot) slot).position + slots.size());
    }

    /** For a ring whose slots have memory outside the heap. After the last use. */
    protected final List<S> slots() {
        return slots;
    }

    private S at(long position) {
        return slots.get((int) (position & (slots.size() - 1)));
    }

    /** What every slot has. Belongs to whoever claimed or peeked it. */
    public abstract static class Slot {
        @SuppressWarnings("UnusedVariable") // by TURN
        private long turn;

        private long position;

        /** Forgets references, so that nothing is kept alive by a slot nobody uses. */
        protected abstract void clear();
    }
}
