package org.culvert.tun;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * Asks one host whether it is there, by ICMP echo (RFC 792, RFC 4443 section 4). Uses the kernel's socket for that, which needs no
 * privilege but a permission, {@code net.ipv4.ping_group_range}; where that is missing a raw socket, which needs CAP_NET_RAW. One thread.
 */
public final class IcmpEcho implements AutoCloseable {
    static final int IPPROTO_ICMP = 1;
    static final int IPPROTO_ICMPV6 = 58;

    // The message: type, code, checksum, identifier, sequence; 16 bytes with a payload that says nothing
    private static final int CHECKSUM = 2;
    private static final int IDENTIFIER = 4;
    private static final int SEQUENCE = 6;
    private static final int BYTES = 16;
    private static final int ECHO = 8;
    private static final int ECHO_REPLY = 0;
    private static final int ECHO_V6 = 128;
    private static final int ECHO_REPLY_V6 = 129;

    private static final int POLLFD = 0;
    private static final int NAME = 8;
    private static final int NAME_BYTES = 36;
    private static final int FROM = 40;
    private static final int FROM_BYTES = 68;
    private static final int MESSAGE = 72;
    private static final int BUFFER = 128;
    private static final int BUFFER_BYTES = 1_024;

    private final Region memory = new Region(BUFFER + BUFFER_BYTES);
    private final long base = memory.address();
    private final byte[] host;
    private final boolean raw;
    private final int identifier = ThreadLocalRandom.current().nextInt(1 << 16);
    private int fd;

    private IcmpEcho(int fd, boolean raw, InetAddress host) {
        this.fd = fd;
        this.raw = raw;
        this.host = host.getAddress();
        OffHeap.putNativeI32(base + POLLFD + Wakeup.POLLFD_FD, fd);
        OffHeap.putNativeU16(base + POLLFD + Wakeup.POLLFD_EVENTS, Wakeup.POLLIN);
        OffHeap.putNativeI32(base + NAME_BYTES, SocketAddress.put(base + NAME, new InetSocketAddress(host, 0)));
        OffHeap.putNativeU16(base + NAME, ipv4() ? LibC.AF_INET : LibC.AF_INET6);
    }

    /** Opens in the calling thread's network namespace. Sends nothing. */
    public static IcmpEcho open(InetAddress host) throws SystemCallException {
        boolean ipv4 = host.getAddress().length == 4;
        int family = ipv4 ? LibC.AF_INET : LibC.AF_INET6;
        int protocol = ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
        int flags = LibC.O_NONBLOCK | LibC.O_CLOEXEC;
        int fd = LibC.socket(family, LibC.SOCK_DGRAM | flags, protocol);
        if (fd >= 0) {
            return new IcmpEcho(fd, false, host);
        }
        int errno = LibC.errno();
        fd = errno == Errno.EACCES ? LibC.socket(family, LibC.SOCK_RAW | flags, protocol) : -1;
        if (fd < 0) {
            throw new SystemCallException(
                    "socket",
                    "ICMP",
                    errno,
                    errno == Errno.EACCES
                            ? "this user may not ping: sysctl -w net.ipv4.ping_group_range=\"0 2147483647\""
                            : Hints.descriptors(errno));
        }
        return new IcmpEcho(fd, true, host);
    }

    private boolean ipv4() {
        return host.length == 4;
    }

    /**
     * Sends a question.
     *
     * @param sequence 0 to 65535
     * @return 0 or {@code -errno}: there is no way to the host
     */
    public int ask(int sequence) {
        long at = base + MESSAGE;
        OffHeap.fill(at, BYTES, 0);
        OffHeap.putU8(at, ipv4() ? ECHO : ECHO_V6);
        OffHeap.putU16(at + IDENTIFIER, identifier); // the kernel's own socket puts its own there
        OffHeap.putU16(at + SEQUENCE, sequence);
        OffHeap.putU16(at + CHECKSUM, checksum(at));
        long sent = LibC.sendto(fd, at, BYTES, LibC.MSG_NOSIGNAL, base + NAME, OffHeap.nativeI32(base + NAME_BYTES));
        return sent < 0 ? -LibC.errno() : 0;
    }

    /** RFC 1071. Over IPv6 the kernel computes it, since addresses are in it. */
    private static int checksum(long at) {
        int sum = 0;
        for (int i = 0; i < BYTES; i += 2) {
            sum += OffHeap.u16(at + i);
        }
        return ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
    }

    /** Waits for an answer. @return the sequence of the question, or -1 when there was none within {@code timeoutMs} */
    public int answer(int timeoutMs) {
        if (LibC.poll(base + POLLFD, 1, timeoutMs) <= 0) {
            return -1;
        }
        OffHeap.putNativeI32(base + FROM_BYTES, SocketAddress.IN6_BYTES);
        int bytes = (int) LibC.recvfrom(fd, base + BUFFER, BUFFER_BYTES, 0, base + FROM, base + FROM_BYTES);
        long at = base + BUFFER;
        if (raw && ipv4() && bytes > 0) {
            int header = (OffHeap.u8(at) & 15) * 4; // a raw socket gives the IPv4 header, too
            at += header;
            bytes -= header;
        }
        boolean reply = bytes >= BYTES && OffHeap.u8(at) == (ipv4() ? ECHO_REPLY : ECHO_REPLY_V6);
        boolean ours = reply && fromHost() && (!raw || OffHeap.u16(at + IDENTIFIER) == identifier);
        return ours ? OffHeap.u16(at + SEQUENCE) : -1;
    }

    private boolean fromHost() {
        byte[] from = new byte[host.length];
        int offset = ipv4() ? SocketAddress.IN_ADDRESS : SocketAddress.IN6_ADDRESS;
        OffHeap.copy(base + FROM + offset, from, 0, from.length);
        return Arrays.equals(from, host);
    }

    @Override
    public void close() {
        if (fd >= 0) {
            LibC.close(fd);
            fd = -1;
            memory.close();
        }
    }
}
