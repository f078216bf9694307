package org.culvert.tun;

import java.nio.file.Path;

/**
 * Moves a thread into another network namespace. A namespace belongs to a thread, a socket to the namespace its thread
 * was in when it was made: so one process may hold sockets in many. Stateless; any thread.
 */
public final class NetworkNamespace {
    static final int CLONE_NEWNET = 0x40000000; // linux/sched.h

    private NetworkNamespace() {}

    /**
     * Moves the calling thread, and no other, for the rest of its life. Give it a platform thread that ends with the
     * work: a carrier of virtual threads would take strangers along.
     *
     * @param namespace as {@code ip netns} makes it: {@code /run/netns/NAME}
     */
    public static void enter(Path namespace) throws SystemCallException {
        int fd = LibC.open(namespace.toString(), LibC.O_CLOEXEC);
        if (fd < 0) {
            int errno = LibC.errno();
            throw new SystemCallException("open", namespace.toString(), errno, Hints.descriptors(errno));
        }
        int result = LibC.setns(fd, CLONE_NEWNET);
        int errno = LibC.errno();
        LibC.close(fd);
        if (result != 0) {
            throw new SystemCallException("setns", namespace.toString(), errno, "needs root or CAP_SYS_ADMIN");
        }
    }
}
