package org.culvert.tun;

import static org.culvert.tun.LabExtension.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

@Lab
final class LinuxTunLabTest {
    private static final int CAPACITY_BYTES = Tun.VNET_HEADER_BYTES + 65_535;
    private static final TunOptions ALL = new TunOptions("culvert7", true, true, true, false);
    private static final TunOptions PLAIN = new TunOptions("culvert7", false, false, false, false);

    @Test
    void opensWithEveryOffload() throws Exception {
        try (LinuxTun tun = LinuxTun.open(ALL)) {
            assertEquals("culvert7", tun.name());
            assertTrue(tun.vnetHeader());
            assertTrue(tun.udpSegments());
            String shown = ip("-d link show dev culvert7");
            assertTrue(shown.startsWith(tun.interfaceIndex() + ": culvert7"), shown);
            assertTrue(shown.contains("tun type tun pi off vnet_hdr on"), shown);
            assertTrue(shown.contains("persist off"), shown);
        }
        assertFalse(ip("link show").contains("culvert7"));
    }

    @Test
    void readsWhatThePeerOfThePointToPointLinkIsSent() throws Exception {
        try (LinuxTun tun = up(PLAIN);
                Region packet = new Region(CAPACITY_BYTES)) {
            assertEquals(-Errno.EAGAIN, tun.read(packet.address(), CAPACITY_BYTES));
            sendUdp("198.51.100.77", 700);
            assertTrue(tun.awaitReadable(-1));
            assertEquals(20 + 8 + 700, tun.read(packet.address(), CAPACITY_BYTES));
            assertEquals(0x45, OffHeap.u8(packet.address()));
            assertEquals(0xc6336400 | 77, OffHeap.i32(packet.address() + 16));
            assertEquals(-Errno.EAGAIN, tun.read(packet.address(), CAPACITY_BYTES));
        }
    }

    @Test
    void readsTheVnetHeaderInFrontWithThePartialChecksumInIt() throws Exception {
        try (LinuxTun tun = up(ALL);
                Region packet = new Region(CAPACITY_BYTES)) {
            sendUdp("198.51.100.77", 700);
            long at = packet.address();
            assertEquals(10 + 20 + 8 + 700, tun.read(at, CAPACITY_BYTES));
            assertEquals(1, OffHeap.u8(at), "flags: NEEDS_CSUM");
            assertEquals(0, OffHeap.u8(at + 1), "gso_type: none");
            assertEquals(20, OffHeap.nativeU16(at + 6), "csum_start");
            assertEquals(6, OffHeap.nativeU16(at + 8), "csum_offset");
            assertEquals(0x45, OffHeap.u8(at + 10));
        }
    }

    @Test
    void readsSuperPacketsOnlyWhereAskedFor() throws Exception {
        assertEquals(10 + 20 + 8 + 3 * 1200, firstReadOfAUdpTrain(ALL));
        TunOptions single = new TunOptions("culvert7", true, true, false, false);
        assertEquals(10 + 20 + 8 + 1200, firstReadOfAUdpTrain(single));
        assertEquals(20 + 8 + 1200, firstReadOfAUdpTrain(PLAIN));
    }

    private static int firstReadOfAUdpTrain(TunOptions options) throws Exception {
        try (LinuxTun tun = up(options);
                LinuxUdpLink link = LinuxUdpLink.bind(UdpLinks.address("198.51.100.1", 0), UdpOptions.defaults());
                Region packet = new Region(CAPACITY_BYTES)) {
            Endpoint to = Endpoint.of(UdpLinks.address("198.51.100.77", 1640));
            assertEquals(3600, link.send(to, packet.address(), 3600, 1200));
            return tun.read(packet.address(), CAPACITY_BYTES);
        }
    }

    /** A persistent TUN remembers its offloads; without TUNSETOFFLOAD 0 the second reader would get a super-packet. */
    @Test
    void takesOverAPersistentTunWithoutItsOffloads() throws Exception {
        TunOptions first = new TunOptions("culvert7", true, true, true, true);
        int index;
        try (LinuxTun tun = LinuxTun.open(first)) {
            index = tun.interfaceIndex();
        }
        assertTrue(ip("-d link show dev culvert7").contains("persist on"));
        assertEquals(20 + 8 + 1200, firstReadOfAUdpTrain(new TunOptions("culvert7", false, false, false, true)));
        try (LinuxTun again = LinuxTun.open(first)) {
            assertEquals(index, again.interfaceIndex());
        }
    }

