package org.culvert.tun;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * {@link LanLink} by packet(7), one socket per interface and family, since the kernel forwards no multicast by itself and hands none on
 * with its source. UDP sockets that nothing is read from hold the memberships (IGMP, MLD), so that switches and network cards let the
 * frames through.
 */
public final class LinuxLanLink implements LanLink {
    private static final int ETHERNET_BYTES = 14;
    private static final int ETHERNET_SENDER = 6;
    private static final int ETHERNET_ADDRESS_BYTES = 6;
    private static final int IPV4_DESTINATION = 16;
    private static final int IPV6_DESTINATION = 24;
    private static final int IPV6_LAST_WORD = 12;

    // struct virtio_net_hdr
    private static final int NEEDS_CSUM = 1;
    private static final int CSUM_START = 6;

    private static final int BUFFER_BYTES = 1 << 20;

    private final Region memory = new Region(Region.ALIGNMENT_BYTES);
    private final int[] interfaces;
    private final List<Integer> descriptors = new ArrayList<>();
    private final int[] receivers;
    private final int sending;
    private final Wakeup wakeup;
    private long sender;
    private int next;
    private boolean closed;

    private LinuxLanLink(List<Link> links, List<InetAddress> groups) throws SystemCallException {
        interfaces = links.stream().mapToInt(Link::index).toArray();
        try (Region scratch = new Region(LanLayout.REQUEST_BYTES)) {
            int epoll = keep("epoll_create1", LibC.epoll_create1(LibC.O_CLOEXEC));
            sending = packetSocket(LibC.SOCK_DGRAM); // protocol 0: receives nothing
            List<Integer> opened = new ArrayList<>();
            for (boolean ipv4 : new boolean[] {true, false}) {
                List<byte[]> family = groups.stream()
                        .map(InetAddress::getAddress)
                        .filter(bytes -> bytes.length == AddressBytes.length(ipv4))
                        .toList();
                for (Link link : family.isEmpty() ? List.<Link>of() : links) {
                    opened.add(receiver(epoll, link, family, scratch.address()));
                }
            }
            receivers = opened.stream().mapToInt(Integer::intValue).toArray();
            for (InetAddress group : groups) {
                join(group, links, scratch.address());
            }
            wakeup = Wakeup.open(epoll);
        } catch (SystemCallException | RuntimeException | Error e) {
            closeDescriptors();
            memory.close();
            throw e;
        }
    }

    /**
     * Joins groups on interfaces of the calling thread's network namespace. Without any of either it only waits.
     *
     * @param links Ethernet, up
     * @param groups multicast addresses, none twice
     */
    public static LinuxLanLink open(List<Link> links, List<InetAddress> groups) throws SystemCallException {
        return new LinuxLanLink(links, groups);
    }

    private int packetSocket(int type) throws SystemCallException {
        // Protocol 0: nothing arrives before bind() has said what, by when the filter stands.
        return keep(
                "socket AF_PACKET", LibC.socket(PacketCapture.AF_PACKET, type | LibC.O_NONBLOCK | LibC.O_CLOEXEC, 0));
    }

    private int keep(String call, int fd) throws SystemCallException {
        if (fd < 0) {
            int errno = LibC.errno();
            String hint = errno == Errno.EPERM ? "needs root or CAP_NET_RAW" : Hints.descriptors(errno);
            throw new SystemCallException(call, "", errno, hint);
        }
        descriptors.add(fd);
        return fd;
    }

    private int receiver(int epoll, Link link, List<byte[]> groups, long scratch) throws SystemCallException {
        boolean ipv4 = groups.getFirst().length == 4;
        int fd = packetSocket(LibC.SOCK_RAW);
        OffHeap.putNativeI32(scratch, BUFFER_BYTES);
        // Best effort: a smaller buffer loses more of a burst that the rate limit would not let through anyway.
        LibC.setsockopt(fd, LibC.SOL_SOCKET, UdpSetup.SO_RCVBUF, scratch, Integer.BYTES);
        OffHeap.putNativeI32(scratch, 1);
        // With it the kernel says of a checksum that it is not finished yet, as a virtual machine's never is.
        require(
                LibC.setsockopt(fd, PacketCapture.SOL_PACKET, LanLayout.PACKET_VNET_HDR, scratch, Integer.BYTES),
                "PACKET_VNET_HDR",
                link);
        int errno = LanFilter.attach(fd, groups, ETHERNET_BYTES + (ipv4 ? IPV4_DESTINATION : IPV6_DESTINATION));
        if (errno != 0) {
            throw new SystemCallException("SO_ATTACH_FILTER", link.name(), errno, "");
        }
        putAddress(scratch, ipv4, link.index());
        require(LibC.bind(fd, scratch, PacketCapture.LL_BYTES), "bind AF_PACKET", link);
        OffHeap.fill(scratch, LanLayout.EVENT_ROOM, 0);
        OffHeap.putNativeI32(scratch + LanLayout.EVENTS, LanLayout.EPOLLIN);
        require(LibC.epoll_ctl(epoll, LanLayout.EPOLL_CTL_ADD, fd, scratch), "epoll_ctl", link);
        return fd;
    }

    private static void require(int result, String call, Link link) throws SystemCallException {
        if (result != 0) {
            throw new SystemCallException(call, link.name(), LibC.errno(), "");
        }
    }

