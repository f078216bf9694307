package org.culvert.core.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.culvert.core.wire.DropReason;
import org.junit.jupiter.api.Test;

/** DSCP and ECN on the way out and in. */
class TrafficClassFlowTest extends TwoGateways {
    private static final int EF = 46 << 2;
    private static final int ECT_0 = 2;
    private static final int CE = 3;

    private static byte[] packet(int trafficClass) {
        byte[] packet = Packets.udp("10.1.0.5", "10.2.0.9", 100, 3);
        int sum = 0;
        packet[1] = (byte) trafficClass;
        packet[10] = 0;
        packet[11] = 0;
        for (int i = 0; i < 20; i += 2) {
            sum += (packet[i] & 0xff) << 8 | (packet[i + 1] & 0xff);
        }
        sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
        packet[10] = (byte) (sum >> 8);
        packet[11] = (byte) sum;
        return packet;
    }

    /** Puts all packets in front of Outbound at once. @return outer traffic class of each datagram sent */
    private List<Integer> classes(int... inner) {
        for (int each : inner) {
            tokyo.tun.toRead.add(Packets.withVnetHeader(packet(each)));
        }
        tokyo.link.sent.clear();
        while (tokyo.outbound.runOnce()) {}
        return tokyo.link.sent.stream().map(FakeLink.Sent::trafficClass).toList();
    }

    @Test
    void outerHeaderHasTheInnerOnes() {
        assertEquals(List.of(0, EF, EF | CE, ECT_0), classes(0, EF, EF | CE, ECT_0));
    }

    @Test
    void packetsOfOneClassLeaveTogether() {
        classes(EF, EF, EF, 0, 0);
        assertEquals(2, tokyo.link.sendSizes.size(), "sends");
    }

    @Test
    void fixedDscpKeepsTheEcnField() {
        tokyo.published.dscp(10);
        assertEquals(List.of(40, 40 | CE, 40 | ECT_0), classes(EF, CE, EF | ECT_0));
    }

    @Test
    void markOfTheWayGoesToThePacket() {
        byte[] datagram = tokyo.seal(packet(EF | ECT_0)).getFirst();
        bonn.link.arrivingClass = 0x28 | CE;
        byte[] delivered = bonn.open(tokyo.address, datagram).getFirst();
        assertEquals(EF | CE, delivered[1] & 0xff);
        assertArrayEquals(packet(EF | CE), delivered);
    }

    @Test
    void markThatThePacketCannotBearIsALoss() {
        byte[] datagram = tokyo.seal(packet(EF)).getFirst();
        bonn.link.arrivingClass = CE;
        assertEquals(List.of(), bonn.open(tokyo.address, datagram));
        assertEquals(1, bonn.dropped(DropReason.CONGESTION));
    }
}
