package org.culvert.core.flow;

import org.culvert.core.group.Group;
import org.culvert.core.peer.SlotRing;
import org.culvert.core.wire.DataHeader;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;

/** Packets to groups on their way between a flow thread and the LAN thread, complete and with their checksums finished. */
final class GroupRing extends SlotRing<GroupRing.Slot> implements AutoCloseable {
    /** A burst; at 1,000 packets a second the reader has 64 ms. */
    static final int SLOTS = 64;

    /** Ethernet with jumbo frames. Longer ones are dropped: no LAN would carry them. */
    static final int PACKET_BYTES = 9_216;

    GroupRing() {
        super(SLOTS, Slot::new);
    }

    /**
     * Offering thread.
     *
     * @return the copy, still to be {@link #offer}ed; null: no room, or the packet is too long
     */
    @Nullable
    Slot claim(Group group, long packet, int bytes) {
        Slot slot = bytes > PACKET_BYTES ? null : claim();
        if (slot != null) {
            slot.group = group;
            slot.bytes = bytes;
            OffHeap.copy(packet, slot.packet(), bytes);
        }
        return slot;
    }

    /** After the last thread that uses it. */
    @Override
    public void close() {
        slots().forEach(slot -> slot.memory.close());
    }

    /** One packet. */
    static final class Slot extends SlotRing.Slot {
        /** As far in as the inner word is long: Outbound writes it in front of the packet. */
        private final Region memory = new Region(DataHeader.INNER_WORD_BYTES + PACKET_BYTES);

        private @Nullable Group group;
        private int bytes;

        private Slot() {}

        long packet() {
            return memory.address() + DataHeader.INNER_WORD_BYTES;
        }

        int bytes() {
            return bytes;
        }

        /** Null in a slot nobody filled. */
        @Nullable
        Group group() {
            return group;
        }

        @Override
        protected void clear() {
            group = null;
        }
    }
}