    /** A socket for each group: the kernel allows 20 memberships per socket (igmp_max_memberships). */
    private void join(InetAddress group, List<Link> links, long scratch) throws SystemCallException {
        boolean ipv4 = group.getAddress().length == 4;
        int fd = keep("socket", LibC.socket(ipv4 ? LibC.AF_INET : LibC.AF_INET6, LibC.SOCK_DGRAM | LibC.O_CLOEXEC, 0));
        for (Link link : links) {
            OffHeap.fill(scratch, LanLayout.REQUEST_BYTES, 0);
            OffHeap.putNativeI32(scratch + LanLayout.REQUEST_INTERFACE, link.index());
            long address = scratch + LanLayout.REQUEST_GROUP;
            OffHeap.putNativeU16(address + SocketAddress.FAMILY, ipv4 ? LibC.AF_INET : LibC.AF_INET6);
            byte[] bytes = group.getAddress();
            OffHeap.copy(
                    bytes, 0, address + (ipv4 ? SocketAddress.IN_ADDRESS : SocketAddress.IN6_ADDRESS), bytes.length);
            int level = ipv4 ? MessageHeader.IPPROTO_IP : MessageHeader.IPPROTO_IPV6;
            int result = LibC.setsockopt(fd, level, LanLayout.MCAST_JOIN_GROUP, scratch, LanLayout.REQUEST_BYTES);
            if (result != 0) {
                throw new SystemCallException(
                        "MCAST_JOIN_GROUP", AddressText.of(group) + " on " + link.name(), LibC.errno(), "");
            }
        }
    }

    private static void putAddress(long at, boolean ipv4, int index) {
        OffHeap.fill(at, PacketCapture.LL_BYTES, 0);
        OffHeap.putNativeU16(at + PacketCapture.LL_FAMILY, PacketCapture.AF_PACKET);
        OffHeap.putU16(at + PacketCapture.LL_PROTOCOL, ipv4 ? LanLayout.ETH_P_IP : LanLayout.ETH_P_IPV6);
        OffHeap.putNativeI32(at + PacketCapture.LL_INDEX, index);
    }

    /** The interfaces in turn, so that a busy one does not silence the others. */
    @Override
    public int read(long address) {
        for (int tried = 0; tried < receivers.length; tried++) {
            int fd = receivers[next];
            next = (next + 1) % receivers.length;
            int bytes = (int) LibC.read(fd, address, READ_BYTES); // an error (an interface went down) is told once
            if (bytes > Tun.VNET_HEADER_BYTES + ETHERNET_BYTES) {
                return withoutEthernet(address, bytes);
            }
        }
        return -Errno.EAGAIN;
    }

    /** Moves the virtio_net_hdr over the Ethernet header: what it counts from is the packet's start then. */
    private int withoutEthernet(long header, int bytes) {
        sender = OffHeap.i64(header + Tun.VNET_HEADER_BYTES + ETHERNET_SENDER) >>> 16;
        if ((OffHeap.u8(header) & NEEDS_CSUM) != 0) {
            int start = OffHeap.nativeU16(header + CSUM_START);
            OffHeap.putNativeU16(header + CSUM_START, Math.max(0, start - ETHERNET_BYTES));
        }
        OffHeap.copy(header, header + ETHERNET_BYTES, Tun.VNET_HEADER_BYTES);
        return bytes - ETHERNET_BYTES;
    }

    @Override
    public int packetOffset() {
        return ETHERNET_BYTES;
    }

    @Override
    public long sender() {
        return sender;
    }

    @Override
    public int send(long packet, int bytes) {
        boolean ipv4 = OffHeap.u8(packet) >>> 4 == 4;
        long to = memory.address();
        int result = 0;
        for (int index : interfaces) {
            putAddress(to, ipv4, index);
            OffHeap.putU8(to + LanLayout.LL_ADDRESS_BYTES, ETHERNET_ADDRESS_BYTES);
            putGroupAddress(to + LanLayout.LL_ADDRESS, packet, ipv4);
            if (LibC.sendto(sending, packet, bytes, 0, to, PacketCapture.LL_BYTES) < 0) {
                result = -LibC.errno();
            }
        }
        return result;
    }

    /** RFC 1112 section 6.4: 01:00:5e and the lower 23 bits. RFC 2464 section 7: 33:33 and the last four bytes. */
    private static void putGroupAddress(long at, long packet, boolean ipv4) {
        if (ipv4) {
            int group = OffHeap.i32(packet + IPV4_DESTINATION);
            OffHeap.putU16(at, 0x0100);
            OffHeap.putI32(at + 2, 0x5e000000 | (group & 0x7f_ffff));
        } else {
            OffHeap.putU16(at, 0x3333);
            OffHeap.putI32(at + 2, OffHeap.i32(packet + IPV6_DESTINATION + IPV6_LAST_WORD));
        }
    }

    @Override
    public boolean awaitReadable(int timeoutMs) {
        return wakeup.awaitReadable(timeoutMs);
    }

    @Override
    public void wake() {
        wakeup.wake();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        wakeup.close();
        closeDescriptors();
        memory.close();
    }

    private void closeDescriptors() {
        descriptors.forEach(LibC::close);
        descriptors.clear();
    }
}
