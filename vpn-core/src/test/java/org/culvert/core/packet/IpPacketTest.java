package org.culvert.core.packet;

import static org.culvert.core.packet.IpPacket.INNER_LENGTH;
import static org.culvert.core.packet.IpPacket.INNER_VERSION;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class IpPacketTest {
    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int ESP = 50;
    private static final int AUTHENTICATION = 51;
    private static final int NO_NEXT = 59;
    private static final int DESTINATION_OPTIONS = 60;

    @Test
    void acceptsWhatSaysItsOwnLength() {
        assertEquals(4, check(TestPacket.tcp4(TestPacket.payload(17, 1)).bytes()));
        assertEquals(6, check(TestPacket.udp6(TestPacket.payload(17, 1)).bytes()));
        TestPacket options = TestPacket.tcp4();
        options.ipv4Options = new byte[40];
        assertEquals(4, check(options.bytes()));
        TestPacket headerOnly = new TestPacket();
        headerOnly.protocol = 50;
        assertEquals(4, check(headerOnly.bytes()));
        assertEquals(6, check(headerOnly.ipv6().bytes()));
        assertEquals(4, check(TestPacket.udp4(new byte[65_535 - 28]).bytes()));
    }

    @Test
    void refusesEveryOtherVersion() {
        for (int version = 0; version < 16; version++) {
            byte[] bytes = TestPacket.tcp4(TestPacket.payload(60, 2)).bytes();
            bytes[0] = (byte) (version << 4 | bytes[0] & 0xf);
            int expected = version == 4 ? 4 : version == 6 ? INNER_LENGTH : INNER_VERSION;
            assertEquals(expected, check(bytes), "version " + version);
        }
    }

    @Test
    void refusesALengthThatIsNotExact() {
        for (TestPacket packet : new TestPacket[] {TestPacket.tcp4(new byte[9]), TestPacket.tcp6(new byte[9])}) {
            byte[] bytes = packet.bytes();
            int field = packet.version == 4 ? 2 : 4;
            int length = TestPacket.get16(bytes, field);
            for (int lie : new int[] {0, 1, length - 1, length + 1, 0xffff}) {
                byte[] lying = bytes.clone();
                TestPacket.set16(lying, field, lie);
                assertEquals(INNER_LENGTH, check(lying), packet + " says " + lie);
            }
        }
    }

    @Test
    void refusesWhatIsShorterThanItsHeader() {
        byte[] ipv4 = TestPacket.tcp4().bytes();
        byte[] ipv6 = TestPacket.tcp6().bytes();
        for (int bytes = 0; bytes < 40; bytes++) {
            byte[] short4 = Arrays.copyOf(ipv4, Math.min(bytes, 19));
            if (short4.length > 3) {
                TestPacket.set16(short4, 2, short4.length);
            }
            assertEquals(INNER_LENGTH, check(short4), "IPv4 bytes " + short4.length);
            byte[] short6 = Arrays.copyOf(ipv6, bytes);
            if (bytes > 5) {
                TestPacket.set16(short6, 4, bytes - 40);
            }
            assertEquals(INNER_LENGTH, check(short6), "IPv6 bytes " + bytes);
        }
    }

    @Test
    void refusesAnIpv4HeaderLengthBelowTwentyOrBeyondThePacket() {
        byte[] bytes = TestPacket.tcp4().bytes(); // 40 bytes
        for (int words = 0; words < 16; words++) {
            byte[] lying = bytes.clone();
            lying[0] = (byte) (4 << 4 | words);
            assertEquals(words >= 5 && words <= 10 ? 4 : INNER_LENGTH, check(lying), "words " + words);
        }
    }

    /** A jumbogram (RFC 2675) has 0 there, and no datagram could carry it. */
    @Test
    void refusesAnIpv6JumboLength() {
        byte[] bytes = TestPacket.udp6(new byte[100]).bytes();
        TestPacket.set16(bytes, 4, 0);
        assertEquals(INNER_LENGTH, check(bytes));
    }

    @Test
    void addressesOfIpv4AreMapped() {
        try (GuardedMemory memory = new GuardedMemory(40)) {
            long at = memory.putLast(TestPacket.tcp4().bytes());
            assertEquals(0, IpPacket.sourceHigh(at, 4));
            assertEquals(0xffff_0a01_0203L, IpPacket.sourceLow(at, 4));
            assertEquals(0, IpPacket.destinationHigh(at, 4));
            assertEquals(0xffff_0a07_0809L, IpPacket.destinationLow(at, 4));
        }
    }

    @Test
    void addressesOfIpv4AboveTheSignBitStayUnsigned() {
        TestPacket packet = TestPacket.tcp4();
        packet.source = new byte[] {(byte) 203, 0, 113, 7};
        packet.destination = new byte[] {(byte) 198, 51, 100, 9};
        try (GuardedMemory memory = new GuardedMemory(40)) {
            long at = memory.putLast(packet.bytes());
            assertEquals(0xffff_cb00_7107L, IpPacket.sourceLow(at, 4));
            assertEquals(0xffff_c633_6409L, IpPacket.destinationLow(at, 4));
        }
    }

    @Test
    void addressesOfIpv6AreTheirTwoHalves() {
        try (GuardedMemory memory = new GuardedMemory(60)) {
            long at = memory.putLast(TestPacket.tcp6().bytes());
            assertEquals(0x2001_0db8_0001_0203L, IpPacket.sourceHigh(at, 6));
            assertEquals(0x0405_0607_0809_0a0bL, IpPacket.sourceLow(at, 6));
            assertEquals(0x2001_0db8_004d_0102L, IpPacket.destinationHigh(at, 6));
            assertEquals(0x0305_080d_1522_3759L, IpPacket.destinationLow(at, 6));
        }
    }

    @Test
    void findsTcpAndUdpBehindBothHeaders() {
        assertTransport(IpPacket.TCP, 20, 36, TestPacket.tcp4(new byte[3]));
        assertTransport(IpPacket.UDP, 20, 26, TestPacket.udp4());
        assertTransport(IpPacket.TCP, 40, 56, TestPacket.tcp6());
        assertTransport(IpPacket.UDP, 40, 46, TestPacket.udp6(new byte[3]));
    }

    @Test
    void findsTheTransportBehindIpv4Options() {
        TestPacket packet = TestPacket.tcp4();
        packet.ipv4Options = new byte[40];
        assertTransport(IpPacket.TCP, 60, 76, packet);
    }

    @Test
    void otherProtocolsHaveNone() {
        for (int protocol : new int[] {0, 1, 4, 41, 43, 44, 47, 50, 51, 58, 59, 60, 132, 136}) {
            TestPacket packet = TestPacket.tcp4(TestPacket.payload(64, 5));
            packet.protocol = protocol;
            assertEquals(0, transport(packet.bytes(), 4), "IPv4 protocol " + protocol);
        }
        for (int protocol : new int[] {1, 4, 41, 47, 50, 51, 58, 59, 132, 135, 136, 139, 140, 253, 254, 255}) {
            TestPacket packet = TestPacket.tcp6(TestPacket.payload(64, 5));
            packet.protocol = protocol;
            assertEquals(0, transport(packet.bytes(), 6), "IPv6 protocol " + protocol);
        }
    }

    @Test
    void aTransportHeaderThatIsCutOffIsNone() {
        for (int version : new int[] {4, 6}) {
            for (int protocol : new int[] {IpPacket.TCP, IpPacket.UDP}) {
                int needed = protocol == IpPacket.TCP ? 20 : 8;
                TestPacket whole = TestPacket.tcp4();
                whole.protocol = protocol;
                byte[] bytes = (version == 4 ? whole : whole.ipv6()).bytes();
                byte[] cut = Arrays.copyOf(bytes, whole.transportStart() + needed - 1);
                TestPacket.set16(cut, version == 4 ? 2 : 4, version == 4 ? cut.length : cut.length - 40);
                assertEquals(version, check(cut));
                assertEquals(0, transport(cut, version), "version " + version + " protocol " + protocol);
            }
        }
    }

    @Test
    void ipv4FragmentsHaveNone() {
        for (int fragment :
                new int[] {TestPacket.MF, 1, 0x1fff, TestPacket.MF | 0x123, TestPacket.DF | TestPacket.MF}) {
            TestPacket packet = TestPacket.udp4(new byte[64]);
            packet.fragment = fragment;
            assertEquals(0, transport(packet.bytes(), 4), Integer.toHexString(fragment));
        }
    }

    @Test
    void dontFragmentAndTheReservedBitAreNoFragments() {
        for (int fragment : new int[] {0, TestPacket.DF, 0x8000, 0xc000}) {
            TestPacket packet = TestPacket.udp4(new byte[64]);
            packet.fragment = fragment;
            assertTransport(IpPacket.UDP, 20, 26, packet);
        }
    }

    @Test
    void ipv6FragmentsHaveNoneTheAtomicOneIncluded() {
        for (int offsetAndMore : new int[] {0, 1, 8, 0xfff9}) {
            byte[] fragment = {
                (byte) (offsetAndMore >>> 8), (byte) offsetAndMore, 1, 2, 3, 4,
            };
            assertEquals(0, transport(extended(new int[] {FRAGMENT}, fragment).bytes(), 6), "field " + offsetAndMore);
            TestPacket behind = extended(new int[] {HOP_BY_HOP, FRAGMENT}, new byte[6], fragment);
            assertEquals(0, transport(behind.bytes(), 6), "behind hop-by-hop, field " + offsetAndMore);
        }
    }

    @Test
    void walksTheExtensionHeadersTheKernelWalks() {
        assertTransport(IpPacket.TCP, 48, 64, extended(new int[] {HOP_BY_HOP}, new byte[6]));
        assertTransport(IpPacket.TCP, 64, 80, extended(new int[] {ROUTING}, new byte[22]));
        assertTransport(IpPacket.TCP, 56, 72, extended(new int[] {DESTINATION_OPTIONS}, new byte[14]));
        assertTransport(
                IpPacket.TCP,
                40 + 8 + 24 + 16,
                40 + 8 + 24 + 16 + 16,
                extended(
                        new int[] {HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS}, new byte[6], new byte[22], new byte[14]));
    }

    @Test
    void stopsAtWhatItDoesNotWalk() {
        for (int type : new int[] {ESP, AUTHENTICATION, NO_NEXT, 135, 139, 140}) {
            assertEquals(0, transport(extended(new int[] {type}, new byte[6]).bytes(), 6), "type " + type);
        }
    }

    @Test
    void walksEightExtensionHeadersAndNoMore() {
        int[] nine = new int[9];
        byte[][] contents = new byte[9][6];
        Arrays.fill(nine, DESTINATION_OPTIONS);
        assertEquals(0, transport(extended(nine, contents).bytes(), 6));
        TestPacket eight = extended(Arrays.copyOf(nine, 8), Arrays.copyOf(contents, 8));
        assertTransport(IpPacket.TCP, 104, 120, eight);
    }

    /** What the encoding can hold: 12 bits for the checksum field. */
    @Test
    void aTransportBehindFourKilobytesIsNone() {
        int[] types = {DESTINATION_OPTIONS, DESTINATION_OPTIONS};
        assertTransport(IpPacket.TCP, 4072, 4088, extended(types, new byte[2046], new byte[1982]));
        assertEquals(
                0, transport(extended(types, new byte[2046], new byte[1990]).bytes(), 6));
    }

    @Test
    void anExtensionHeaderBeyondThePacketIsNone() {
        TestPacket packet = extended(new int[] {HOP_BY_HOP}, new byte[6]);
        packet.payload = TestPacket.payload(7, 4); // less than one more unit of the header's length
        byte[] bytes = packet.bytes();
        for (int length = 1; length < 256; length++) {
            bytes[41] = (byte) length;
            assertEquals(0, transport(bytes, 6), "length " + length);
        }
        for (int left = 0; left < 8; left++) {
            byte[] cut = Arrays.copyOf(bytes, 40 + left);
            TestPacket.set16(cut, 4, left);
            assertEquals(0, transport(cut, 6), "bytes behind the header: " + left);
        }
    }

    private static TestPacket extended(int[] types, byte[]... contents) {
        TestPacket packet = TestPacket.tcp6(TestPacket.payload(11, 4));
        packet.extensionTypes = types;
        packet.extensions = contents;
        return packet;
    }

    private static void assertTransport(int protocol, int start, int checksumField, TestPacket packet) {
        long transport = transport(packet.bytes(), packet.version);
        assertEquals(protocol, IpPacket.protocol(transport), packet::toString);
        assertEquals(start, IpPacket.start(transport), packet::toString);
        assertEquals(checksumField, IpPacket.checksumField(transport), packet::toString);
    }

    private static int check(byte[] bytes) {
        try (GuardedMemory memory = new GuardedMemory(bytes.length)) {
            return IpPacket.check(memory.putLast(bytes), bytes.length);
        }
    }

    private static long transport(byte[] bytes, int version) {
        try (GuardedMemory memory = new GuardedMemory(bytes.length)) {
            return IpPacket.transport(memory.putLast(bytes), bytes.length, version);
        }
    }
}