    /** QEMU, for one, sets 12, and a persistent TUN keeps it: each packet would start two bytes too late. */
    @Test
    void takesOverAPersistentTunWithItsOwnHeaderSize() throws Exception {
        TunOptions options = new TunOptions("culvert7", true, true, true, true);
        int other = LibC.open("/dev/net/tun", LibC.O_RDWR);
        try (Region ifreq = new Region(LinkIndex.IFREQ_BYTES)) {
            LinkIndex.putName("culvert7".getBytes(), ifreq.address());
            int flags = TunSetup.IFF_TUN | TunSetup.IFF_NO_PI | TunSetup.IFF_VNET_HDR;
            OffHeap.putNativeU16(ifreq.address() + LinkIndex.IFREQ_FLAGS, flags);
            assertEquals(0, LibC.ioctl(other, TunSetup.TUNSETIFF, ifreq.address()));
            assertEquals(0, LibC.ioctl(other, TunSetup.TUNSETPERSIST, 1));
            OffHeap.putNativeI32(ifreq.address(), 12);
            assertEquals(0, LibC.ioctl(other, TunSetup.TUNSETVNETHDRSZ, ifreq.address()));
        } finally {
            LibC.close(other);
        }
        try (LinuxTun tun = up(options);
                Region packet = new Region(CAPACITY_BYTES)) {
            sendUdp("198.51.100.77", 700);
            assertEquals(10 + 20 + 8 + 700, tun.read(packet.address(), CAPACITY_BYTES));
            assertEquals(0x45, OffHeap.u8(packet.address() + 10));
        }
    }

    @Test
    void writesAPacketGatheredFromPieces() throws Exception {
        try (LinuxTun tun = up(PLAIN);
                DatagramSocket socket = new DatagramSocket(2345, InetAddress.getByName("198.51.100.1"));
                Region memory = new Region(4096)) {
            long header = memory.address() + 64;
            long body = memory.address() + 1024;
            Packets.udp4(header, "198.51.100.77", "198.51.100.1", 5678, 2345, 5);
            OffHeap.copy("culvt".getBytes(), 0, body, 5);
            Packets.iovec(memory.address(), 0, header, 28);
            Packets.iovec(memory.address(), 1, body, 5);
            assertEquals(33, tun.write(memory.address(), 2));
            DatagramPacket received = new DatagramPacket(new byte[100], 100);
            socket.receive(received);
            assertEquals("culvt", new String(received.getData(), 0, received.getLength()));
            assertEquals(5678, received.getPort());
        }
    }

    @Test
    void answersWithErrnoWhatTheKernelRefuses() throws Exception {
        try (LinuxTun tun = up(PLAIN);
                Region memory = new Region(4096)) {
            Packets.iovec(memory.address(), 0, memory.address() + 64, 28);
            assertEquals(-Errno.EINVAL, tun.write(memory.address(), 1), "neither IPv4 nor IPv6");
            Packets.udp4(memory.address() + 64, "198.51.100.77", "198.51.100.1", 5678, 2345, 0);
            ip("link set culvert7 down");
            assertEquals(-Errno.EIO, tun.write(memory.address(), 1), "down");
            Packets.iovec(memory.address(), 0, 16, 28);
            assertEquals(-Errno.EFAULT, tun.write(memory.address(), 1), "not our memory");
        }
    }

