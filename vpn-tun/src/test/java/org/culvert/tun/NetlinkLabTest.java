package org.culvert.tun;

import static org.culvert.tun.LabExtension.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Lab
final class NetlinkLabTest {
    private static final TunOptions TUN = new TunOptions("culvert7", true, true, true, false);
    private static final long WORST_METRIC = 0xffff_ffffL;

    @Test
    void listsLinks() throws Exception {
        ip("link add lan0 mtu 1300 type veth peer name lan1");
        try (Netlink netlink = Netlink.open()) {
            Link lo = netlink.link("lo").orElseThrow();
            assertTrue(lo.loopback() && lo.up() && lo.carrier());
            assertEquals(65_536, lo.mtuBytes());
            Link lan = netlink.link("lan0").orElseThrow();
            assertEquals(new Link(lan.index(), "lan0", 1300, false, false, false, true, "veth"), lan);
            assertEquals(Optional.empty(), netlink.link("lan2"));
            assertEquals(3, netlink.links().size());
        }
    }

    @Test
    void listsMoreLinksThanOneReadBrings() throws Exception {
        for (int i = 0; i < 60; i++) {
            ip("link add left" + i + " type veth peer name right" + i);
        }
        try (Netlink netlink = Netlink.open()) {
            assertEquals(121, netlink.links().size());
            Link last = netlink.link("right59").orElseThrow();
            assertEquals(Optional.of(last), netlink.link(last.index()));
            assertEquals(Optional.empty(), netlink.link(last.index() + 1_000));
        }
    }

    @Test
    void setsUpATunThatStaysSilent() throws Exception {
        try (LinuxTun tun = LinuxTun.open(TUN);
                Netlink netlink = Netlink.open()) {
            netlink.setMtu(tun.interfaceIndex(), 1393);
            netlink.setAddressGenerationNone(tun.interfaceIndex());
            netlink.setLinkUp(tun.interfaceIndex());
            Link link = netlink.link("culvert7").orElseThrow();
            assertEquals(new Link(tun.interfaceIndex(), "culvert7", 1393, true, true, false, false, "tun"), link);
            assertTrue(ip("-d link show dev culvert7").contains("addrgenmode none"));
            assertEquals("", ip("-6 address show dev culvert7"), "no link-local address");
        }
    }

    @Test
    void doesNotMindThatIpv6IsOff() throws Exception {
        try (LinuxTun tun = LinuxTun.open(TUN);
                Netlink netlink = Netlink.open()) {
            netlink.setMtu(tun.interfaceIndex(), 1000); // too small for IPv6: the kernel takes it off the interface
            netlink.setAddressGenerationNone(tun.interfaceIndex());
        }
    }

    @Test
    void namesWhatALinkChangeFailedOn() throws Exception {
        try (Netlink netlink = Netlink.open()) {
            SystemCallException gone = assertThrows(SystemCallException.class, () -> netlink.setMtu(4711, 1400));
            assertEquals("RTM_NEWLINK #4711 mtu 1400: no such device; the interface was deleted", gone.getMessage());
            int lo = netlink.link("lo").orElseThrow().index();
            SystemCallException small = assertThrows(SystemCallException.class, () -> netlink.setMtu(lo, -5));
            assertEquals(Errno.EINVAL, small.errno());
            assertTrue(small.getMessage().contains("invalid argument; "), "the kernel's words: " + small.getMessage());
        }
    }

    @Test
    void listsAddresses() throws Exception {
        wire("lan0");
        ip("address add 10.1.0.1/24 dev lan0");
        ip("address add 10.9.0.1 peer 10.9.0.2/31 dev lan0");
        ip("address add 2001:db8:1::5/56 dev lan0 nodad");
        try (Netlink netlink = Netlink.open()) {
            int lan = netlink.link("lan0").orElseThrow().index();
            List<Address> addresses = netlink.addresses();
            assertTrue(addresses.contains(new Address(lan, address("10.1.0.1"), 24)), addresses.toString());
            assertTrue(addresses.contains(new Address(lan, address("10.9.0.1"), 31)), "ours, not the peer's");
            assertTrue(addresses.contains(new Address(lan, address("2001:db8:1::5"), 56)), addresses.toString());
            assertTrue(addresses.contains(new Address(1, address("127.0.0.1"), 8)), addresses.toString());
        }
    }

