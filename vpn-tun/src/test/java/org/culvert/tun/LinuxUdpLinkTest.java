package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.List;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over loopback, unprivileged, ports chosen by the kernel. */
final class LinuxUdpLinkTest {
    private static final int CAPACITY_BYTES = 65_535;
    private static final UdpOptions ALL = UdpOptions.defaults();
    private static final UdpOptions NO_COALESCING = new UdpOptions(true, false, 1 << 20);
    private static final UdpOptions NO_SEGMENTATION = new UdpOptions(false, true, 1 << 20);

    private static final SocketChoice CHOICE = new SocketChoice(4, 8);

    private final Region memory = new Region(4 * CAPACITY_BYTES);
    private final long out = memory.address();
    private final long in = memory.address() + 2 * CAPACITY_BYTES;
    private final Datagrams datagrams = new Datagrams();

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void carriesOneDatagramThereAndBack() throws Exception {
        try (UdpLink left = UdpLinks.bind("127.0.0.1");
                UdpLink right = UdpLinks.bind("127.0.0.1")) {
            assertEquals(-Errno.EAGAIN, right.receive(in, CAPACITY_BYTES, datagrams));
            assertEquals(5, put("culvt"));
            assertEquals(5, left.send(UdpLinks.to("127.0.0.1", right), out, 5, 5));
            assertTrue(right.awaitReadable(-1));
            assertEquals(5, right.receive(in, CAPACITY_BYTES, datagrams));
            assertEquals("culvt", text(in, 5));
            assertEquals(5, datagrams.segmentBytes);
            assertEquals(left.port(), datagrams.remotePort);
            assertEquals("127.0.0.1:" + left.port(), datagrams.endpoint().toString());

            put("back");
            assertEquals(4, right.send(datagrams.endpoint(), out, 4, 1400));
            assertTrue(left.awaitReadable(-1));
            assertEquals(4, left.receive(in, CAPACITY_BYTES, datagrams));
            assertEquals("back", text(in, 4));
        }
    }

    /** IPv4, IPv6, and IPv4 through sockets of both families: each has a form of its own in the kernel. */
    @Test
    void carriesTheTrafficClassOfTheOuterHeader() throws Exception {
        for (String[] way : new String[][] {{"127.0.0.1", "127.0.0.1"}, {"::1", "::1"}, {"::", "127.0.0.1"}}) {
            try (UdpLink left = UdpLinks.bind(way[0]);
                    UdpLink right = UdpLinks.bind(way[0])) {
                put("culvt");
                for (int trafficClass : new int[] {0xb9, 0, 0x28 | 3}) {
                    left.trafficClass(trafficClass);
                    assertEquals(5, left.send(UdpLinks.to(way[1], right), out, 5, 5), way[0]);
                    assertTrue(right.awaitReadable(-1));
                    assertEquals(5, right.receive(in, CAPACITY_BYTES, datagrams));
                    assertEquals(trafficClass, datagrams.trafficClass, way[0] + " to " + way[1]);
                }
            }
        }
    }

    @Test
    void sendsATrainInOneCallThatArrivesInOne() throws Exception {
        try (UdpLink left = UdpLinks.bind("127.0.0.1");
                UdpLink right = UdpLinks.bind("127.0.0.1")) {
            assertTrue(left.segmentation());
            pattern(3100);
            assertEquals(3100, left.send(UdpLinks.to("127.0.0.1", right), out, 3100, 1200));
            assertTrue(right.awaitReadable(-1));
            assertEquals(3100, right.receive(in, CAPACITY_BYTES, datagrams));
            assertEquals(1200, datagrams.segmentBytes, "1200, 1200 and 700");
            assertSame(0, 3100);
        }
    }

