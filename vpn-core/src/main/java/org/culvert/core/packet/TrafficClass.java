package org.culvert.core.packet;

import org.culvert.tun.memory.OffHeap;

/**
 * DSCP and ECN of an IP packet, and what becomes of them in a tunnel: RFC 2983 and RFC 6040. The outer packet gets the inner one's ECN
 * field, so that a router on the path can mark it; on leaving, the mark goes to the inner packet (section 4.2, table in figure 4). The
 * inner DSCP is never changed. Stateless.
 */
public final class TrafficClass {
    /** The sender understands no marks: RFC 3168. */
    static final int NOT_ECT = 0;

    static final int ECT_1 = 1;
    static final int ECT_0 = 2;
    static final int CE = 3;

    /** The outer packet gets the inner one's DSCP. */
    public static final int COPY_DSCP = -1;

    private static final int ECN_MASK = 3;

    private TrafficClass() {}

    /** All eight bits, DSCP above ECN. */
    public static int of(long packet, int version) {
        return version == 4 ? OffHeap.u8(packet + 1) : OffHeap.u16(packet) >>> 4 & 0xff;
    }

    /** The outer packet's: the inner ECN field always (RFC 6040 section 4.1, normal mode), and its DSCP or a fixed one. */
    public static int outer(long packet, int version, int dscp) {
        int inner = of(packet, version);
        return dscp == COPY_DSCP ? inner : dscp << 2 | (inner & ECN_MASK);
    }

    /** Whether a mark on the outer packet may change the inner one at all: mostly not, and then nothing is looked at. */
    public static boolean marked(int outerClass) {
        return (outerClass & ECT_1) != 0; // ECT(1) or CE
    }

    /**
     * Hands the outer packet's mark on to the inner one.
     *
     * @return false when the packet has to be dropped, because its sender understands no other sign of congestion
     */
    public static boolean handOn(long packet, int version, int outerClass) {
        int outer = outerClass & ECN_MASK;
        int inner = of(packet, version) & ECN_MASK;
        if (inner == NOT_ECT) {
            return outer != CE;
        }
        int becomes = outer == CE || inner == CE ? CE : outer == ECT_1 ? ECT_1 : inner;
        if (becomes != inner) {
            set(packet, version, becomes);
        }
        return true;
    }

    private static void set(long packet, int version, int ecn) {
        if (version == 6) {
            int second = OffHeap.u8(packet + 1);
            OffHeap.putU8(packet + 1, (second & ~(ECN_MASK << 4)) | ecn << 4);
            return;
        }
        int old = OffHeap.u16(packet);
        int changed = (old & ~ECN_MASK) | ecn;
        OffHeap.putU16(packet, changed);
        long field = packet + IpPacket.IPV4_CHECKSUM_OFFSET;
        int sum = (~OffHeap.u16(field) & 0xffff) + (~old & 0xffff) + changed; // RFC 1624
        OffHeap.putU16(field, ~Checksum.fold(sum) & 0xffff);
    }
}
