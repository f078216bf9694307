package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is handed to sendmsg, and what Linux 6.18 left behind in recvmsg, byte by byte (little endian machines). */
final class UdpMessageTest {
    private static final long PAYLOAD = 0x7f01_0203_0405L;

    private final Region memory = new Region(MessageHeader.OWN_BYTES);
    private final long message = memory.address();
    private final Datagrams datagrams = new Datagrams();

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void sendsOneIpv4DatagramFromAnyAddress() {
        OutgoingMessage outgoing = new OutgoingMessage(message, false);
        outgoing.prepare(Endpoint.of(UdpLinks.address("192.0.2.7", 1640)), PAYLOAD, 1400, 1400);
        assertEquals(message, outgoing.address());
        assertEquals(message + MessageHeader.OWN_NAME, OffHeap.nativeI64(message + MessageHeader.NAME));
        assertEquals(message + MessageHeader.OWN_IOVEC, OffHeap.nativeI64(message + MessageHeader.IOVECS));
        assertEquals(message + MessageHeader.OWN_CONTROL, OffHeap.nativeI64(message + MessageHeader.CONTROL));
        assertEquals(1, OffHeap.nativeI64(message + MessageHeader.IOVEC_COUNT));
        assertEquals("0504030201" + "7f0000" + "7805000000000000", iovec());
        assertEquals("0200" + "0668" + "c0000207" + "0000000000000000", name());
        assertEquals("", control());
    }

    @Test
    void sendsATrainFromOneIpv4Address() {
        OutgoingMessage outgoing = new OutgoingMessage(message, false);
        Endpoint to = new Endpoint(0, 0xffff_c000_0207L, 1640, 0, 0, 0xffff_c633_6401L, 0);
        outgoing.prepare(to, PAYLOAD, 4000, 1300);
        String source =
                "1c00000000000000" + "00000000" + "08000000" + "00000000" + "c6336401" + "00000000" + "00000000";
        String segment = "1200000000000000" + "11000000" + "67000000" + "1405000000000000";
        assertEquals(source + segment, control());
        outgoing.prepare(to, PAYLOAD, 1300, 1300);
        assertEquals(source, control(), "a single datagram is no train");
        OffHeap.fill(
                message + MessageHeader.OWN_CONTROL, MessageHeader.OWN_CONTROL_BYTES, 0); // padding keeps old bytes
        outgoing.prepare(Endpoint.of(to.remote()), PAYLOAD, 1301, 1300);
        assertEquals(segment, control(), "from any address");
    }

    @Test
    void sendsATrainFromOneIpv6Address() {
        OutgoingMessage outgoing = new OutgoingMessage(message, true);
        outgoing.prepare(new Endpoint(0xfe80L << 48, 0x99, 1640, 3, 0xfe80L << 48, 0x55, 4), PAYLOAD, 4000, 1300);
        assertEquals("0a00" + "0668" + "00000000" + "fe80000000000000" + "0000000000000099" + "03000000", name());
        assertEquals(
                "2400000000000000" + "29000000" + "32000000" + "fe80000000000000" + "0000000000000055" + "04000000"
                        + "00000000" + "1200000000000000" + "11000000" + "67000000" + "1405000000000000",
                control());
    }

    @Test
    void sendsIpv4OverADualStackSocketAsMapped() {
        OutgoingMessage outgoing = new OutgoingMessage(message, true);
        outgoing.prepare(new Endpoint(0, 0xffff_c000_0207L, 1640, 0, 0, 0xffff_c633_6401L, 0), PAYLOAD, 9, 9);
        assertEquals("0a00" + "0668" + "00000000" + "00000000000000000000ffffc0000207" + "00000000", name());
        assertEquals(
                "2400000000000000" + "29000000" + "32000000" + "00000000000000000000ffffc6336401" + "0000000000000000",
                control());
    }

    @Test
    void resetsWhatRecvmsgOverwrote() {
        IncomingMessage incoming = new IncomingMessage(message);
        OffHeap.putNativeI32(message + MessageHeader.NAME_BYTES, 16);
        OffHeap.putNativeI64(message + MessageHeader.CONTROL_BYTES, 0);
        incoming.prepare(PAYLOAD, 65_535);
        assertEquals(SocketAddress.IN6_BYTES, OffHeap.nativeI32(message + MessageHeader.NAME_BYTES));
        assertEquals(MessageHeader.OWN_CONTROL_BYTES, OffHeap.nativeI64(message + MessageHeader.CONTROL_BYTES));
        assertEquals("0504030201" + "7f0000" + "ffff000000000000", iovec());
        assertFalse(incoming.truncated());
        OffHeap.putNativeI32(message + MessageHeader.FLAGS, 0x20);
        assertTrue(incoming.truncated());
    }

