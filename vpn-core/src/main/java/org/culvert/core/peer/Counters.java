package org.culvert.core.peer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.culvert.core.wire.DropReason;

/**
 * Traffic and drop counts that never go back. Each cell has one writing thread: what is sent and dropped outbound belongs to the
 * Outbound of a lane, what is received and dropped inbound to the Inbound of a lane, what became of control messages to the control
 * thread. Any thread may read; a reader sees the sum of whole values, at most a batch old.
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
    private static final int STRAYED = 6;
    private static final int SAVED_BYTES = 7;
    private static final int FIRST_REASON = 8;
    private static final int CELLS = FIRST_REASON + DropReason.values().length;

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    /** By lane. */
    private final long[][] outbound;

    private final long[][] inbound;
    private final long[] control = cells();

    /** For one lane. */
    public Counters() {
        this(1);
    }

    /** For threads of lanes 0 to {@code lanes - 1}. */
    public Counters(int lanes) {
        outbound = new long[lanes][];
        inbound = new long[lanes][];
        Arrays.setAll(outbound, lane -> cells());
        Arrays.setAll(inbound, lane -> cells());
    }

    public int lanes() {
        return outbound.length;
    }

    /** Outbound thread: inner packets handed to the kernel, with the bytes inside and on the wire (UDP payload). */
    public void sent(int lane, int packets, long innerBytes, long outerBytes) {
        long[] cells = outbound[lane];
        add(cells, PACKETS, packets);
        add(cells, INNER_BYTES, innerBytes);
        add(cells, OUTER_BYTES, outerBytes);
    }

    /** Outbound thread: so many of the bytes inside were not sent, thanks to compression. */
    public void saved(int lane, long bytes) {
        add(outbound[lane], SAVED_BYTES, bytes);
    }

    /** Inbound thread: inner packets written to the TUN. */
    public void received(int lane, int packets, long innerBytes) {
        long[] cells = inbound[lane];
        add(cells, PACKETS, packets);
        add(cells, INNER_BYTES, innerBytes);
    }

    /** Inbound thread: bytes of one datagram that opened and is no control message (UDP payload). */
    public void opened(int lane, long outerBytes) {
        add(inbound[lane], OUTER_BYTES, outerBytes);
    }

    /** Inbound thread: a packet came with those of another lane. */
    public void strayed(int lane) {
        add(inbound[lane], STRAYED, 1);
    }

    /** Outbound thread: a control message handed to the kernel. Not counted as a packet. */
    public void controlSent(int lane, long outerBytes) {
        long[] cells = outbound[lane];
        add(cells, CONTROL_MESSAGES, 1);
        add(cells, CONTROL_BYTES, outerBytes);
    }

    /** Outbound thread: a control message that the kernel refused. */
    public void controlUnsent(int lane) {
        add(outbound[lane], CONTROL_UNSENT, 1);
    }

    /** Inbound thread: a control message that the control thread will read. */
    public void controlReceived(int lane, long outerBytes) {
        long[] cells = inbound[lane];
        add(cells, CONTROL_MESSAGES, 1);
        add(cells, CONTROL_BYTES, outerBytes);
    }

    /** The thread of the reason's direction: {@code packets} were dropped for it. */
    public void drop(int lane, DropReason reason, int packets) {
        add((reason.inbound() ? inbound : outbound)[lane], FIRST_REASON + reason.ordinal(), packets);
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

    public long savedBytes() {
        return read(outbound, SAVED_BYTES);
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

    /** Of one lane alone: packets its Outbound sent. */
    public long sentPackets(int lane) {
        return read(outbound[lane], PACKETS);
    }

    /** Packets that the Inbound of this lane received, whichever lane they were sent on. */
    public long receivedPackets(int lane) {
        return read(inbound[lane], PACKETS);
    }

    /** Packets that the Inbound of this lane got though their lane is another socket's: the kernel had put them together. */
    public long strayedPackets(int lane) {
        return read(inbound[lane], STRAYED);
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

    private static long read(long[][] lanes, int cell) {
        long sum = 0;
        for (long[] cells : lanes) {
            sum += read(cells, cell);
        }
        return sum;
    }

    private static long read(long[] cells, int cell) {
        return (long) CELL.getOpaque(cells, PADDING + cell);
    }

    private static long[] cells() {
        return new long[PADDING + CELLS + PADDING];
    }
}
