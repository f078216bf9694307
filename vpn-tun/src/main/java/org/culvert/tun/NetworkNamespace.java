package org.culvert.tun;

import com.sun.jna.Native;
import java.nio.file.Path;

/**
 * Moves a thread into another network namespace. A namespace belongs to a thread, a socket to the namespace its thread
 * was in when it was made: so one process may hold sockets in many. Stateless; any thread.
 */
public final class NetworkNamespace {
    private static final int O_RDONLY = 0;
    private static final int O_CLOEXEC = 0x80000;
    private static final int CLONE_NEWNET = 0x40000000;

    static {
        Native.register(NetworkNamespace.class, "c");
    }

    private NetworkNamespace() {}

    /**
     * Moves the calling thread, and no other, for the rest of its life. Give it a platform thread that ends with the
     * work: a carrier of virtual threads would take strangers along.
     *
     * @param namespace as {@code ip netns} makes it: {@code /run/netns/NAME}
     */
    public static void enter(Path namespace) throws SystemCallException {
        int descriptor = open(namespace.toString(), O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) {
            throw new SystemCallException("open", namespace.toString(), Native.getLastError(), "");
        }
        int result = setns(descriptor, CLONE_NEWNET);
        int errno = Native.getLastError();
        close(descriptor);
        if (result < 0) {
            throw new SystemCallException("setns", namespace.toString(), errno, "needs root or CAP_SYS_ADMIN");
        }
    }

    private static native int open(String path, int flags);

    private static native int setns(int descriptor, int type);

    private static native int close(int descriptor);
}
