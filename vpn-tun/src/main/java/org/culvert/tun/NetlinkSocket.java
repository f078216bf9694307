package org.culvert.tun;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** A rtnetlink socket (netlink(7), rtnetlink(7)): one question at a time, answered by the kernel. One thread. */
final class NetlinkSocket implements AutoCloseable {
    // linux/netlink.h
    static final int NETLINK_ROUTE = 0;
    static final int SOL_NETLINK = 270;
    static final int NETLINK_CAP_ACK = 10;
    static final int NETLINK_EXT_ACK = 11;
    static final int NLMSG_ERROR = 2;
    static final int NLMSG_DONE = 3;
    static final int NLMSGERR_ATTR_MSG = 1;

    // struct sockaddr_nl
    static final int NL_PORT = 4;
    static final int NL_GROUPS = 8;
    static final int NL_BYTES = 12;

    private static final int REQUEST_BYTES = 512;
    /** The kernel fills at most 32 KiB per read of a dump. */
    private static final int REPLY_BYTES = 64 << 10;

    private static final int ADDRESS = 0;
    private static final int ADDRESS_BYTES = 16;
    private static final int REQUEST = 64;
    private static final int REPLY = REQUEST + REQUEST_BYTES;

    /** Sees each message of an answer. */
    interface Visitor {
        /** Called with the address of the family's header and that behind the message. */
        void message(int type, long from, long end);
    }

    private final int fd;
    private final Region memory;
    private final NetlinkMessage request;
    private int sequence;
    private String kernelText = "";
    private boolean interrupted;
    private boolean closed;

    private NetlinkSocket(int fd) {
        this.fd = fd;
        memory = new Region(REPLY + REPLY_BYTES);
        request = new NetlinkMessage(memory.address() + REQUEST, REQUEST_BYTES);
    }

    static NetlinkSocket open() throws SystemCallException {
        NetlinkSocket socket = new NetlinkSocket(descriptor(0, 0));
        // Both only make errors shorter and better worded; kernels before 4.12 do without.
        socket.enable(NETLINK_CAP_ACK);
        socket.enable(NETLINK_EXT_ACK);
        return socket;
    }

