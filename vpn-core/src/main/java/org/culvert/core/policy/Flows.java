package org.culvert.core.policy;

import java.security.SecureRandom;
import org.culvert.core.packet.FiveTuple;

/**
 * What rules let pass, by the direction in which it was asked: an answer that arrives is looked for among the questions that left, and the
 * other way round. Outlives the policies that use it, so that a reload breaks no connection. Any flow thread.
 */
public final class Flows {
    /** 2 MB per direction. */
    static final int DEFAULT_SLOTS = 1 << 17;

    /** Tells a packet that was cut into fragments from a flow: no protocol has such a number. */
    private static final int FRAGMENTS = 0x100;

    private final SipHash hash;
    private final FlowTable outbound;
    private final FlowTable inbound;

    /** @param key0 with {@code key1} 128 random bits, of this run only */
    public Flows(long key0, long key1) {
        this(key0, key1, DEFAULT_SLOTS);
    }

    Flows(long key0, long key1, int slots) {
        hash = new SipHash(key0, key1);
        outbound = new FlowTable(slots);
        inbound = new FlowTable(slots);
    }

    /** With a key that nobody knows. */
    public static Flows withRandomKey() {
        SecureRandom random = new SecureRandom();
        return new Flows(random.nextLong(), random.nextLong());
    }

    FlowTable asked(Direction direction) {
        return direction == Direction.OUTBOUND ? outbound : inbound;
    }

    /** Of the flow as this packet travels. Never 0, which marks an empty slot. */
    long tag(FiveTuple t) {
        return tag(
                t.sourceHigh(),
                t.sourceLow(),
                t.destinationHigh(),
                t.destinationLow(),
                t.protocol(),
                t.sourcePort() << 16 | t.destinationPort());
    }

    /** Of the flow that this packet is an answer in. */
    long reverseTag(FiveTuple t) {
        return tag(
                t.destinationHigh(),
                t.destinationLow(),
                t.sourceHigh(),
                t.sourceLow(),
                t.protocol(),
                t.destinationPort() << 16 | t.sourcePort());
    }

    /** Of all fragments of the packet that this is one of. */
    long fragmentTag(FiveTuple t) {
        return tag(
                t.sourceHigh(),
                t.sourceLow(),
                t.destinationHigh(),
                t.destinationLow(),
                t.protocol() | FRAGMENTS,
                t.fragmentId());
    }

    private long tag(long sourceHigh, long sourceLow, long destinationHigh, long destinationLow, int what, int ports) {
        long tag = hash.of(
                sourceHigh, sourceLow, destinationHigh, destinationLow, (long) what << 32 | (ports & 0xffff_ffffL));
        return tag == 0 ? 1 : tag;
    }
}
