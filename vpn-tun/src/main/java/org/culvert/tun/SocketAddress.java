package org.culvert.tun;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.culvert.tun.memory.OffHeap;

/** {@code struct sockaddr_in} and {@code sockaddr_in6} (linux/in.h, linux/in6.h) in native memory. Stateless. */
final class SocketAddress {
    static final int FAMILY = 0; // both; native order
    static final int PORT = 2; // both; big endian

    static final int IN_ADDRESS = 4;
    static final int IN_BYTES = 16;

    static final int IN6_FLOWINFO = 4;
    static final int IN6_ADDRESS = 8;
    static final int IN6_SCOPE_ID = 24;
    static final int IN6_BYTES = 28;

    /** The upper half's lower word of a v4-mapped address, in place. */
    private static final long MAPPED = 0xffff_0000_0000L;

    private SocketAddress() {}

    /** Writes an IPv4 destination. @return its length */
    static int putIpv4(long at, Endpoint to) {
        OffHeap.putNativeU16(at + FAMILY, LibC.AF_INET);
        OffHeap.putU16(at + PORT, to.remotePort());
        OffHeap.putI32(at + IN_ADDRESS, (int) to.remoteLow());
        OffHeap.putNativeI64(at + 8, 0);
        return IN_BYTES;
    }

    /** Writes an IPv6 destination, which may be v4-mapped. @return its length */
    static int putIpv6(long at, Endpoint to) {
        OffHeap.putNativeU16(at + FAMILY, LibC.AF_INET6);
        OffHeap.putU16(at + PORT, to.remotePort());
        OffHeap.putNativeI32(at + IN6_FLOWINFO, 0);
        OffHeap.putI64(at + IN6_ADDRESS, to.remoteHigh());
        OffHeap.putI64(at + IN6_ADDRESS + 8, to.remoteLow());
        OffHeap.putNativeI32(at + IN6_SCOPE_ID, to.remoteScope());
        return IN6_BYTES;
    }

    /** Writes a local address to bind to. @return its length */
    static int put(long at, InetSocketAddress local) {
        InetAddress address = local.getAddress();
        byte[] bytes = address.getAddress();
        OffHeap.fill(at, IN6_BYTES, 0);
        OffHeap.putU16(at + PORT, local.getPort());
        if (address instanceof Inet4Address) {
            OffHeap.putNativeU16(at + FAMILY, LibC.AF_INET);
            OffHeap.copy(bytes, 0, at + IN_ADDRESS, bytes.length);
            return IN_BYTES;
        }
        OffHeap.putNativeU16(at + FAMILY, LibC.AF_INET6);
        OffHeap.copy(bytes, 0, at + IN6_ADDRESS, bytes.length);
        OffHeap.putNativeI32(at + IN6_SCOPE_ID, ((Inet6Address) address).getScopeId());
        return IN6_BYTES;
    }

    /** Reads a sender of either family. */
    static void remote(long at, Datagrams into) {
        into.remotePort = OffHeap.u16(at + PORT);
        if (OffHeap.nativeU16(at + FAMILY) == LibC.AF_INET) {
            into.remoteHigh = 0;
            into.remoteLow = mapped(OffHeap.u32(at + IN_ADDRESS));
            into.remoteScope = 0;
            return;
        }
        into.remoteHigh = OffHeap.i64(at + IN6_ADDRESS);
        into.remoteLow = OffHeap.i64(at + IN6_ADDRESS + 8);
        into.remoteScope = OffHeap.nativeI32(at + IN6_SCOPE_ID);
    }

    /** fe80::/10, RFC 4291 section 2.5.6. */
    static boolean linkLocal(long high) {
        return high >>> 54 == 0xfe80 >>> 6;
    }

    static long mapped(long ipv4) {
        return MAPPED | ipv4;
    }
}