    @Test
    void receivesATrainAsItsDatagramsWithoutCoalescing() throws Exception {
        try (UdpLink left = UdpLinks.bind("127.0.0.1");
                UdpLink right = LinuxUdpLink.bind(UdpLinks.address("127.0.0.1", 0), NO_COALESCING)) {
            pattern(3100);
            assertEquals(3100, left.send(UdpLinks.to("127.0.0.1", right), out, 3100, 1200));
            int at = 0;
            for (int bytes : new int[] {1200, 1200, 700}) {
                assertTrue(right.awaitReadable(-1));
                assertEquals(bytes, right.receive(in, CAPACITY_BYTES, datagrams));
                assertEquals(bytes, datagrams.segmentBytes);
                assertSame(at, bytes);
                at += bytes;
            }
            assertEquals(-Errno.EAGAIN, right.receive(in, CAPACITY_BYTES, datagrams));
        }
    }

    @Test
    void carriesTheLargestTrain() throws Exception {
        try (UdpLink left = UdpLinks.bind("127.0.0.1");
                UdpLink right = UdpLinks.bind("127.0.0.1")) {
            int bytes = UdpLink.MAX_SEGMENTS * 1000;
            pattern(bytes);
            assertEquals(bytes, left.send(UdpLinks.to("127.0.0.1", right), out, bytes, 1000));
            assertTrue(right.awaitReadable(-1));
            assertEquals(bytes, right.receive(in, CAPACITY_BYTES, datagrams));
            assertSame(0, bytes);
            int most = UdpLink.MAX_SEND_BYTES;
            assertEquals(most, left.send(UdpLinks.to("127.0.0.1", right), out, most, 1488));
            assertEquals(-Errno.EMSGSIZE, left.send(UdpLinks.to("127.0.0.1", right), out, most + 1, 1488));
        }
    }

    @Test
    void saysWhenDatagramsMustGoSingly() throws Exception {
        try (UdpLink never = LinuxUdpLink.bind(UdpLinks.address("127.0.0.1", 0), NO_SEGMENTATION);
                UdpLink noLonger = UdpLinks.bind("127.0.0.1")) {
            assertFalse(never.segmentation());
            assertTrue(noLonger.segmentation());
            noLonger.segmentationOff();
            assertFalse(noLonger.segmentation());
        }
    }

    /** The gateway has several addresses: the answer must leave from the one that was spoken to. */
    @Test
    void answersFromTheAddressItWasSpokenTo() throws Exception {
        try (UdpLink client = UdpLinks.bind("127.0.0.1");
                UdpLink server = UdpLinks.bind("0.0.0.0")) {
            for (String spokenTo : new String[] {"127.0.0.77", "127.3.2.1"}) {
                client.send(UdpLinks.to(spokenTo, server), out, 30, 30);
                assertTrue(server.awaitReadable(-1));
                assertEquals(30, server.receive(in, CAPACITY_BYTES, datagrams));
                assertEquals(low(spokenTo), datagrams.localLow);
                assertEquals(0, datagrams.localHigh);
                assertEquals(0, datagrams.localInterface, "routing decides on the way back");
                assertEquals(20, server.send(datagrams.endpoint(), out, 20, 20));
                assertTrue(client.awaitReadable(-1));
                assertEquals(20, client.receive(in, CAPACITY_BYTES, datagrams));
                assertEquals(
                        spokenTo + ":" + server.port(), datagrams.endpoint().toString());
            }
        }
    }

    @Test
    void answersATrainFromTheAddressItWasSpokenTo() throws Exception {
        try (UdpLink client = UdpLinks.bind("127.0.0.1");
                UdpLink server = UdpLinks.bind("0.0.0.0")) {
            client.send(UdpLinks.to("127.0.0.78", server), out, 3000, 1400);
            assertTrue(server.awaitReadable(-1));
            assertEquals(3000, server.receive(in, CAPACITY_BYTES, datagrams));
            assertEquals(1400, datagrams.segmentBytes);
            assertEquals(low("127.0.0.78"), datagrams.localLow);
            assertEquals(2500, server.send(datagrams.endpoint(), out, 2500, 1300));
            assertTrue(client.awaitReadable(-1));
            assertEquals(2500, client.receive(in, CAPACITY_BYTES, datagrams));
            assertEquals(1300, datagrams.segmentBytes);
            assertEquals("127.0.0.78:" + server.port(), datagrams.endpoint().toString());
        }
    }