    /**
     * @param flags LibC.O_NONBLOCK or 0
     * @param groups what to be told of, 0 for a socket that asks
     */
    static int descriptor(int flags, int groups) throws SystemCallException {
        int fd = LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.O_CLOEXEC | flags, NETLINK_ROUTE);
        if (fd < 0) {
            throw new SystemCallException("socket", "NETLINK_ROUTE", LibC.errno(), Hints.descriptors(LibC.errno()));
        }
        try (Region scratch = new Region(Region.ALIGNMENT_BYTES)) {
            OffHeap.putNativeU16(scratch.address(), LibC.AF_NETLINK);
            OffHeap.putNativeI32(scratch.address() + NL_GROUPS, groups);
            if (LibC.bind(fd, scratch.address(), NL_BYTES) != 0) {
                int errno = LibC.errno();
                LibC.close(fd);
                throw new SystemCallException("bind", "NETLINK_ROUTE", errno, "");
            }
        }
        return fd;
    }

    private void enable(int option) {
        OffHeap.putNativeI32(memory.address(), 1);
        LibC.setsockopt(fd, SOL_NETLINK, option, memory.address(), Integer.BYTES);
    }

    NetlinkMessage request() {
        return request;
    }

    /** What the kernel said about the last error beyond errno; empty when it did not. */
    String kernelText() {
        return kernelText;
    }

    /** Whether the last answer may be inconsistent, because what it lists changed under way. */
    boolean interrupted() {
        return interrupted;
    }

    /**
     * Sends {@link #request()} and reads the whole answer.
     *
     * @return 0, or the errno the kernel answered with
     * @throws SystemCallException when the socket itself fails
     */
    int exchange(Visitor visitor) throws SystemCallException {
        sequence++;
        kernelText = "";
        interrupted = false;
        int bytes = request.finish(sequence);
        long kernel = memory.address() + ADDRESS;
        OffHeap.fill(kernel, ADDRESS_BYTES, 0);
        OffHeap.putNativeU16(kernel, LibC.AF_NETLINK);
        if (LibC.sendto(fd, request.address(), bytes, 0, kernel, NL_BYTES) < 0) {
            throw new SystemCallException("sendto", "NETLINK_ROUTE", LibC.errno(), "");
        }
        int result;
        do {
            result = read(visitor);
        } while (result < 0);
        return result;
    }

    /** As {@link #exchange}, or -1 when more is to come. */
    private int read(Visitor visitor) throws SystemCallException {
        long sender = memory.address() + ADDRESS;
        long reply = memory.address() + REPLY;
        OffHeap.putNativeI32(sender + NL_BYTES, NL_BYTES);
        int bytes = (int) LibC.recvfrom(fd, reply, REPLY_BYTES, LibC.MSG_TRUNC, sender, sender + NL_BYTES);
        if (bytes < 0) {
            int errno = LibC.errno();
            if (errno == Errno.EINTR) {
                return -1;
            }
            throw new SystemCallException("recvfrom", "NETLINK_ROUTE", errno, "");
        }
        if (bytes > REPLY_BYTES) {
            throw new SystemCallException("recvfrom", "NETLINK_ROUTE", Errno.EMSGSIZE, "");
        }
        // Port 0 is the kernel. Another process of root may write to us too; it does not answer our questions.
        return OffHeap.nativeI32(sender + NL_PORT) == 0 ? parse(reply, reply + bytes, visitor) : -1;
    }

    /** Goes through what one read brought; -1 when more is to come. */
    int parse(long from, long end, Visitor visitor) {
        long at = from;
        while (at + NetlinkMessage.HEADER_BYTES <= end) {
            int length = OffHeap.nativeI32(at + NetlinkMessage.LENGTH);
            if (length < NetlinkMessage.HEADER_BYTES || at + length > end) {
                return Errno.EMSGSIZE;
            }
            // A smaller number belongs to a question whose answer was given up.
            if (OffHeap.nativeI32(at + NetlinkMessage.SEQUENCE) == sequence) {
                int result = one(at, at + length, visitor);
                if (result >= 0) {
                    return result;
                }
            }
            at += NetlinkMessage.aligned(length);
        }
        return -1;
    }

    private int one(long message, long end, Visitor visitor) {
        int type = OffHeap.nativeU16(message + NetlinkMessage.TYPE);
        int flags = OffHeap.nativeU16(message + NetlinkMessage.FLAGS);
        interrupted |= (flags & NetlinkMessage.NLM_F_DUMP_INTR) != 0;
        long payload = message + NetlinkMessage.HEADER_BYTES;
        if (type != NLMSG_ERROR && type != NLMSG_DONE) {
            visitor.message(type, payload, end);
            return -1;
        }
        int errno = payload + Integer.BYTES <= end ? -OffHeap.nativeI32(payload) : 0;
        if (type == NLMSG_ERROR && errno != 0) {
            kernelText = explanation(payload + Integer.BYTES, end, (flags & NetlinkMessage.NLM_F_CAPPED) != 0);
        }
        return Math.max(errno, 0);
    }

    /** Behind the errno stands our message, only its header when capped, then attributes that explain. */
    private static String explanation(long echoed, long end, boolean capped) {
        if (echoed + NetlinkMessage.HEADER_BYTES > end) {
            return "";
        }
        int bytes = capped ? NetlinkMessage.HEADER_BYTES : OffHeap.nativeI32(echoed + NetlinkMessage.LENGTH);
        return NetlinkMessage.text(echoed + NetlinkMessage.aligned(bytes), end, NLMSGERR_ATTR_MSG);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        LibC.close(fd);
        memory.close();
    }
}
