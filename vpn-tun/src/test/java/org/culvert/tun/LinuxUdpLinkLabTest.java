package org.culvert.tun;

import static org.culvert.tun.LabExtension.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

/** What needs addresses, routes and interfaces of its own; the rest is LinuxUdpLinkTest. */
@Lab
final class LinuxUdpLinkLabTest {
    private static final int CAPACITY_BYTES = 65_535;

    private final Datagrams datagrams = new Datagrams();

    @Test
    void answersOverTheLinkALinkLocalPeerIsOn() throws Exception {
        ip("link add left type veth peer name right");
        for (String end : new String[] {"left", "right"}) {
            ip("link set " + end + " addrgenmode none up");
        }
        ip("address add fe80::a/64 dev left nodad");
        ip("address add fe80::b/64 dev right nodad");
        try (LinuxUdpLink both = UdpLinks.bind("::");
                Netlink netlink = Netlink.open();
                Region memory = new Region(2 * CAPACITY_BYTES)) {
            int left = netlink.link("left").orElseThrow().index();
            int right = netlink.link("right").orElseThrow().index();
            Endpoint to = UdpLinks.to("fe80::b%" + left, both);
            assertEquals(3000, both.send(to, memory.address(), 3000, 1300));
            assertTrue(both.awaitReadable(-1));
            assertTrue(both.receive(memory.address(), CAPACITY_BYTES, datagrams) > 0);
            Endpoint back = datagrams.endpoint();
            assertEquals("[fe80::a%" + right + "]:" + both.port(), back.toString());
            assertEquals(right, back.localInterface());
            assertEquals(0xb, back.localLow());
            assertEquals(50, both.send(back, memory.address(), 50, 50));
        }
    }

    @Test
    void answersWithErrnoWhatTheKernelRefuses() throws Exception {
        wire();
        ip("route add unreachable 198.51.100.0/24");
        ip("route add prohibit 203.0.113.0/24");
        try (LinuxUdpLink link = UdpLinks.bind("0.0.0.0");
                Region memory = new Region(2 * CAPACITY_BYTES)) {
            long at = memory.address();
            assertEquals(-Errno.ENETUNREACH, link.send(to("10.99.0.1"), at, 9, 9), "no route");
            assertEquals(-Errno.EHOSTUNREACH, link.send(to("198.51.100.1"), at, 9, 9), "unreachable route");
            assertEquals(-Errno.EACCES, link.send(to("203.0.113.1"), at, 9, 9), "prohibited, or a broadcast");
            assertEquals(-Errno.EACCES, link.send(to("192.0.2.255"), at, 9, 9), "a broadcast");
            assertEquals(-Errno.EINVAL, link.send(to("192.0.2.2", 0), at, 9, 9), "port 0");
            assertEquals(-Errno.EMSGSIZE, link.send(to("192.0.2.2"), at, 65_508, 65_508), "no UDP datagram is so long");
            Endpoint notOurs = new Endpoint(0, to("192.0.2.2").remoteLow(), 1640, 0, 0, 0xffff_0808_0808L, 0);
            assertEquals(-Errno.ENETUNREACH, link.send(notOurs, at, 9, 9), "a local address that is not ours");
            assertEquals(9, link.send(to("192.0.2.2"), at, 9, 9), "and goes on");
        }
        try (LinuxUdpLink link = UdpLinks.bind("::");
                Region memory = new Region(64)) {
            Endpoint notOurs = new Endpoint(0, 1, 1640, 0, 0x2001_0db8L << 32, 8, 0);
            assertEquals(-Errno.EINVAL, link.send(notOurs, memory.address(), 9, 9), "a local address that is not ours");
        }
    }

    /** Singly such datagrams are fragmented (IP_PMTUDISC_WANT); as a train they are refused and must go singly. */
    @Test
    void refusesATrainOfSegmentsAboveTheMtu() throws Exception {
        wire();
        ip("link set left mtu 1300");
        try (LinuxUdpLink link = UdpLinks.bind("0.0.0.0");
                Region memory = new Region(2 * CAPACITY_BYTES)) {
            Endpoint to = to("192.0.2.2");
            assertEquals(3 * 1272, link.send(to, memory.address(), 3 * 1272, 1272), "28 bytes of headers fit");
            assertEquals(-Errno.EMSGSIZE, link.send(to, memory.address(), 3 * 1273, 1273));
            assertEquals(1273, link.send(to, memory.address(), 1273, 1273));
        }
    }

    /** Whether an egress device without checksum offload refuses trains (EIO) depends on the kernel: 6.11 stopped to. */
    @Test
    void sendsATrainOverADeviceWithoutOffloadsOrSaysEio() throws Exception {
        wire();
        Process ethtool = new ProcessBuilder("ethtool", "-K", "left", "tx", "off", "tso", "off", "gso", "off")
                .redirectErrorStream(true)
                .start();
        String output = new String(ethtool.getInputStream().readAllBytes());
        assertEquals(0, ethtool.waitFor(), output);
        try (LinuxUdpLink link = UdpLinks.bind("0.0.0.0");
                Region memory = new Region(2 * CAPACITY_BYTES)) {
            int sent = link.send(to("192.0.2.2"), memory.address(), 3000, 1200);
            if (sent == -Errno.EIO) {
                link.segmentationOff();
                assertEquals(1200, link.send(to("192.0.2.2"), memory.address(), 1200, 1200));
            } else {
                assertEquals(3000, sent);
            }
        }
    }

    /** Datagrams to a neighbour nobody has heard of yet stay in the socket's buffer. */
    @Test
    void saysWhenItsBufferIsFullAndWhenItHasRoomAgain() throws Exception {
        wire();
        UdpOptions small = new UdpOptions(true, true, 20_000);
        try (LinuxUdpLink link = LinuxUdpLink.bind(UdpLinks.address("0.0.0.0", 0), small);
                Region memory = new Region(2 * CAPACITY_BYTES)) {
            Endpoint silent = to("192.0.2.99");
            int sends = 0;
            int last = 0;
            while (last >= 0 && sends < 1000) {
                last = link.send(silent, memory.address(), 1400, 1400);
                sends++;
            }
            assertEquals(-Errno.EAGAIN, last);
            assertTrue(sends > 5, sends + " fit");
            assertFalse(link.awaitWritable(0));
            ip("neighbour replace 192.0.2.99 lladdr 02:00:00:00:00:99 dev left");
            assertTrue(link.awaitWritable(-1));
            assertEquals(1400, link.send(silent, memory.address(), 1400, 1400));
        }
    }

    private static void wire() throws Exception {
        ip("link add left up type veth peer name right");
        ip("link set right up");
        ip("address add 192.0.2.1/24 dev left");
        ip("neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev left");
    }

    private static Endpoint to(String address) {
        return to(address, 1640);
    }

    private static Endpoint to(String address, int port) {
        return Endpoint.of(UdpLinks.address(address, port));
    }
}