    @Test
    void speaksIpv6() throws Exception {
        assumeTrue(ipv6Loopback(), "needs ::1");
        try (UdpLink left = UdpLinks.bind("::1");
                UdpLink right = UdpLinks.bind("::1")) {
            pattern(2600);
            assertEquals(2600, left.send(UdpLinks.to("::1", right), out, 2600, 1100));
            assertTrue(right.awaitReadable(-1));
            assertEquals(2600, right.receive(in, CAPACITY_BYTES, datagrams));
            assertEquals(1100, datagrams.segmentBytes);
            assertSame(0, 2600);
            assertEquals("[::1]:" + left.port(), datagrams.endpoint().toString());
            assertEquals(1, datagrams.localLow);
            assertEquals(50, right.send(datagrams.endpoint(), out, 50, 50));
            assertTrue(left.awaitReadable(-1));
            assertEquals(50, left.receive(in, CAPACITY_BYTES, datagrams));
            int tooMuch = 65_528;
            assertEquals(-Errno.EMSGSIZE, left.send(UdpLinks.to("::1", right), out, tooMuch, 1400));
        }
    }

    @Test
    void speaksBothFamiliesOverOneSocket() throws Exception {
        assumeTrue(ipv6Loopback(), "needs ::1");
        try (UdpLink both = UdpLinks.bind("::");
                UdpLink four = UdpLinks.bind("127.0.0.1");
                UdpLink six = UdpLinks.bind("::1")) {
            four.send(UdpLinks.to("127.0.0.79", both), out, 2100, 1000);
            assertTrue(both.awaitReadable(-1));
            assertEquals(2100, both.receive(in, CAPACITY_BYTES, datagrams));
            Endpoint overIpv4 = datagrams.endpoint();
            assertEquals("127.0.0.1:" + four.port(), overIpv4.toString());
            assertEquals(low("127.0.0.79"), overIpv4.localLow());
            six.send(UdpLinks.to("::1", both), out, 40, 40);
            assertTrue(both.awaitReadable(-1));
            assertEquals(40, both.receive(in, CAPACITY_BYTES, datagrams));
            Endpoint overIpv6 = datagrams.endpoint();
            assertEquals("[::1]:" + six.port(), overIpv6.toString());

            assertEquals(2300, both.send(overIpv4, out, 2300, 1150));
            assertTrue(four.awaitReadable(-1));
            assertEquals(2300, four.receive(in, CAPACITY_BYTES, datagrams));
            assertEquals("127.0.0.79:" + both.port(), datagrams.endpoint().toString());
            assertEquals(60, both.send(overIpv6, out, 60, 60));
            assertTrue(six.awaitReadable(-1));
            assertEquals(60, six.receive(in, CAPACITY_BYTES, datagrams));
        }
    }

    @Test
    void oneIpv6AddressDoesNotSpeakIpv4() throws Exception {
        assumeTrue(ipv6Loopback(), "needs ::1");
        try (UdpLink six = UdpLinks.bind("::1");
                UdpLink four = LinuxUdpLink.bind(UdpLinks.address("127.0.0.1", six.port()), ALL)) {
            assertEquals(-Errno.ENETUNREACH, six.send(UdpLinks.to("127.0.0.1", four), out, 30, 30));
            assertEquals(-Errno.EAFNOSUPPORT, four.send(UdpLinks.to("::1", six), out, 30, 30));
        }
    }

    @Test
    void namesAddressInUseAndNotOurs() throws Exception {
        try (UdpLink first = UdpLinks.bind("127.0.0.1")) {
            InetSocketAddress taken = UdpLinks.address("127.0.0.1", first.port());
            SystemCallException e = assertThrows(SystemCallException.class, () -> LinuxUdpLink.bind(taken, ALL));
            assertEquals(Errno.EADDRINUSE, e.errno());
            assertEquals("bind", e.call());
            assertEquals(
                    "bind 127.0.0.1:" + first.port() + ": address already in use; another daemon listens there",
                    e.getMessage());
        }
        SystemCallException e = assertThrows(SystemCallException.class, () -> UdpLinks.bind("192.0.2.1"));
        assertEquals(
                "bind 192.0.2.1:0: cannot assign requested address; no interface of this machine has that address",
                e.getMessage());
    }

