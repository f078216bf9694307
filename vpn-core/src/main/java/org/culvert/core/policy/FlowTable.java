package org.culvert.core.policy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Flows that a rule let pass in one direction, of bounded number. Any flow thread writes, any reads: the side that sees the questions opens
 * flows and keeps them alive, the side that sees the answers looks them up and keeps them alive too. No lock and no waiting: a slot is two
 * words, the flow's keyed tag, which changes hands by compare-and-set, and its note (end of life, rule, state), which is one store.
 *
 * <p>A tag may lie only in the 8 slots of its bucket. When all of them hold living flows the one that would end first goes, and is counted:
 * half-open and datagram flows go before established connections, and whose slot went gets one again with its next packet.
 *
 * <p>What a race can do is bounded: two threads opening one flow at once may take two slots for it, and a thread late with a note may
 * write it to the slot's next owner, which then lives as long as the other would have. A flow nobody opened is never found.
 */
final class FlowTable {
    /** Found nothing alive. */
    static final long NONE = 0;

    private static final int BUCKET = 8;
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

    private static final VarHandle EVICTED;

    static {
        try {
            EVICTED = MethodHandles.lookup().findVarHandle(FlowTable.class, "evicted", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Tag and note in turn. */
    private final long[] words;

    private final long bucketMask;

    @SuppressWarnings("UnusedVariable") // through EVICTED
    private volatile long evicted;

    /** @param slots a power of two */
    FlowTable(int slots) {
        if (Integer.bitCount(slots) != 1 || slots < BUCKET) {
            throw new IllegalArgumentException("not a power of two of at least " + BUCKET + ": " + slots);
        }
        words = new long[2 * slots];
        bucketMask = slots / BUCKET - 1L;
    }

    /** Note of a flow alive at {@code nowS}, or {@link #NONE}. */
    long find(long tag, int nowS) {
        int slot = slotOf(tag, nowS);
        return slot < 0 ? NONE : note(slot);
    }

    /** Gives a living flow another note. @return false when it is not there */
    boolean note(long tag, int nowS, long note) {
        int slot = slotOf(tag, nowS);
        if (slot >= 0) {
            WORD.setOpaque(words, slot + 1, note);
        }
        return slot >= 0;
    }

    /** Adds a flow that was not found. */
    void add(long tag, int nowS, long note) {
        int first = bucket(tag);
        for (int attempt = 0; attempt < BUCKET; attempt++) {
            int victim = first;
            long victimTag = 0;
            int victimLeftS = Integer.MAX_VALUE;
            for (int slot = first; slot < first + 2 * BUCKET; slot += 2) {
                long holder = tag(slot);
                int leftS = holder == 0 ? Integer.MIN_VALUE : FlowNote.leftS(note(slot), nowS);
                if (leftS < victimLeftS) {
                    victim = slot;
                    victimTag = holder;
                    victimLeftS = leftS;
                }
            }
            if (WORD.compareAndSet(words, victim, victimTag, tag)) {
                WORD.setOpaque(words, victim + 1, note);
                if (victimLeftS > 0) {
                    EVICTED.getAndAdd(this, 1L);
                }
                return;
            }
        }
        EVICTED.getAndAdd(this, 1L); // as many threads as slots at this one bucket: this flow is the one that goes
    }

    private int slotOf(long tag, int nowS) {
        int first = bucket(tag);
        for (int slot = first; slot < first + 2 * BUCKET; slot += 2) {
            if (tag(slot) == tag && FlowNote.leftS(note(slot), nowS) > 0) {
                return slot;
            }
        }
        return -1;
    }

    /** Flows alive at {@code nowS}. Reads the whole table. */
    int living(int nowS) {
        int count = 0;
        for (int slot = 0; slot < words.length; slot += 2) {
            count += tag(slot) != 0 && FlowNote.leftS(note(slot), nowS) > 0 ? 1 : 0;
        }
        return count;
    }

    int slots() {
        return words.length / 2;
    }

    /** Flows that had to go before their time, since the start. */
    long evicted() {
        return (long) EVICTED.getOpaque(this);
    }

    private int bucket(long tag) {
        return (int) (tag & bucketMask) * 2 * BUCKET;
    }

    private long tag(int slot) {
        return (long) WORD.getOpaque(words, slot);
    }

    private long note(int slot) {
        return (long) WORD.getOpaque(words, slot + 1);
    }
}