    @Test
    void addsReadsAndDeletesRoutesOfBothFamilies() throws Exception {
        wire("lan0");
        ip("address add 10.1.0.1/24 dev lan0");
        ip("address add 2001:db8:1::5/64 dev lan0 nodad");
        try (LinuxTun tun = LinuxTun.open(TUN);
                Netlink netlink = Netlink.open()) {
            netlink.setAddressGenerationNone(tun.interfaceIndex());
            netlink.setLinkUp(tun.interfaceIndex());
            Route four = unicast("10.2.0.0", 16, tun, "10.1.0.1", 37, 1404);
            Route six = unicast("2001:db8:2::", 48, tun, "2001:db8:1::5", 38, 1384);
            Route all = unicast("0.0.0.0", 0, tun, null, 0, 0);
            for (Route route : List.of(four, six, all)) {
                netlink.addRoute(route);
                assertTrue(netlink.routes().contains(route), route + " in " + netlink.routes());
            }
            String shown = ip("route show dev culvert7").replace(" linkdown", "");
            assertTrue(shown.contains("10.2.0.0/16 proto 148 scope link src 10.1.0.1 metric 37 mtu 1404"), shown);
            shown = ip("-6 route show dev culvert7");
            assertTrue(shown.contains("2001:db8:2::/48 proto 148 src 2001:db8:1::5 metric 38 mtu 1384"), shown);
            for (Route route : List.of(four, six, all)) {
                assertTrue(netlink.deleteRoute(route), "was there: " + route);
                assertFalse(netlink.deleteRoute(route), "is gone: " + route);
            }
            assertTrue(netlink.routes().stream().noneMatch(r -> r.protocol() == Netlink.PROTOCOL_CULVERT));
        }
    }

    @Test
    void keepsUnreachableGuardsBehindTheRoutes() throws Exception {
        try (LinuxTun tun = LinuxTun.open(TUN);
                Netlink netlink = Netlink.open()) {
            netlink.setLinkUp(tun.interfaceIndex());
            Route guard4 = unreachable("10.2.0.0", 16);
            Route guard6 = unreachable("2001:db8:2::", 48);
            Route four = unicast("10.2.0.0", 16, tun, null, 0, 0);
            Route six = unicast("2001:db8:2::", 48, tun, null, 1024, 0);
            for (Route route : List.of(guard4, guard6, four, six)) {
                netlink.addRoute(route);
            }
            assertTrue(netlink.routes().containsAll(List.of(guard4, guard6, four, six)), "" + netlink.routes());
            assertEquals(four.interfaceIndex(), routeTo(netlink, "10.2.3.4").interfaceIndex());
            assertTrue(netlink.deleteRoute(four));
            assertTrue(netlink.deleteRoute(six));
            assertTrue(netlink.routes().containsAll(List.of(guard4, guard6)), "" + netlink.routes());
            assertEquals(Optional.empty(), netlink.routeTo(address("10.2.3.4")));
            assertEquals(Optional.empty(), netlink.routeTo(address("2001:db8:2::1")));
            assertTrue(ip("route show type unreachable").contains("10.2.0.0/16 proto 148 metric 4294967295"));
            assertTrue(netlink.deleteRoute(guard4));
            assertTrue(netlink.deleteRoute(guard6));
        }
    }

    /** The same destination twice, one deleted by its properties: the other must be the one that stays. */
    @Test
    void deletesOnlyTheRouteWithAllProperties() throws Exception {
        try (LinuxTun tun = LinuxTun.open(TUN);
                Netlink netlink = Netlink.open()) {
            netlink.setAddressGenerationNone(tun.interfaceIndex());
            netlink.setLinkUp(tun.interfaceIndex());
            ip("route add 10.2.0.0/16 dev culvert7 metric 5 proto static");
            ip("route add 2001:db8:2::/48 dev culvert7 proto static");
            assertFalse(netlink.deleteRoute(unicast("10.2.0.0", 16, tun, null, 5, 0)), "another protocol");
            assertFalse(netlink.deleteRoute(unicast("2001:db8:2::", 48, tun, null, 0, 0)), "another protocol");
            netlink.addRoute(unicast("2001:db8:3::", 48, tun, null, 77, 0));
            assertFalse(netlink.deleteRoute(unicast("2001:db8:3::", 48, tun, null, 0, 0)), "another metric");
            assertEquals(
                    3,
                    netlink.routes().stream()
                            .filter(r -> r.prefixLength() % 16 == 0)
                            .count());
        }
    }