    @Test
    void saysSoWhenTheInterfaceWasDeleted() throws Exception {
        try (LinuxTun tun = up(PLAIN);
                Region memory = new Region(4096)) {
            CountDownLatch waiting = new CountDownLatch(1);
            Thread deleter = new Thread(() -> {
                try {
                    waiting.await();
                    ip("link delete culvert7");
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            deleter.start();
            waiting.countDown();
            assertTrue(tun.awaitReadable(-1), "an error is something to read");
            assertEquals(-Errno.EBADFD, tun.read(memory.address(), 4096));
            Packets.iovec(memory.address(), 0, memory.address() + 64, 28);
            assertEquals(-Errno.EBADFD, tun.write(memory.address(), 1));
            deleter.join();
        }
    }

    @Test
    void wakesOneWaitAndRemembersAWakeBeforeIt() throws Exception {
        try (LinuxTun tun = up(PLAIN)) {
            tun.wake();
            tun.wake();
            assertFalse(tun.awaitReadable(-1), "woken before the wait");
            assertFalse(tun.awaitReadable(0), "both wakes are spent");
            Thread waker = new Thread(tun::wake);
            waker.start();
            assertFalse(tun.awaitReadable(-1), "woken from another thread");
            waker.join();
        }
    }

    @Test
    void isQuietAfterClose() throws Exception {
        LinuxTun tun = up(PLAIN);
        tun.close();
        tun.close();
        tun.wake();
        assertFalse(tun.awaitReadable(0));
        assertEquals(-Errno.EBADF, tun.read(16, 0));
    }

    @Test
    void refusesANameThatIsTaken() throws Exception {
        try (LinuxTun tun = LinuxTun.open(ALL)) {
            assertOpenFails(ALL, Errno.EBUSY, "TUNSETIFF culvert7: device or resource busy; an interface of that name");
            TunOptions persistent = new TunOptions("culvert7", true, true, true, true);
            assertOpenFails(persistent, Errno.EBUSY, "or another process holds this TUN");
            assertEquals("culvert7", tun.name());
        }
        ip("link add culvert8 type veth");
        TunOptions dummy = new TunOptions("culvert8", true, true, true, true);
        assertOpenFails(dummy, Errno.EINVAL, "an interface of another kind has it");
    }

    /** An answer is read from the queue that its question was written to. */
    @Test
    void aFlowStaysOnTheQueueItWasWrittenTo() throws Exception {
        TunOptions several = new TunOptions("culvert7", false, false, false, true, false);
        try (LinuxTun first = up(several);
                LinuxTun second = first.openQueue();
                LinuxTun third = first.openQueue();
                DatagramSocket socket = new DatagramSocket(2345, InetAddress.getByName("198.51.100.1"));
                Region memory = new Region(4096)) {
            assertEquals(first.interfaceIndex(), third.interfaceIndex());
            for (LinuxTun queue : List.of(second, third, first, third)) {
                Packets.udp4(memory.address() + 64, "198.51.100.77", "198.51.100.1", 5678, 2345, 0);
                Packets.iovec(memory.address(), 0, memory.address() + 64, 28);
                assertEquals(28, queue.write(memory.address(), 1));
                socket.setSoTimeout(5_000);
                DatagramPacket question = new DatagramPacket(new byte[64], 64);
                socket.receive(question);
                socket.send(new DatagramPacket(new byte[9], 9, question.getSocketAddress()));
                assertTrue(queue.awaitReadable(5_000));
                assertEquals(20 + 8 + 9, queue.read(memory.address() + 1024, 2048));
            }
        }
    }

    @Test
    void aPersistentTunHasOneQueueOrSeveral() throws Exception {
        TunOptions one = new TunOptions("culvert7", true, true, true, true);
        TunOptions several = new TunOptions("culvert7", true, true, true, true, true);
        LinuxTun.open(one).close();
        assertOpenFails(several, Errno.EINVAL, "as a TUN of one queue is when several are asked for");
        ip("tuntap del mode tun culvert7");
        LinuxTun.open(several).close();
        assertOpenFails(one, Errno.EINVAL, "and the other way round");
        try (LinuxTun first = LinuxTun.open(several);
                LinuxTun second = first.openQueue()) {
            assertEquals(first.name(), second.name());
        }
    }

    /** Somebody else's persistent TUN is not taken over by a gateway that did not ask for a persistent one. */
    @Test
    void refusesAPersistentTunThatIsNotItsOwn() throws Exception {
        ip("tuntap add mode tun culvert7");
        assertOpenFails(ALL, Errno.EBUSY, "an interface of that name exists");
    }

    @Test
    void refusesANameThatIsTooLongOrInvalid() throws Exception {
        TunOptions tooLong = new TunOptions("culvert-gateway0", true, true, true, false);
        assertOpenFails(tooLong, Errno.ENAMETOOLONG, "an interface name has at most 15 bytes");
        TunOptions slash = new TunOptions("cul/vert", true, true, true, false);
        assertOpenFails(slash, Errno.EINVAL, "the name is not a valid one");
        LinuxTun.open(new TunOptions("culvert-gatewa0", true, true, true, false))
                .close();
    }

    @Test
    void numbersANameThatAsksForIt() throws Exception {
        try (LinuxTun tun = LinuxTun.open(new TunOptions("cv%d", true, true, true, false))) {
            assertEquals("cv0", tun.name());
        }
    }

    @Test
    void leavesNoDescriptorOrInterfaceBehind() throws Exception {
        LinuxTun.open(ALL).close();
        TunOptions bad = new TunOptions("cul/vert", true, true, true, false);
        assertThrows(SystemCallException.class, () -> LinuxTun.open(bad));
        Descriptors.assertUnchanged(() -> {
            for (int i = 0; i < 50; i++) {
                LinuxTun.open(ALL).close();
                assertThrows(SystemCallException.class, () -> LinuxTun.open(bad));
            }
        });
        assertEquals(1, ip("-o link show").lines().count(), "only lo");
    }

    /** The first descriptor is /dev/net/tun, the second the eventfd; the third is wanted when the interface exists. */
    @Test
    void closesWhatCameBeforeTheStepThatFails() throws Exception {
        LinuxTun.open(ALL).close();
        TunOptions persistent = new TunOptions("culvert7", true, true, true, true);
        String[] steps = {"open /dev/net/tun", "eventfd", "socket AF_UNIX"};
        for (int i = 0; i < steps.length; i++) {
            int room = i;
            Descriptors.assertUnchanged(() -> {
                SystemCallException e = Descriptors.withRoomFor(
                        room, () -> assertThrows(SystemCallException.class, () -> LinuxTun.open(persistent)));
                assertEquals(
                        steps[room] + ": too many open files; raise the limit on open files (LimitNOFILE)",
                        e.getMessage());
            });
            assertEquals(1, ip("-o link show").lines().count(), "only lo, although the TUN was to be persistent");
        }
    }

    @Test
    void allocatesNothingPerCall() throws Exception {
        try (LinuxTun tun = up(PLAIN);
                Region memory = new Region(4096)) {
            Packets.udp4(memory.address() + 64, "198.51.100.77", "198.51.100.1", 5678, 2345, 0);
            Packets.iovec(memory.address(), 0, memory.address() + 64, 28);
            Allocation.assertNone("write", () -> assertEquals(28, tun.write(memory.address(), 1)));
            Allocation.assertNone("read", () -> {
                while (tun.read(memory.address() + 1024, 2048) > 0) {}
            });
            Allocation.assertNone("await", () -> tun.awaitReadable(0));
            Allocation.assertNone("wake", tun::wake);
        }
    }

    private static void assertOpenFails(TunOptions options, int errno, String text) {
        SystemCallException e = assertThrows(SystemCallException.class, () -> LinuxTun.open(options));
        assertEquals(errno, e.errno(), e.getMessage());
        assertTrue(e.getMessage().contains(text), e.getMessage());
    }

    /** An open TUN, up, 198.51.100.0/24 behind it, and silent: no IPv6. */
    private static LinuxTun up(TunOptions options) throws Exception {
        LinuxTun tun = LinuxTun.open(options);
        try (Netlink netlink = Netlink.open()) {
            netlink.setAddressGenerationNone(tun.interfaceIndex());
            netlink.setLinkUp(tun.interfaceIndex());
            ip("address replace 198.51.100.1/24 dev culvert7");
        }
        return tun;
    }

    private static void sendUdp(String to, int bytes) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            InetAddress address = Inet4Address.getByName(to);
            socket.send(new DatagramPacket(new byte[bytes], bytes, address, 1640));
        }
    }
}
