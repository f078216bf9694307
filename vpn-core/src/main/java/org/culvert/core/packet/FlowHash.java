package org.culvert.core.packet;

import org.culvert.tun.memory.OffHeap;

/** Which of several queues a flow goes through, so that both its directions meet in one. Stateless. */
public final class FlowHash {
    /** Odd, and with no pattern in their bits: from the golden ratio, and from xxHash. */
    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

    private static final long PORT_MIX = 0xc2b2_ae3d_27d4_eb4fL;

    private FlowHash() {}

    /**
     * A number below {@code queues}, the same for a packet and for the answer to it. Packets without ports, fragments among them, go by
     * their addresses alone.
     *
     * @param packet valid as {@link IpPacket#check} has it
     */
    public static int queue(long packet, int bytes, int queues) {
        int version = OffHeap.u8(packet) >>> 4;
        long transport = IpPacket.transport(packet, bytes, version);
        int start = transport == 0 ? 0 : IpPacket.start(transport);
        int from = start == 0 ? 0 : OffHeap.u16(packet + start);
        int to = start == 0 ? 0 : OffHeap.u16(packet + start + 2);
        long hash = end(IpPacket.sourceHigh(packet, version), IpPacket.sourceLow(packet, version), from)
                + end(IpPacket.destinationHigh(packet, version), IpPacket.destinationLow(packet, version), to);
        long mixed = (hash ^ (hash >>> 32)) * MIX;
        return (int) (((mixed >>> 32) * queues) >>> 32);
    }

    /** One end of a flow. */
    private static long end(long high, long low, int port) {
        long address = (high ^ (low * MIX)) * MIX;
        return (address ^ (address >>> 29)) + port * PORT_MIX;
    }
}
