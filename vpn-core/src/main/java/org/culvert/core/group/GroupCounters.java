package org.culvert.core.group;

import java.util.concurrent.atomic.AtomicLongArray;

/** What passed and what did not, since the group was first configured. The LAN thread counts; any thread reads. */
@SuppressWarnings("EnumOrdinal") // cells of one process, never stored
public final class GroupCounters {
    private static final int SENT_PACKETS = 0;
    private static final int SENT_BYTES = 1;
    private static final int RECEIVED_PACKETS = 2;
    private static final int RECEIVED_BYTES = 3;
    private static final int FIRST_DROP = 4;

    private final AtomicLongArray cells = new AtomicLongArray(FIRST_DROP + GroupDrop.values().length);

    /** From the LAN, handed on to be sealed for each member. */
    public void sent(int bytes) {
        add(SENT_PACKETS, 1);
        add(SENT_BYTES, bytes);
    }

    /** From a member, sent on the LAN. */
    public void received(int bytes) {
        add(RECEIVED_PACKETS, 1);
        add(RECEIVED_BYTES, bytes);
    }

    public void drop(GroupDrop why) {
        add(FIRST_DROP + why.ordinal(), 1);
    }

    public long sentPackets() {
        return cells.getOpaque(SENT_PACKETS);
    }

    public long sentBytes() {
        return cells.getOpaque(SENT_BYTES);
    }

    public long receivedPackets() {
        return cells.getOpaque(RECEIVED_PACKETS);
    }

    public long receivedBytes() {
        return cells.getOpaque(RECEIVED_BYTES);
    }

    public long dropped(GroupDrop why) {
        return cells.getOpaque(FIRST_DROP + why.ordinal());
    }

    private void add(int cell, long amount) {
        cells.setOpaque(cell, cells.getOpaque(cell) + amount);
    }
}