    @Test
    void describesATrainOverIpv4() {
        IncomingMessage incoming = received(
                "0200beff7f00004f0000000000000000",
                "140000000000000011000000" + "68000000" + "e204000000000000" + "1c000000000000000000000008000000"
                        + "01000000" + "7f000001" + "7f000001" + "00000000");
        incoming.describe(2500, datagrams);
        assertEquals(1250, datagrams.segmentBytes);
        assertEquals("127.0.0.79:48895", datagrams.endpoint().toString());
        assertEquals(0, datagrams.localHigh);
        assertEquals(0xffff_7f00_0001L, datagrams.localLow);
        assertEquals(0, datagrams.localInterface);
    }

    /** A broadcast was answered from the broadcast address when ipi_addr was taken for ours. */
    @Test
    void takesOurAddressNotTheDestinationOfTheDatagram() {
        IncomingMessage incoming = received(
                "0200beffc00002070000000000000000",
                "1c000000000000000000000008000000" + "02000000" + "c0000201" + "c00002ff" + "00000000");
        incoming.describe(700, datagrams);
        assertEquals(700, datagrams.segmentBytes, "no train: all of it");
        assertEquals(0xffff_c000_0201L, datagrams.localLow);
    }

    @Test
    void describesATrainOverADualStackSocket() {
        IncomingMessage incoming = received(
                "0a00d6c10000000000000000000000000000ffff7f00000100000000",
                "140000000000000011000000" + "68000000" + "7805000000000000" + "24000000000000002900000032000000"
                        + "00000000000000000000ffff7f00004f" + "01000000" + "00000000");
        incoming.describe(3000, datagrams);
        assertEquals(1400, datagrams.segmentBytes);
        assertEquals("127.0.0.1:54977", datagrams.endpoint().toString());
        assertEquals(0xffff_7f00_004fL, datagrams.localLow);
        assertEquals(0, datagrams.localInterface);
    }

    @Test
    void keepsTheInterfaceOfALinkLocalAddress() {
        IncomingMessage incoming = received(
                "0a00" + "0668" + "00000000" + "fe80000000000000" + "0000000000000099" + "03000000",
                "24000000000000002900000032000000" + "fe80000000000000" + "0000000000000055" + "03000000" + "00000000");
        incoming.describe(90, datagrams);
        assertEquals("[fe80::99%3]:1640", datagrams.endpoint().toString());
        assertEquals(new Endpoint(0xfe80L << 48, 0x99, 1640, 3, 0xfe80L << 48, 0x55, 3), datagrams.endpoint());
    }

    @Test
    void forgetsWhatTheDatagramBeforeHad() {
        describesATrainOverIpv4();
        received("0200beff7f00004f0000000000000000", "").describe(77, datagrams);
        assertEquals(77, datagrams.segmentBytes);
        assertEquals(0, datagrams.localLow);
    }

    @Test
    void endsAtAControlMessageThatCannotBe() {
        received("0200beff7f00004f0000000000000000", "00".repeat(32)).describe(77, datagrams);
        assertEquals(77, datagrams.segmentBytes);
    }

    /** As recvmsg leaves it. */
    private IncomingMessage received(String name, String control) {
        IncomingMessage incoming = new IncomingMessage(message);
        incoming.prepare(PAYLOAD, 65_535);
        int nameBytes = Packets.put(message + MessageHeader.OWN_NAME, name);
        OffHeap.putNativeI32(message + MessageHeader.NAME_BYTES, nameBytes);
        int controlBytes = Packets.put(message + MessageHeader.OWN_CONTROL, control);
        OffHeap.putNativeI64(message + MessageHeader.CONTROL_BYTES, controlBytes);
        return incoming;
    }

    private String iovec() {
        return Packets.hex(message + MessageHeader.OWN_IOVEC, MessageHeader.IOVEC_BYTES);
    }

    private String name() {
        return Packets.hex(message + MessageHeader.OWN_NAME, OffHeap.nativeI32(message + MessageHeader.NAME_BYTES));
    }

    private String control() {
        return Packets.hex(
                message + MessageHeader.OWN_CONTROL, OffHeap.nativeI32(message + MessageHeader.CONTROL_BYTES));
    }
}
