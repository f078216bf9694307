package org.culvert.tun;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * Lets one thread wait until a descriptor is readable or any other thread calls {@link #wake()}. The eventfd behind it
 * is needed because closing a TUN does not wake a thread blocked in its read, and because it remembers: a wake before
 * the wait is not lost. Borrows the descriptor it watches.
 */
final class Wakeup implements AutoCloseable {
    // struct pollfd, poll.h
    static final int POLLFD_BYTES = 8;
    static final int POLLFD_FD = 0;
    static final int POLLFD_EVENTS = 4;
    static final int POLLFD_REVENTS = 6;
    static final int POLLIN = 1;
    static final int POLLOUT = 4;

    private static final int COUNTER = 2 * POLLFD_BYTES; // what a read of the eventfd brings, 8 bytes
    private static final int ONE = COUNTER + 8; // what a write to it adds, 8 bytes

    private final Region memory;
    private final int eventFd;
    private final long pollFds;
    private boolean closed;

    private Wakeup(int fd, int eventFd) {
        this.eventFd = eventFd;
        memory = new Region(Region.ALIGNMENT_BYTES);
        pollFds = memory.address();
        OffHeap.putNativeI32(pollFds + POLLFD_FD, fd);
        OffHeap.putNativeU16(pollFds + POLLFD_EVENTS, POLLIN);
        OffHeap.putNativeI32(pollFds + POLLFD_BYTES + POLLFD_FD, eventFd);
        OffHeap.putNativeU16(pollFds + POLLFD_BYTES + POLLFD_EVENTS, POLLIN);
        OffHeap.putNativeI64(pollFds + ONE, 1);
    }

    static Wakeup open(int watchedFd) throws SystemCallException {
        int eventFd = LibC.eventfd(0, LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        if (eventFd < 0) {
            throw new SystemCallException("eventfd", "", LibC.errno(), Hints.descriptors(LibC.errno()));
        }
        return new Wakeup(watchedFd, eventFd);
    }

    /**
     * One thread at a time.
     *
     * @return true when the descriptor is readable or in error; false after a wake, the timeout or a signal
     */
    boolean awaitReadable(int timeoutMs) {
        int ready = LibC.poll(pollFds, 2, timeoutMs);
        if (ready <= 0) {
            return false;
        }
        if (OffHeap.nativeU16(pollFds + POLLFD_BYTES + POLLFD_REVENTS) != 0) {
            LibC.read(eventFd, pollFds + COUNTER, 8);
        }
        return OffHeap.nativeU16(pollFds + POLLFD_REVENTS) != 0;
    }

    /** Synchronized with close: a late wake must not write into a descriptor that by then is somebody else's. */
    synchronized void wake() {
        if (!closed) {
            LibC.write(eventFd, pollFds + ONE, 8);
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        LibC.close(eventFd);
        memory.close();
    }
}
