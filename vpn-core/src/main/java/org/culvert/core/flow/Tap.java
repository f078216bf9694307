package org.culvert.core.flow;

import org.jspecify.annotations.Nullable;

/** Where a capture listens in at one flow thread. Closed it costs that thread one volatile read per batch. */
public final class Tap {
    private volatile @Nullable PacketRing ring;

    /** Flow thread, once per batch: where its packets are copied to, or null. */
    @Nullable
    PacketRing ring() {
        return ring;
    }

    /** Any thread. From the next batch on packets are copied. */
    public void open(PacketRing next) {
        ring = next;
    }

    /** Any thread. A batch under way may still copy into the ring. */
    public void close() {
        ring = null;
    }
}
