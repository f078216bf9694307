package org.culvert.tun;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** {@link UdpLink} by sendmsg and recvmsg (udp(7), ip(7), ipv6(7)). */
public final class LinuxUdpLink implements UdpLink {
    // asm-generic/socket.h
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SO_RCVBUFFORCE = 33;

    // linux/in.h, linux/in6.h
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IPV6_MTU_DISCOVER = 23;
    private static final int PMTUDISC_WANT = 1;
    private static final int IPV6_V6ONLY = 26;

    /** Sending and receiving thread write their halves all the time: two cache lines apart, prefetch included. */
    private static final int OUTGOING = 0;

    private static final int WRITABLE = 256;
    private static final int INCOMING = 384;
    private static final int MEMORY_BYTES = INCOMING + MessageHeader.OWN_BYTES;

    private final boolean ipv6;
    private final Region memory;
    private final OutgoingMessage outgoing;
    private final IncomingMessage incoming;
    private final long writable;
    private final Wakeup wakeup;
    private final int port;
    private int fd;
    private boolean segmentation;

    private LinuxUdpLink(int fd, boolean ipv6, Wakeup wakeup, boolean segmentation, int port) {
        this.fd = fd;
        this.ipv6 = ipv6;
        this.wakeup = wakeup;
        this.segmentation = segmentation;
        this.port = port;
        memory = new Region(MEMORY_BYTES);
        outgoing = new OutgoingMessage(memory.address() + OUTGOING, ipv6);
        incoming = new IncomingMessage(memory.address() + INCOMING);
        writable = memory.address() + WRITABLE;
        OffHeap.putNativeI32(writable + Wakeup.POLLFD_FD, fd);
        OffHeap.putNativeU16(writable + Wakeup.POLLFD_EVENTS, Wakeup.POLLOUT);
    }

    /**
     * Opens a socket: IPv4 for an IPv4 address, both families for {@code [::]}, IPv6 alone for another IPv6 address.
     * Neither SO_REUSEADDR nor SO_REUSEPORT: nobody else shall be able to take datagrams of ours.
     *
     * @param local resolved; port 0 lets the kernel choose
     */
    public static LinuxUdpLink bind(InetSocketAddress local, UdpOptions options) throws SystemCallException {
        InetAddress address = local.getAddress();
        if (address == null) {
            throw new IllegalArgumentException(local.getHostString() + " is not resolved");
        }
        boolean ipv6 = !(address instanceof Inet4Address);
        int family = ipv6 ? LibC.AF_INET6 : LibC.AF_INET;
        int fd = LibC.socket(family, LibC.SOCK_DGRAM | LibC.O_NONBLOCK | LibC.O_CLOEXEC, 0);
        if (fd < 0) {
            throw new SystemCallException("socket", ipv6 ? "IPv6" : "IPv4", LibC.errno(), socketHint(LibC.errno()));
        }
        Wakeup wakeup = null;
        try (Region scratch = new Region(Region.ALIGNMENT_BYTES)) {
            Setup setup = new Setup(fd, ipv6, local, scratch.address());
            setup.buffers(options.bufferBytes());
            setup.addressing();
            boolean segmentation = setup.offloads(options);
            int port = setup.bind();
            wakeup = Wakeup.open(fd);
            return new LinuxUdpLink(fd, ipv6, wakeup, segmentation, port);
        } catch (SystemCallException | RuntimeException | Error e) {
            if (wakeup != null) {
                wakeup.close();
            }
            LibC.close(fd);
            throw e;
        }
    }

    private static String socketHint(int errno) {
        return errno == Errno.EAFNOSUPPORT
                ? "this kernel runs without it; listen on the other family"
                : Hints.descriptors(errno);
    }

    @Override
    public int send(Endpoint to, long address, int bytes, int segmentBytes) {
        if (fd < 0) {
            return -Errno.EBADF;
        }
        if (!ipv6 && !to.ipv4()) {
            return -Errno.EAFNOSUPPORT;
        }
        outgoing.prepare(to, address, bytes, segmentBytes);
        long sent = LibC.sendmsg(fd, outgoing.address(), 0);
        return sent >= 0 ? (int) sent : -LibC.errno();
    }

    @Override
    public int receive(long address, int capacityBytes, Datagrams into) {
        if (fd < 0) {
            return -Errno.EBADF;
        }
        incoming.prepare(address, capacityBytes);
        int bytes = (int) LibC.recvmsg(fd, incoming.address(), 0);
        if (bytes < 0) {
            return -LibC.errno();
        }
        if (incoming.truncated()) {
            return -Errno.EMSGSIZE;
        }
        incoming.describe(bytes, into);
        return bytes;
    }

    @Override
    public boolean segmentation() {
        return segmentation;
    }

    @Override
    public void segmentationOff() {
        segmentation = false;
    }

    @Override
    public boolean awaitReadable(int timeoutMs) {
        return fd >= 0 && wakeup.awaitReadable(timeoutMs);
    }

    @Override
    public void wake() {
        wakeup.wake();
    }

    @Override
    public boolean awaitWritable(int timeoutMs) {
        return fd >= 0 && LibC.poll(writable, 1, timeoutMs) > 0;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public synchronized void close() {
        if (fd < 0) {
            return;
        }
        wakeup.close();
        LibC.close(fd);
        fd = -1;
        memory.close();
    }

    /** The steps between an open socket and a bound one. */
    private static final class Setup {
        private final int fd;
        private final boolean ipv6;
        private final InetSocketAddress local;
        private final long scratch;
        private final String text;

        Setup(int fd, boolean ipv6, InetSocketAddress local, long scratch) {
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
            require(MessageHeader.IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_WANT, "IP_MTU_DISCOVER");
            if (!ipv6) {
                require(MessageHeader.IPPROTO_IP, MessageHeader.IP_PKTINFO, 1, "IP_PKTINFO");
                return;
            }
            int alone = local.getAddress().isAnyLocalAddress() ? 0 : 1;
            require(MessageHeader.IPPROTO_IPV6, IPV6_V6ONLY, alone, "IPV6_V6ONLY");
            require(MessageHeader.IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_WANT, "IPV6_MTU_DISCOVER");
            require(MessageHeader.IPPROTO_IPV6, MessageHeader.IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
        }

        /** @return whether trains can be sent; that they can be received shows in what arrives */
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
}
