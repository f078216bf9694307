package org.culvert.core.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes out must be the packet that a host would have made with the smaller segment size, its checksum included. */
class MssClampTest {
    private static final int MTU = 1_388;

    private static TestPacket syn(boolean ipv6, byte[] options) {
        TestPacket packet = ipv6 ? TestPacket.tcp6() : TestPacket.tcp4();
        packet.flags = TestPacket.SYN;
        packet.tcpOptions = options;
        return packet;
    }

    private static byte[] mss(int value) {
        return new byte[] {2, 4, (byte) (value >> 8), (byte) value};
    }

    /** One byte in front, so that the value lies across two words of the checksum. */
    private static byte[] oddMss(int value) {
        return new byte[] {1, 2, 4, (byte) (value >> 8), (byte) value, 1, 1, 0};
    }

    private static byte[] clamped(TestPacket packet, int mtu) {
        byte[] bytes = packet.bytes();
        try (Region region = new Region(bytes.length)) {
            long at = region.address();
            OffHeap.copy(bytes, 0, at, bytes.length);
            long transport = IpPacket.transport(at, bytes.length, packet.version);
            MssClamp.apply(at, bytes.length, transport, packet.version, packet.partial, mtu);
            byte[] result = new byte[bytes.length];
            OffHeap.copy(at, result, 0, bytes.length);
            return result;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lowersWhatIsTooMuchAndKeepsTheChecksumRight(boolean ipv6) {
        int right = MTU - (ipv6 ? 60 : 40);
        for (int asked : new int[] {right + 1, 1_460, 8_960, 65_535}) {
            assertArrayEquals(syn(ipv6, mss(right)).bytes(), clamped(syn(ipv6, mss(asked)), MTU));
            assertArrayEquals(syn(ipv6, oddMss(right)).bytes(), clamped(syn(ipv6, oddMss(asked)), MTU), "odd " + asked);
            assertArrayEquals(
                    syn(ipv6, mss(right)).partial().bytes(),
                    clamped(syn(ipv6, mss(asked)).partial(), MTU));
        }
    }

    @Test
    void clampsTheAnswerToo() {
        TestPacket answer = syn(false, mss(1_460));
        answer.flags = TestPacket.SYN | TestPacket.ACK;
        TestPacket right = answer.copy();
        right.tcpOptions = mss(MTU - 40);
        assertArrayEquals(right.bytes(), clamped(answer, MTU));
    }

    @Test
    void findsTheOptionBehindOthersAndBehindExtensionHeaders() {
        byte[] options = {8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 4, 2, 1, 2, 4, 5, (byte) 0xb4, 3, 3, 7};
        byte[] right = options.clone();
        right[15] = (MTU - 60) >> 8;
        right[16] = (byte) (MTU - 60);
        TestPacket packet = syn(true, options);
        packet.extensionTypes = new int[] {60};
        packet.extensions = new byte[][] {{1, 4, 0, 0, 0, 0}};
        TestPacket expected = packet.copy();
        expected.tcpOptions = right;
        assertArrayEquals(expected.bytes(), clamped(packet, MTU));
    }

    @Test
    void leavesAloneWhatItMust() {
        TestPacket small = syn(false, mss(MTU - 40));
        assertArrayEquals(small.bytes(), clamped(small, MTU), "never raised, nor touched when it fits");
        TestPacket none = syn(false, new byte[] {1, 1, 1, 0});
        assertArrayEquals(none.bytes(), clamped(none, MTU), "none is added");
        TestPacket data = syn(false, mss(9_000));
        data.flags = TestPacket.ACK;
        assertArrayEquals(data.bytes(), clamped(data, MTU), "no SYN");
        TestPacket unknown = syn(false, mss(9_000));
        assertArrayEquals(unknown.bytes(), clamped(unknown, 0), "path not known");
        TestPacket udp = TestPacket.udp4(new byte[40]);
        assertArrayEquals(udp.bytes(), clamped(udp, MTU));
        TestPacket fragment = syn(false, mss(9_000));
        fragment.fragment = TestPacket.MF;
        assertArrayEquals(fragment.bytes(), clamped(fragment, MTU), "a fragment");
    }

    @Test
    void neverBelowWhatAConnectionNeeds() {
        assertArrayEquals(syn(false, mss(256)).bytes(), clamped(syn(false, mss(1_460)), 100));
    }

    /** Options that lie about their length, and a header that is longer than the packet. */
    @Test
    void readsNoFurtherThanTheHeader() {
        for (byte[] options : new byte[][] {
            {2, 0, 35, 35}, {2, 1, 35, 35}, {8, 77, 2, 4}, {1, 1, 1, 2}, {2, 5, 35, 35}, {2, 3, 35, 35}, {0, 2, 4, 35}
        }) {
            TestPacket packet = syn(false, options);
            assertArrayEquals(packet.bytes(), clamped(packet, MTU));
        }
        byte[] whole = syn(false, mss(9_000)).bytes();
        try (Region region = new Region(whole.length)) {
            OffHeap.copy(whole, 0, region.address(), whole.length);
            OffHeap.putU8(region.address() + 20 + 12, 0xf0); // 60 bytes of header in 24
            long transport = IpPacket.transport(region.address(), whole.length, 4);
            MssClamp.apply(region.address(), whole.length, transport, 4, false, MTU);
            assertEquals(9_000, OffHeap.u16(region.address() + 42));
        }
    }
}
