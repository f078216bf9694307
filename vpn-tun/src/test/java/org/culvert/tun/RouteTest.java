package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

final class RouteTest {
    private static final InetAddress NETWORK =
            UdpLinks.address("2001:db8:2::", 1).getAddress();

    @Test
    void isWrittenAsIpRouteWritesIt() {
        InetAddress source = UdpLinks.address("2001:db8:1::5", 1).getAddress();
        InetAddress gateway = UdpLinks.address("fe80::9", 1).getAddress();
        assertEquals(
                "2001:db8:2::/48 via fe80::9 dev #7 src 2001:db8:1::5 metric 1024 mtu 1384 proto 148",
                new Route(NETWORK, 48, Route.Kind.UNICAST, 7, source, gateway, 1024, 148, 1384).toString());
        assertEquals(
                "unreachable 2001:db8:2::/48 metric 4294967295 proto 148",
                new Route(NETWORK, 48, Route.Kind.UNREACHABLE, 0, null, null, 0xffff_ffffL, 148, 0).toString());
    }

    @Test
    void refusesWhatTheKernelCouldNotKeep() {
        assertThrows(IllegalArgumentException.class, () -> route(129, 0));
        assertThrows(IllegalArgumentException.class, () -> route(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> route(48, -1));
        assertThrows(IllegalArgumentException.class, () -> route(48, 1L << 32));
        InetAddress ipv4 = UdpLinks.address("10.2.0.0", 1).getAddress();
        assertThrows(
                IllegalArgumentException.class,
                () -> new Route(ipv4, 33, Route.Kind.UNICAST, 7, null, null, 0, 148, 0));
    }

    private static Route route(int length, long metric) {
        return new Route(NETWORK, length, Route.Kind.UNICAST, 7, null, null, metric, 148, 0);
    }
}