    @Test
    void losesADatagramThatDoesNotFitAndNoOther() throws Exception {
        try (UdpLink left = UdpLinks.bind("127.0.0.1");
                UdpLink right = UdpLinks.bind("127.0.0.1")) {
            Endpoint to = UdpLinks.to("127.0.0.1", right);
            left.send(to, out, 1001, 1001);
            left.send(to, out, 1000, 1000);
            assertTrue(right.awaitReadable(-1));
            assertEquals(-Errno.EMSGSIZE, right.receive(in, 1000, datagrams));
            assertEquals(1000, right.receive(in, 1000, datagrams));
        }
    }

    @Test
    void deliversAnEmptyDatagram() throws Exception {
        try (UdpLink left = UdpLinks.bind("127.0.0.1");
                UdpLink right = UdpLinks.bind("127.0.0.1")) {
            assertEquals(0, left.send(UdpLinks.to("127.0.0.1", right), out, 0, 0));
            assertTrue(right.awaitReadable(-1));
            assertEquals(0, right.receive(in, CAPACITY_BYTES, datagrams));
            assertEquals(0, datagrams.segmentBytes);
        }
    }

    @Test
    void keepsAMegabyteOfTrainsThatNobodyReadsYet() throws Exception {
        try (UdpLink left = UdpLinks.bind("127.0.0.1");
                UdpLink right = UdpLinks.bind("127.0.0.1")) {
            assumeTrue(ProcessGuard.effectiveUserId() == 0, "past net.core.rmem_max with CAP_NET_ADMIN only");
            for (int i = 0; i < 16; i++) {
                assertEquals(60_000, left.send(UdpLinks.to("127.0.0.1", right), out, 60_000, 1250));
            }
            for (int i = 0; i < 16; i++) {
                assertEquals(60_000, right.receive(in, CAPACITY_BYTES, datagrams));
            }
        }
    }

    @Test
    void wakesOneWaitAndRemembersAWakeBeforeIt() throws Exception {
        try (UdpLink link = UdpLinks.bind("127.0.0.1")) {
            link.wake();
            assertFalse(link.awaitReadable(-1), "woken before the wait");
            assertFalse(link.awaitReadable(0), "the wake is spent");
            Thread waker = new Thread(link::wake);
            waker.start();
            assertFalse(link.awaitReadable(-1), "woken from another thread");
            waker.join();
            assertTrue(link.awaitWritable(0));
        }
    }

    /** Datagram and wake at once: the datagram is told, the wake not kept for a wait it was not meant for. */
    @Test
    void tellsOfADatagramAlsoWhenWoken() throws Exception {
        try (UdpLink link = UdpLinks.bind("127.0.0.1")) {
            link.send(UdpLinks.to("127.0.0.1", link), out, 9, 9);
            link.wake();
            assertTrue(link.awaitReadable(-1));
            link.receive(in, CAPACITY_BYTES, datagrams);
            assertFalse(link.awaitReadable(0));
        }
    }

    @Test
    void isQuietAfterClose() throws Exception {
        UdpLink link = UdpLinks.bind("127.0.0.1");
        Endpoint to = UdpLinks.to("127.0.0.1", link);
        link.close();
        link.close();
        link.wake();
        assertFalse(link.awaitReadable(0));
        assertFalse(link.awaitWritable(0));
        assertEquals(-Errno.EBADF, link.send(to, out, 9, 9));
        assertEquals(-Errno.EBADF, link.receive(in, CAPACITY_BYTES, datagrams));
    }