    @Test
    void addRefusesWhatReplaceReplaces() throws Exception {
        try (LinuxTun tun = LinuxTun.open(TUN);
                Netlink netlink = Netlink.open()) {
            netlink.setLinkUp(tun.interfaceIndex());
            for (String network : List.of("10.2.0.0", "2001:d00::")) {
                Route first = unicast(network, 24, tun, null, 39, 1400);
                Route second = unicast(network, 24, tun, null, 39, 1300);
                netlink.addRoute(first);
                SystemCallException e = assertThrows(SystemCallException.class, () -> netlink.addRoute(second));
                assertEquals(Errno.EEXIST, e.errno());
                assertEquals(
                        "RTM_NEWROUTE " + second + ": file exists; a route to it with this metric exists already",
                        e.getMessage());
                netlink.replaceRoute(second);
                assertTrue(netlink.routes().contains(second));
                assertFalse(netlink.routes().contains(first));
            }
        }
    }

    @Test
    void namesWhatARouteFailedOn() throws Exception {
        try (LinuxTun tun = LinuxTun.open(TUN);
                Netlink netlink = Netlink.open()) {
            Route route = unicast("10.2.0.0", 16, tun, null, 0, 0);
            SystemCallException down = assertThrows(SystemCallException.class, () -> netlink.addRoute(route));
            assertEquals(
                    "RTM_NEWROUTE 10.2.0.0/16 dev #" + tun.interfaceIndex()
                            + " proto 148: network is down; the interface is down",
                    down.getMessage());
            netlink.setLinkUp(tun.interfaceIndex());
            Route foreign = unicast("10.2.0.0", 16, tun, "10.7.7.7", 0, 0);
            SystemCallException source = assertThrows(SystemCallException.class, () -> netlink.addRoute(foreign));
            assertTrue(source.getMessage().endsWith("invalid argument; Invalid prefsrc address"), source.getMessage());
        }
    }

    @Test
    void tellsWhatTheKernelWouldUse() throws Exception {
        wire("wan0");
        ip("address add 192.0.2.1/24 dev wan0");
        ip("address add 2001:db8::1/64 dev wan0 nodad");
        ip("route add default via 192.0.2.254");
        ip("route add blackhole 203.0.113.0/25");
        ip("route add prohibit 203.0.113.128/25");
        try (Netlink netlink = Netlink.open()) {
            int wan = netlink.link("wan0").orElseThrow().index();
            Route direct = routeTo(netlink, "192.0.2.77");
            assertEquals(Route.Kind.UNICAST, direct.kind());
            assertEquals(wan, direct.interfaceIndex());
            assertEquals(address("192.0.2.1"), direct.preferredSource());
            assertEquals(
                    address("192.0.2.254"), routeTo(netlink, "198.51.100.9").gateway());
            assertEquals(Route.Kind.LOCAL, routeTo(netlink, "192.0.2.1").kind());
            assertEquals(Route.Kind.LOCAL, routeTo(netlink, "127.0.0.9").kind());
            assertEquals(Route.Kind.LOCAL, routeTo(netlink, "2001:db8::1").kind());
            assertEquals(Route.Kind.OTHER, routeTo(netlink, "192.0.2.255").kind(), "broadcast");
            assertEquals(wan, routeTo(netlink, "2001:db8::77").interfaceIndex());
            assertEquals(Optional.empty(), netlink.routeTo(address("2001:db8:9::77")), "no IPv6 default");
            assertEquals(Optional.empty(), netlink.routeTo(address("203.0.113.1")), "blackhole");
            assertEquals(Optional.empty(), netlink.routeTo(address("203.0.113.200")), "prohibit");
        }
    }

