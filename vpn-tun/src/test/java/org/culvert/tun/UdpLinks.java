package org.culvert.tun;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** Addresses for sockets under test. */
final class UdpLinks {
    private UdpLinks() {}

    static InetSocketAddress address(String literal, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByName(literal), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static LinuxUdpLink bind(String literal) throws SystemCallException {
        return LinuxUdpLink.bind(address(literal, 0), UdpOptions.defaults());
    }

    /** The way to a socket bound to a wildcard or the same address. */
    static Endpoint to(String literal, UdpLink link) {
        return Endpoint.of(address(literal, link.port()));
    }
}