    @Test
    void refusesAnAddressThatIsNotResolved() {
        InetSocketAddress name = InetSocketAddress.createUnresolved("gateway.example", 1640);
        assertThrows(IllegalArgumentException.class, () -> LinuxUdpLink.bind(name, ALL));
    }

    @Test
    void leavesNoDescriptorBehind() throws Exception {
        try (UdpLink first = UdpLinks.bind("127.0.0.1")) {
            InetSocketAddress taken = UdpLinks.address("127.0.0.1", first.port());
            Descriptors.assertUnchanged(() -> {
                for (int i = 0; i < 50; i++) {
                    UdpLinks.bind("127.0.0.1").close();
                    assertThrows(SystemCallException.class, () -> LinuxUdpLink.bind(taken, ALL));
                }
            });
        }
        String[] steps = {"socket IPv4", "eventfd"};
        for (int i = 0; i < steps.length; i++) {
            int room = i;
            Descriptors.assertUnchanged(() -> {
                SystemCallException e = Descriptors.withRoomFor(
                        room, () -> assertThrows(SystemCallException.class, () -> UdpLinks.bind("127.0.0.1")));
                assertTrue(e.getMessage().startsWith(steps[room] + ": too many open files"), e.getMessage());
            });
        }
    }

    @Test
    void allocatesNothingPerCall() throws Exception {
        try (UdpLink left = UdpLinks.bind("127.0.0.1");
                UdpLink right = UdpLinks.bind("127.0.0.1")) {
            Endpoint to = UdpLinks.to("127.0.0.1", right);
            Endpoint[] last = new Endpoint[1];
            Allocation.assertNone("send and receive", () -> {
                assertNotEquals(-Errno.EMSGSIZE, left.send(to, out, 3100, 1200));
                right.awaitReadable(100);
                right.receive(in, CAPACITY_BYTES, datagrams);
                last[0] = datagrams.endpoint();
            });
            Allocation.assertNone("answer", () -> right.send(last[0], out, 3100, 1200));
            Allocation.assertNone("nothing there", () -> right.receive(in, CAPACITY_BYTES, datagrams));
            Allocation.assertNone("wait", () -> {
                right.wake();
                right.awaitReadable(0);
                left.awaitWritable(0);
            });
        }
    }

    /** The sum of a word and the upper half of a byte, modulo the number of sockets, in the kernel as here. */
    @Test
    void theKernelChoosesAmongTheSocketsOfAPort() throws Exception {
        for (String address : new String[] {"127.0.0.1", "::1", "::"}) {
            List<LinuxUdpLink> sockets = several(address, 3);
            try (UdpLink sender = UdpLinks.bind(address)) {
                Endpoint to = UdpLinks.to(address.equals("::") ? "127.0.0.1" : address, sockets.getFirst());
                for (int i = 0; i < 60; i++) {
                    int word = 0xfffffff0 + i; // over the edge of 32 bits
                    int nibble = i * 7 & 0xf;
                    datagram(out, word, nibble, i);
                    assertEquals(40, sender.send(to, out, 40, 40));
                    int chosen = Integer.remainderUnsigned(word + nibble, 3);
                    assertTrue(sockets.get(chosen).awaitReadable(1_000), address + ", datagram " + i);
                    assertEquals(40, sockets.get(chosen).receive(in, CAPACITY_BYTES, datagrams));
                    assertEquals(i, OffHeap.u8(in + 39));
                }
                put("shrt");
                sender.send(to, out, 4, 4);
                assertTrue(sockets.getFirst().awaitReadable(1_000), "too short to choose by");
            } finally {
                sockets.forEach(LinuxUdpLink::close);
            }
        }
    }

