package org.culvert.tun;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * Tells that links, addresses or routes of either family changed, not how: after a change the caller asks
 * {@link Netlink} and compares, which also heals what an overrun made it miss. One waiting thread;
 * {@link #wake()} from any.
 */
public final class NetlinkWatch implements AutoCloseable {
    // linux/rtnetlink.h: RTMGRP_LINK, _IPV4_IFADDR, _IPV4_ROUTE, _IPV6_IFADDR, _IPV6_ROUTE
    static final int GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;

    /** The kernel puts one notification of some hundred bytes into each read. */
    private static final int BUFFER_BYTES = 32 << 10;

    /** Most reads of one call: a routing daemon may write faster than we read, and the caller has other work. */
    static final int MAX_READS = 1000;

    private final Region memory = new Region(BUFFER_BYTES);
    private final Wakeup wakeup;
    private int fd;

    private NetlinkWatch(int fd, Wakeup wakeup) {
        this.fd = fd;
        this.wakeup = wakeup;
    }

    public static NetlinkWatch open() throws SystemCallException {
        int fd = NetlinkSocket.descriptor(LibC.O_NONBLOCK, GROUPS);
        try {
            return new NetlinkWatch(fd, Wakeup.open(fd));
        } catch (SystemCallException | RuntimeException | Error e) {
            LibC.close(fd);
            throw e;
        }
    }

    /**
     * Waits for changes and takes them off the socket.
     *
     * @param timeoutMs -1 for ever
     * @return how many; 0 after the timeout or a wake. Some that the kernel had to drop (ENOBUFS) count as one
     */
    public int awaitChange(int timeoutMs) {
        if (fd < 0 || !wakeup.awaitReadable(timeoutMs)) {
            return 0;
        }
        int messages = 0;
        for (int reads = 0; reads < MAX_READS; reads++) {
            int bytes = (int) LibC.recvfrom(fd, memory.address(), BUFFER_BYTES, 0, 0, 0);
            if (bytes >= 0) {
                messages += count(memory.address(), memory.address() + bytes);
            } else if (LibC.errno() == Errno.ENOBUFS) {
                messages++;
            } else {
                return messages;
            }
        }
        return messages;
    }

    static int count(long from, long end) {
        int messages = 0;
        long at = from;
        while (at + NetlinkMessage.HEADER_BYTES <= end) {
            int length = OffHeap.nativeI32(at + NetlinkMessage.LENGTH);
            messages++;
            if (length < NetlinkMessage.HEADER_BYTES) {
                return messages;
            }
            at += NetlinkMessage.aligned(length);
        }
        return messages;
    }

    /** Makes a present or the next {@link #awaitChange} return; any thread. */
    public void wake() {
        wakeup.wake();
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
