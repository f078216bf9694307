package org.culvert.tun;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** {@link UdpLink} by sendmsg and recvmsg (udp(7), ip(7), ipv6(7)). */
public final class LinuxUdpLink implements UdpLink {
    /** Sending and receiving thread write their halves all the time: two cache lines apart, prefetch included. */
    private static final int OUTGOING = 0;

    private static final int WRITABLE = 256;
    private static final int OPTION = 16; // behind its struct pollfd
    private static final int INCOMING = 384;
    private static final int ASIDE = INCOMING + MessageHeader.OWN_BYTES;
    private static final int MEMORY_BYTES = ASIDE + MessageHeader.OWN_BYTES;

    private final boolean ipv6;
    private final Region memory;
    private final OutgoingMessage outgoing;
    private final IncomingMessage incoming;
    private final OutgoingMessage aside;
    private final long writable;
    private final long option;
    private final Wakeup wakeup;
    private final int port;
    private int fd;
    private boolean segmentation;
    private Fragmentation fragmentation = Fragmentation.KERNEL;

    private LinuxUdpLink(int fd, boolean ipv6, Wakeup wakeup, boolean segmentation, int port) {
        this.fd = fd;
        this.ipv6 = ipv6;
        this.wakeup = wakeup;
        this.segmentation = segmentation;
        this.port = port;
        memory = new Region(MEMORY_BYTES);
        outgoing = new OutgoingMessage(memory.address() + OUTGOING, ipv6);
        incoming = new IncomingMessage(memory.address() + INCOMING);
        aside = new OutgoingMessage(memory.address() + ASIDE, ipv6);
        writable = memory.address() + WRITABLE;
        option = writable + OPTION;
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
        return open(local, options, false);
    }

    /**
     * Opens several sockets of one address and port. With more than one, another process of the same user could open one more; who has
     * the port already, in whatever way, is found out all the same.
     *
     * @param sockets 1 or more; 1 is as {@link #bind}
     * @param choice which socket is to get a datagram, by the order in the list
     */
    public static List<LinuxUdpLink> bindSeveral(
            InetSocketAddress local, UdpOptions options, int sockets, SocketChoice choice) throws SystemCallException {
        List<LinuxUdpLink> links = new ArrayList<>();
        try (Region scratch = new Region(Region.ALIGNMENT_BYTES)) {
            links.add(open(local, options, false)); // alone, so that it fails where anybody has the port
            if (sockets > 1) {
                ReusePort.allow(links.getFirst().fd, scratch.address());
                InetSocketAddress bound = new InetSocketAddress(local.getAddress(), links.getFirst().port);
                while (links.size() < sockets) {
                    links.add(open(bound, options, true));
                }
                ReusePort.choose(links.getFirst().fd, choice, sockets);
            }
            return links;
        } catch (SystemCallException | RuntimeException | Error e) {
            links.forEach(LinuxUdpLink::close);
            throw e;
        }
    }

    private static LinuxUdpLink open(InetSocketAddress local, UdpOptions options, boolean another)
            throws SystemCallException {
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
            UdpSetup setup = new UdpSetup(fd, ipv6, local, scratch.address());
            setup.buffers(options.bufferBytes());
            setup.addressing();
            boolean segmentation = setup.offloads(options);
            if (another) {
                ReusePort.allow(fd, scratch.address());
            }
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

    /** Has a message header of its own; the lock is with others like it and with {@link #close}, never with the sending thread. */
    @Override
    public synchronized int sendAside(Endpoint to, long address, int bytes) {
        if (fd < 0) {
            return -Errno.EBADF;
        }
        if (!ipv6 && !to.ipv4()) {
            return -Errno.EAFNOSUPPORT;
        }
        aside.prepare(to, address, bytes, bytes);
        long sent = LibC.sendmsg(fd, aside.address(), 0);
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

    /** A dual-stack socket needs both options: each family obeys its own. That setting fails once it was set before cannot be. */
    @Override
    public void fragmentation(Fragmentation mode) {
        if (mode == fragmentation || fd < 0) {
            return;
        }
        fragmentation = mode;
        OffHeap.putNativeI32(option, mode.option());
        LibC.setsockopt(fd, MessageHeader.IPPROTO_IP, UdpSetup.IP_MTU_DISCOVER, option, Integer.BYTES);
        if (ipv6) {
            LibC.setsockopt(fd, MessageHeader.IPPROTO_IPV6, UdpSetup.IPV6_MTU_DISCOVER, option, Integer.BYTES);
        }
    }

    @Override
    public void trafficClass(int bits) {
        outgoing.trafficClass(bits);
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
}