    /** What the kernel has put together it gives to one socket: the first datagram decides, and the rest come along. */
    @Test
    void aTrainGoesWhereItsFirstDatagramBelongs() throws Exception {
        List<LinuxUdpLink> sockets = several("127.0.0.1", 2);
        try (UdpLink sender = UdpLinks.bind("127.0.0.1")) {
            for (int i = 0; i < 6; i++) {
                datagram(out + i * 40L, 8, i + 1, i);
            }
            assertEquals(240, sender.send(UdpLinks.to("127.0.0.1", sockets.getFirst()), out, 240, 40));
            assertTrue(sockets.get(1).awaitReadable(1_000));
            assertEquals(240, sockets.get(1).receive(in, CAPACITY_BYTES, datagrams));
            assertEquals(-Errno.EAGAIN, sockets.get(0).receive(in, CAPACITY_BYTES, datagrams));
        } finally {
            sockets.forEach(LinuxUdpLink::close);
        }
    }

    @Test
    void allSocketsOfAPortSendFromIt() throws Exception {
        List<LinuxUdpLink> sockets = several("127.0.0.1", 3);
        try (UdpLink receiver = UdpLinks.bind("127.0.0.1")) {
            for (LinuxUdpLink socket : sockets) {
                put("culvt");
                assertEquals(5, socket.send(UdpLinks.to("127.0.0.1", receiver), out, 5, 5));
                assertTrue(receiver.awaitReadable(1_000));
                assertEquals(5, receiver.receive(in, CAPACITY_BYTES, datagrams));
                assertEquals(sockets.getFirst().port(), datagrams.remotePort);
            }
        } finally {
            sockets.forEach(LinuxUdpLink::close);
        }
    }

    /** Sockets that share a port would also share it with a second daemon's, and each would get half of the datagrams. */
    @Test
    void severalSocketsRefuseAPortThatOthersShare() throws Exception {
        List<LinuxUdpLink> sockets = several("127.0.0.1", 2);
        InetSocketAddress taken =
                UdpLinks.address("127.0.0.1", sockets.getFirst().port());
        try {
            for (int count = 1; count <= 3; count++) {
                int wanted = count;
                SystemCallException e = assertThrows(
                        SystemCallException.class,
                        () -> LinuxUdpLink.bindSeveral(taken, UdpOptions.defaults(), wanted, CHOICE));
                assertEquals(Errno.EADDRINUSE, e.errno());
                assertTrue(e.getMessage().contains("another daemon listens there"), e.getMessage());
            }
        } finally {
            sockets.forEach(LinuxUdpLink::close);
        }
        LinuxUdpLink.bindSeveral(taken, UdpOptions.defaults(), 2, CHOICE).forEach(LinuxUdpLink::close);
    }

    private static List<LinuxUdpLink> several(String address, int sockets) throws SystemCallException {
        return LinuxUdpLink.bindSeveral(UdpLinks.address(address, 0), UdpOptions.defaults(), sockets, CHOICE);
    }

    private static void datagram(long at, int word, int nibble, int last) {
        for (int i = 0; i < 40; i++) {
            OffHeap.putU8(at + i, 0xa5);
        }
        OffHeap.putI32(at + CHOICE.wordOffset(), word);
        OffHeap.putU8(at + CHOICE.byteOffset(), nibble << 4 | 0xb);
        OffHeap.putU8(at + 39, last);
    }

    private int put(String text) {
        OffHeap.copy(text.getBytes(), 0, out, text.length());
        return text.length();
    }

    private static String text(long at, int bytes) {
        byte[] copy = new byte[bytes];
        OffHeap.copy(at, copy, 0, bytes);
        return new String(copy);
    }

    private void pattern(int bytes) {
        for (int i = 0; i < bytes; i++) {
            OffHeap.putU8(out + i, i * 7 + (i >> 8));
        }
    }

    private void assertSame(int offset, int bytes) {
        for (int i = 0; i < bytes; i++) {
            assertEquals(OffHeap.u8(out + offset + i), OffHeap.u8(in + i), "byte " + (offset + i));
        }
    }

    private static long low(String ipv4) {
        return Endpoint.of(UdpLinks.address(ipv4, 1)).remoteLow();
    }

    private static boolean ipv6Loopback() throws IOException {
        NetworkInterface lo = NetworkInterface.getByInetAddress(InetAddress.getByName("::1"));
        return lo != null && lo.inetAddresses().anyMatch(Inet6Address.class::isInstance);
    }
}
