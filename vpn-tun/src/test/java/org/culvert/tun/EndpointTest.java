package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EndpointTest {
    /** RFC 5952 sections 4 and 6. */
    @ParameterizedTest
    @CsvSource({
        "192.0.2.7, 192.0.2.7:1640",
        "255.254.253.252, 255.254.253.252:1640",
        "::ffff:192.0.2.7, 192.0.2.7:1640",
        "2001:0db8:0:0:0:0:0:0001, [2001:db8::1]:1640",
        "2001:db8:0:1:1:1:1:1, [2001:db8:0:1:1:1:1:1]:1640",
        "2001:0:0:1:0:0:0:1, [2001:0:0:1::1]:1640",
        "2001:db8:0:0:1:0:0:1, [2001:db8::1:0:0:1]:1640",
        "2001:DB8:AbCd:0:0:0:0:0, [2001:db8:abcd::]:1640",
        "0:0:0:0:0:0:0:0, [::]:1640",
        "0:0:0:0:0:0:0:1, [::1]:1640",
        "1:0:0:0:0:0:0:0, [1::]:1640",
        "0:0:3:4:5:6:7:8, [::3:4:5:6:7:8]:1640",
        "1:2:3:4:5:6:0:0, [1:2:3:4:5:6::]:1640",
        "fe80::a:b:c:d%3, [fe80::a:b:c:d%3]:1640",
    })
    void isWrittenCanonically(String address, String text) {
        Endpoint endpoint = Endpoint.of(UdpLinks.address(address, 1640));
        assertEquals(text, endpoint.toString());
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.7, true", "2001:db8::7:8:9, false", "fe80::a:b:c:d%3, false"})
    void survivesTheWayToAJavaAddressAndBack(String address, boolean ipv4) {
        InetSocketAddress remote = UdpLinks.address(address, 51_640);
        Endpoint endpoint = Endpoint.of(remote);
        assertEquals(ipv4, endpoint.ipv4());
        assertEquals(remote, endpoint.remote());
        assertEquals(endpoint, Endpoint.of(endpoint.remote()));
    }

    @Test
    void keepsTheScopeOfALinkLocalAddress() {
        Endpoint endpoint = Endpoint.of(UdpLinks.address("fe80::1%3", 1640));
        assertEquals(3, endpoint.remoteScope());
        assertEquals(3, ((Inet6Address) endpoint.remote().getAddress()).getScopeId());
    }

    @Test
    void keepsIpv4AsMapped() {
        Endpoint endpoint = Endpoint.of(UdpLinks.address("192.0.2.7", 1640));
        assertEquals(0, endpoint.remoteHigh());
        assertEquals(0xffff_c000_0207L, endpoint.remoteLow());
        assertFalse(new Endpoint(1, 0xffff_c000_0207L, 1, 0, 0, 0, 0).ipv4());
        assertFalse(new Endpoint(0, 0xfffe_c000_0207L, 1, 0, 0, 0, 0).ipv4());
    }

    @Test
    void refusesWhatIsNoAddress() {
        InetSocketAddress name = InetSocketAddress.createUnresolved("gateway.example", 1640);
        assertThrows(IllegalArgumentException.class, () -> Endpoint.of(name));
        assertThrows(IllegalArgumentException.class, () -> new Endpoint(0, 1, 65_536, 0, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Endpoint(0, 1, -1, 0, 0, 0, 0));
    }

    @Test
    void ofDatagramsIsMadeOnlyWhenAnyPartOfTheWayChanged() {
        Datagrams datagrams = new Datagrams();
        fill(datagrams);
        Endpoint first = datagrams.endpoint();
        assertEquals(new Endpoint(11, 12, 13, 14, 15, 16, 17), first);
        assertSame(first, datagrams.endpoint());
        assertTrue(datagrams.sameRemote(first));
        Runnable[] changes = {
            () -> datagrams.remoteHigh++,
            () -> datagrams.remoteLow++,
            () -> datagrams.remotePort++,
            () -> datagrams.remoteScope++,
            () -> datagrams.localHigh++,
            () -> datagrams.localLow++,
            () -> datagrams.localInterface++,
        };
        for (int i = 0; i < changes.length; i++) {
            fill(datagrams);
            changes[i].run();
            assertFalse(datagrams.sameRemote(first), "change " + i);
            assertNotEquals(first, datagrams.endpoint(), "change " + i);
        }
        fill(datagrams);
        assertEquals(first, datagrams.endpoint());
        assertNotSame(first, datagrams.endpoint());
    }

    /** A stranger can send from port 0; describing him must not throw on the data path. */
    @Test
    void ofAStrangerMayHavePort0() {
        Datagrams datagrams = new Datagrams();
        datagrams.remoteLow = 0xffff_c000_0207L;
        assertEquals("192.0.2.7:0", datagrams.endpoint().toString());
    }

    private static void fill(Datagrams datagrams) {
        datagrams.remoteHigh = 11;
        datagrams.remoteLow = 12;
        datagrams.remotePort = 13;
        datagrams.remoteScope = 14;
        datagrams.localHigh = 15;
        datagrams.localLow = 16;
        datagrams.localInterface = 17;
    }
}
