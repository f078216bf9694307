package org.culvert.core.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

class TrafficClassTest {
    private static final int DROP = -1;

    /** RFC 6040, figure 4: rows are the inner field, columns the outer: Not-ECT, ECT(1), ECT(0), CE. */
    private static final int[][] TABLE = {
        {0, 0, 0, DROP},
        {1, 1, 1, 3},
        {2, 1, 2, 3},
        {3, 3, 3, 3},
    };

    @Test
    void handsMarksOnAsRfc6040SaysAndNothingElseChanges() {
        for (boolean ipv6 : new boolean[] {false, true}) {
            for (int inner = 0; inner < 4; inner++) {
                for (int outer = 0; outer < 4; outer++) {
                    check(ipv6, inner, outer, TABLE[inner][outer]);
                }
            }
        }
    }

    private static void check(boolean ipv6, int inner, int outer, int expected) {
        String name = (ipv6 ? "IPv6" : "IPv4") + " inner " + inner + " outer " + outer;
        byte[] packet = packet(ipv6, 0xb8 | inner);
        try (Region region = new Region(packet.length)) {
            OffHeap.copy(packet, 0, region.address(), packet.length);
            int version = ipv6 ? 6 : 4;
            assertEquals(0xb8 | inner, TrafficClass.of(region.address(), version), name);
            int outerClass = 0x28 | outer;
            boolean kept =
                    !TrafficClass.marked(outerClass) || TrafficClass.handOn(region.address(), version, outerClass);
            assertEquals(expected != DROP, kept, name);
            if (kept) {
                byte[] result = new byte[packet.length];
                OffHeap.copy(region.address(), result, 0, result.length);
                assertArrayEquals(packet(ipv6, 0xb8 | expected), result, name);
            }
        }
    }

    private static byte[] packet(boolean ipv6, int trafficClass) {
        TestPacket packet = ipv6 ? TestPacket.tcp6((byte) 7, (byte) 9) : TestPacket.tcp4((byte) 7, (byte) 9);
        packet.trafficClass = trafficClass;
        return packet.bytes();
    }
}
