package org.culvert.core.peer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import org.culvert.core.wire.ControlMessage;
import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Control messages of one peer on their way from the data path to the control thread, or the other way. Bounded: when it is full
 * there is no room, and the caller counts. Any number of offering threads, one taking thread; nobody ever waits. The bounded queue
 * of Dmitry Vyukov: each slot's turn says whose it is.
 */
public final class ControlRing {
    private static final VarHandle TURN;

    static {
        try {
            TURN = MethodHandles.lookup().findVarHandle(Slot.class, "turn", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Slot[] slots;
    private final AtomicLong offered = new AtomicLong();
    private long taken;

    /** Of control messages. */
    public ControlRing(int slots) {
        this(slots, ControlMessage.KEPT_BYTES);
    }

    /**
     * @param slots a power of two
     * @param messageBytes longest message
     */
    public ControlRing(int slots, int messageBytes) {
        if (Integer.bitCount(slots) != 1) {
            throw new IllegalArgumentException("slots: " + slots);
        }
        this.slots = new Slot[slots];
        for (int i = 0; i < slots; i++) {
            this.slots[i] = new Slot(i, messageBytes);
        }
    }

    /**
     * Offering thread.
     *
     * @return a slot to fill and to {@link #offer}, or null: full
     */
    public @Nullable Slot claim() {
        while (true) {
            long position = offered.get();
            Slot slot = slots[(int) (position & (slots.length - 1))];
            long turn = (long) TURN.getAcquire(slot);
            if (turn < position) {
                return null;
            }
            if (turn == position && offered.compareAndSet(position, position + 1)) {
                slot.position = position;
                return slot;
            }
        }
    }

    /** Offering thread: the slot is filled. */
    public void offer(Slot slot) {
        TURN.setRelease(slot, slot.position + 1);
    }

    /** Taking thread: the oldest message, the taker's until {@link #release}, or null. */
    public @Nullable Slot peek() {
        Slot slot = slots[(int) (taken & (slots.length - 1))];
        return (long) TURN.getAcquire(slot) == taken + 1 ? slot : null;
    }

    /** Taking thread: done with what {@link #peek} gave. */
    public void release(Slot slot) {
        slot.peer = null;
        slot.endpoint = null;
        slot.pair = null;
        taken++;
        TURN.setRelease(slot, slot.position + slots.length);
    }

    /** One message. Belongs to whoever claimed or peeked it. */
    public static final class Slot {
        /** All of the message but the value of its padding. */
        public final byte[] message;

        public int messageBytes;

        /** Of the whole datagram, UDP payload; to be sent: what it is to be padded to, 0 for no padding. */
        public int datagramBytes;

        /** Received: where it came from. To be sent: where to, null for where the peer is. */
        public @Nullable Endpoint endpoint;

        /** To be sent: to whom. */
        public @Nullable Peer peer;

        /** Received: under whose key it opened. To be sent: under which, null for the one that data is sent under. */
        public @Nullable PairKeys pair;

        /** Received: sender's clock, own wall clock, and own monotonic clock at that moment. */
        public long senderTicks;

        public long receivedTicks;
        public long receivedNs;

        @SuppressWarnings("UnusedVariable") // by TURN
        private long turn;

        private long position;

        private Slot(int first, int messageBytes) {
            this.message = new byte[messageBytes];
            this.turn = first;
        }
    }
}
