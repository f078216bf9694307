package org.culvert.tun;

import java.net.InetSocketAddress;
import org.culvert.tun.memory.OffHeap;

/** The steps between an open UDP socket and a bound one. Used once, by one thread; borrows descriptor and memory. */
final class UdpSetup {
    // asm-generic/socket.h
    static final int SO_SNDBUF = 7;
    static final int SO_RCVBUF = 8;
    static final int SO_SNDBUFFORCE = 32;
    static final int SO_RCVBUFFORCE = 33;

    // linux/in.h, linux/in6.h
    static final int IP_MTU_DISCOVER = 10;
    static final int IPV6_MTU_DISCOVER = 23;
    static final int IPV6_V6ONLY = 26;

    private final int fd;
    private final boolean ipv6;
    private final InetSocketAddress local;
    private final long scratch;
    private final String text;

    UdpSetup(int fd, boolean ipv6, InetSocketAddress local, long scratch) {
        this.fd = fd;
        this.ipv6 = ipv6;
        this.local = local;
        this.scratch = scratch;
        this.text = Endpoint.of(local).toString();
    }

    /** FORCE goes past net.core.rmem_max and needs CAP_NET_ADMIN; without it the kernel gives what it allows. */
    void buffers(int bytes) throws SystemCallException {
        if (!set(LibC.SOL_SOCKET, SO_RCVBUFFORCE, bytes)) {
            require(LibC.SOL_SOCKET, SO_RCVBUF, bytes, "SO_RCVBUF");
        }
        if (!set(LibC.SOL_SOCKET, SO_SNDBUFFORCE, bytes)) {
            require(LibC.SOL_SOCKET, SO_SNDBUF, bytes, "SO_SNDBUF");
        }
    }

    /** IP level options of an IPv6 socket rule the IPv4 packets of a dual-stack one. */
    void addressing() throws SystemCallException {
        require(MessageHeader.IPPROTO_IP, IP_MTU_DISCOVER, Fragmentation.KERNEL.option(), "IP_MTU_DISCOVER");
        if (!ipv6) {
            require(MessageHeader.IPPROTO_IP, MessageHeader.IP_PKTINFO, 1, "IP_PKTINFO");
            require(MessageHeader.IPPROTO_IP, MessageHeader.IP_RECVTOS, 1, "IP_RECVTOS");
            return;
        }
        int alone = local.getAddress().isAnyLocalAddress() ? 0 : 1;
        require(MessageHeader.IPPROTO_IPV6, IPV6_V6ONLY, alone, "IPV6_V6ONLY");
        require(MessageHeader.IPPROTO_IPV6, IPV6_MTU_DISCOVER, Fragmentation.KERNEL.option(), "IPV6_MTU_DISCOVER");
        require(MessageHeader.IPPROTO_IPV6, MessageHeader.IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
        require(MessageHeader.IPPROTO_IPV6, MessageHeader.IPV6_RECVTCLASS, 1, "IPV6_RECVTCLASS");
        require(MessageHeader.IPPROTO_IP, MessageHeader.IP_RECVTOS, 1, "IP_RECVTOS");
    }

    /** Tells whether trains can be sent; that they can be received shows in what arrives. */
    boolean offloads(UdpOptions options) {
        if (options.coalescing()) {
            set(MessageHeader.SOL_UDP, MessageHeader.UDP_GRO, 1);
        }
        return options.segmentation() && knows(MessageHeader.SOL_UDP, MessageHeader.UDP_SEGMENT);
    }

    int bind() throws SystemCallException {
        if (LibC.bind(fd, scratch, SocketAddress.put(scratch, local)) != 0) {
            throw new SystemCallException("bind", text, LibC.errno(), bindHint(LibC.errno()));
        }
        long length = scratch + SocketAddress.IN6_BYTES;
        OffHeap.putNativeI32(length, SocketAddress.IN6_BYTES);
        if (LibC.getsockname(fd, scratch, length) != 0) {
            throw new SystemCallException("getsockname", text, LibC.errno(), "");
        }
        return OffHeap.u16(scratch + SocketAddress.PORT);
    }

    private static String bindHint(int errno) {
        return switch (errno) {
            case Errno.EADDRINUSE -> "another daemon listens there";
            case Errno.EADDRNOTAVAIL -> "no interface of this machine has that address";
            case Errno.EACCES -> "ports below 1024 need root or CAP_NET_BIND_SERVICE";
            default -> "";
        };
    }

    private void require(int level, int option, int value, String name) throws SystemCallException {
        if (!set(level, option, value)) {
            throw new SystemCallException("setsockopt", name + " " + text, LibC.errno(), "");
        }
    }

    private boolean set(int level, int option, int value) {
        OffHeap.putNativeI32(scratch, value);
        return LibC.setsockopt(fd, level, option, scratch, Integer.BYTES) == 0;
    }

    private boolean knows(int level, int option) {
        OffHeap.putNativeI32(scratch + Integer.BYTES, Integer.BYTES);
        return LibC.getsockopt(fd, level, option, scratch, scratch + Integer.BYTES) == 0;
    }
}
