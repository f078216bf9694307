package org.culvert.core.peer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.EnumMap;
import java.util.Map;
import org.culvert.core.wire.DropReason;

/**
 * Traffic and drop counts that never go back. Each cell has one writing thread: what is sent and dropped outbound belongs to
 * Outbound, what is received and dropped inbound to Inbound, what became of control messages to the control thread. Any thread may read; a reader sees whole values, at most a batch old.
 */
@SuppressWarnings("EnumOrdinal") // cells of one process, never stored
public final class Counters {
    /** Two cache lines, so that the two writers do not take each other's line away. */
    private static final int PADDING = 16;

    private static final int PACKETS = 0;
    private static final int INNER_BYTES = 1;
    private static final int OUTER_BYTES = 2;
    private static final int CONTROL_MESSAGES = 3;
    private static final int CONTROL_BYTES = 4;
    private static final int CONTROL_UNSENT = 5;
    private static final int FIRST_REASON = 6;
    private static final int CELLS = FIRST_REASON + DropReason.values().length;

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] outbound = new long[PADDING + CELLS + PADDING];
    private final long[] inbound = new long[PADDING + CELLS + PADDING];
    private final long[] control = new long[PADDING + CELLS + PADDING];

    /** Outbound thread: inner packets handed to the kernel, with the bytes inside and on the wire (UDP payload). */
    public void sent(int packets, long innerBytes, long outerBytes) {
        add(outbound, PACKETS, packets);
        add(outbound, INNER_BYTES, innerBytes);
        add(outbound, OUTER_BYTES, outerBytes);
    }

    /** Inbound thread: inner packets written to the TUN. */
    public void received(int packets, long innerBytes) {
        add(inbound, PACKETS, packets);
        add(inbound, INNER_BYTES, innerBytes);
    }

    /** Inbound thread: bytes of one datagram that opened and is no control message (UDP payload). */
    public void opened(long outerBytes) {
        add(inbound, OUTER_BYTES, outerBytes);
    }

    /** Outbound thread: a control message handed to the kernel. Not counted as a packet. */
    public void controlSent(long outerBytes) {
        add(outbound, CONTROL_MESSAGES, 1);
        add(outbound, CONTROL_BYTES, outerBytes);
    }

    /** Outbound thread: a control message that the kernel refused. */
    public void controlUnsent() {
        add(outbound, CONTROL_UNSENT, 1);
    }

    /** Inbound thread: a control message that the control thread will read. */
    public void controlReceived(long outerBytes) {
        add(inbound, CONTROL_MESSAGES, 1);
        add(inbound, CONTROL_BYTES, outerBytes);
    }

    /** The thread of the reason's direction: {@code packets} were dropped for it. */
    public void drop(DropReason reason, int packets) {
        add(reason.inbound() ? inbound : outbound, FIRST_REASON + reason.ordinal(), packets);
    }

    /** Control thread, or discovery thread where there is no peer: a message that it could not make use of. */
    public void controlRefused(DropReason reason) {
        add(control, FIRST_REASON + reason.ordinal(), 1);
    }

    public long sentPackets() {
        return read(outbound, PACKETS);
    }

    public long sentInnerBytes() {
        return read(outbound, INNER_BYTES);
    }

    public long sentOuterBytes() {
        return read(outbound, OUTER_BYTES);
    }

    public long receivedPackets() {
        return read(inbound, PACKETS);
    }

    public long receivedInnerBytes() {
        return read(inbound, INNER_BYTES);
    }

    public long receivedOuterBytes() {
        return read(inbound, OUTER_BYTES);
    }

    public long controlSentMessages() {
        return read(outbound, CONTROL_MESSAGES);
    }

    public long controlSentBytes() {
        return read(outbound, CONTROL_BYTES);
    }

    public long controlUnsentMessages() {
        return read(outbound, CONTROL_UNSENT);
    }

    public long controlReceivedMessages() {
        return read(inbound, CONTROL_MESSAGES);
    }

    public long controlReceivedBytes() {
        return read(inbound, CONTROL_BYTES);
    }

    public long dropped(DropReason reason) {
        int cell = FIRST_REASON + reason.ordinal();
        return read(reason.inbound() ? inbound : outbound, cell) + read(control, cell);
    }

    /** All reasons with their counts, zero included, in the order of the enum. */
    public Map<DropReason, Long> drops() {
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            drops.put(reason, dropped(reason));
        }
        return drops;
    }

    private static void add(long[] cells, int cell, long amount) {
        int index = PADDING + cell;
        CELL.setOpaque(cells, index, (long) CELL.getOpaque(cells, index) + amount);
    }

    private static long read(long[] cells, int cell) {
        return (long) CELL.getOpaque(cells, PADDING + cell);
    }
}
