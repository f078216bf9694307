package org.culvert.tun;

import java.nio.charset.StandardCharsets;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;

/**
 * sd_notify(3): tells the service manager {@code READY=1}, {@code STATUS=...}, {@code STOPPING=1}. Native because the
 * JDK's AF_UNIX channels are streams only. Stateless; any thread.
 */
public final class SystemdNotify {
    // struct sockaddr_un, linux/un.h
    static final int SUN_PATH = 2;
    static final int SUN_PATH_BYTES = 108;

    private SystemdNotify() {}

    /**
     * Sends to the socket named by NOTIFY_SOCKET.
     *
     * @param state newline-separated assignments as in sd_notify(3)
     * @return false when no service manager asked to be told
     */
    public static boolean send(String state) throws SystemCallException {
        return send(state, System.getenv("NOTIFY_SOCKET"));
    }

    static boolean send(String state, @Nullable String socket) throws SystemCallException {
        if (socket == null || socket.isEmpty()) {
            return false;
        }
        byte[] path = socket.getBytes(StandardCharsets.UTF_8);
        boolean abstractName = path[0] == '@';
        if (!abstractName && path[0] != '/') {
            throw new SystemCallException("sendto", socket, Errno.EAFNOSUPPORT, "NOTIFY_SOCKET is no path nor @name");
        }
        if (path.length >= SUN_PATH_BYTES) {
            throw new SystemCallException("sendto", socket, Errno.ENAMETOOLONG, "NOTIFY_SOCKET is too long");
        }
        int fd = LibC.socket(LibC.AF_UNIX, LibC.SOCK_DGRAM | LibC.O_CLOEXEC, 0);
        if (fd < 0) {
            throw new SystemCallException("socket", "AF_UNIX", LibC.errno(), Hints.descriptors(LibC.errno()));
        }
        try {
            sendTo(fd, state.getBytes(StandardCharsets.UTF_8), socket, addressBytes(path, abstractName));
        } finally {
            LibC.close(fd);
        }
        return true;
    }

    /** An abstract name starts with a zero byte, written as @, and is as long as the address says: no zero ends it. */
    private static byte[] addressBytes(byte[] path, boolean abstractName) {
        byte[] address = new byte[path.length + (abstractName ? 0 : 1)];
        System.arraycopy(path, 0, address, 0, path.length);
        if (abstractName) {
            address[0] = 0;
        }
        return address;
    }

    private static void sendTo(int fd, byte[] message, String socket, byte[] path) throws SystemCallException {
        try (Region memory = new Region(SUN_PATH + SUN_PATH_BYTES + message.length)) {
            long address = memory.address();
            OffHeap.putNativeU16(address, LibC.AF_UNIX);
            OffHeap.copy(path, 0, address + SUN_PATH, path.length);
            long text = address + SUN_PATH + SUN_PATH_BYTES;
            OffHeap.copy(message, 0, text, message.length);
            if (LibC.sendto(fd, text, message.length, LibC.MSG_NOSIGNAL, address, SUN_PATH + path.length) < 0) {
                throw new SystemCallException("sendto", socket, LibC.errno(), "NOTIFY_SOCKET is not being read");
            }
        }
    }
}