    @Test
    void readsRoutesItWouldNotMake() throws Exception {
        wire("wan0");
        ip("address add 192.0.2.1/24 dev wan0");
        ip("address add 2001:db8::1/64 dev wan0 nodad");
        ip("route add 10.3.0.0/16 nexthop via 192.0.2.2 dev wan0 nexthop via 192.0.2.3 dev wan0");
        ip("route add 10.4.0.0/16 via inet6 2001:db8::4 dev wan0");
        ip("route add blackhole 10.5.0.0/16");
        ip("route add 10.6.0.0/16 dev wan0 table 1000");
        try (Netlink netlink = Netlink.open()) {
            int wan = netlink.link("wan0").orElseThrow().index();
            List<Route> routes = netlink.routes();
            assertEquals(address("192.0.2.2"), to(routes, "10.3.0.0").gateway(), "the first of two");
            assertEquals(wan, to(routes, "10.3.0.0").interfaceIndex());
            assertEquals(address("2001:db8::4"), to(routes, "10.4.0.0").gateway());
            assertEquals(Route.Kind.OTHER, to(routes, "10.5.0.0").kind());
            assertTrue(routes.stream().noneMatch(r -> r.destination().equals(address("10.6.0.0"))), "table 1000");
            assertEquals(2, to(routes, "192.0.2.0").protocol(), "the kernel's own");
        }
    }

    /** Another process of root can write to our socket. It must not be able to say that something succeeded. */
    @Test
    void believesTheKernelOnly() throws Exception {
        try (Netlink netlink = Netlink.open();
                Region memory = new Region(128)) {
            long to = memory.address() + 64;
            int forged = Packets.put(memory.address(), "14000000 0200 0000 01000000 00000000 00000000");
            OffHeap.putNativeU16(to, LibC.AF_NETLINK);
            // The first socket of a namespace gets the process's number as its port (netlink(7)).
            OffHeap.putNativeI32(
                    to + NetlinkSocket.NL_PORT, (int) ProcessHandle.current().pid());
            int other = LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW, NetlinkSocket.NETLINK_ROUTE);
            long sent = LibC.sendto(other, memory.address(), forged, 0, to, NetlinkSocket.NL_BYTES);
            LibC.close(other);
            assertEquals(forged, sent);
            assertThrows(SystemCallException.class, () -> netlink.setMtu(4711, 1400));
        }
    }

    @Test
    void deletesLinks() throws Exception {
        try (LinuxTun tun = LinuxTun.open(new TunOptions("culvert7", true, true, true, true));
                Netlink netlink = Netlink.open()) {
            netlink.deleteLink(tun.interfaceIndex());
            assertEquals(Optional.empty(), netlink.link("culvert7"));
            assertThrows(SystemCallException.class, () -> netlink.deleteLink(tun.interfaceIndex()));
        }
    }

    @Test
    void leavesNoDescriptorBehind() throws Exception {
        Descriptors.assertUnchanged(() -> {
            for (int i = 0; i < 50; i++) {
                Netlink.open().close();
                NetlinkWatch.open().close();
            }
        });
        Descriptors.assertUnchanged(() -> Descriptors.withRoomFor(
                0,
                () -> assertThrows(
                        SystemCallException.class, () -> Netlink.open().close())));
        Descriptors.assertUnchanged(() -> Descriptors.withRoomFor(
                1,
                () -> assertThrows(
                        SystemCallException.class, () -> NetlinkWatch.open().close())));
    }

    private static Route unicast(
            String network, int length, LinuxTun tun, @Nullable String source, long metric, int mtuBytes) {
        return new Route(
                address(network),
                length,
                Route.Kind.UNICAST,
                tun.interfaceIndex(),
                source == null ? null : address(source),
                null,
                metric,
                Netlink.PROTOCOL_CULVERT,
                mtuBytes);
    }

    private static Route unreachable(String network, int length) {
        int protocol = Netlink.PROTOCOL_CULVERT;
        return new Route(address(network), length, Route.Kind.UNREACHABLE, 0, null, null, WORST_METRIC, protocol, 0);
    }

    /** An interface with carrier. */
    private static void wire(String name) throws Exception {
        ip("link add " + name + " up type veth peer name far-" + name);
        ip("link set far-" + name + " up");
    }

    private static Route routeTo(Netlink netlink, String address) throws SystemCallException {
        return netlink.routeTo(address(address)).orElseThrow();
    }

    private static Route to(List<Route> routes, String network) {
        return routes.stream()
                .filter(route -> route.destination().equals(address(network)))
                .findFirst()
                .orElseThrow();
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
