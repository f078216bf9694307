package org.culvert.tun;

import com.sun.jna.Native;

/**
 * The C library, mapped directly by JNA. Arguments are primitives and native addresses in a {@code long}; nothing
 * declares {@code LastErrorException}, whose throwing costs 2.3 us where reading errno costs nothing
 * (native-notes/jna.md). Every method returns what C returns; on -1 the caller reads {@link #errno()} at once, on the
 * same thread. Stateless; any thread.
 *
 * <p>{@code ioctl} and {@code prctl} are variadic in C. Linux on x86-64, aarch64 and riscv64 passes integer arguments
 * of variadic and other functions alike, so a plain mapping is right there.
 */
final class LibC {
    // fcntl.h, sys/socket.h and sys/eventfd.h: the same bits, octal there.
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;

    // bits/socket.h
    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int AF_NETLINK = 16;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_RAW = 3;
    static final int SOL_SOCKET = 1;
    static final int MSG_TRUNC = 0x20;
    static final int MSG_NOSIGNAL = 0x4000;

    static final int LC_ALL_MASK = 0x1fbf; // locale.h of glibc; of musl's mask it is a part

    static {
        Native.register(LibC.class, "c");
    }

    private static final long C_LOCALE = newlocale(LC_ALL_MASK, "C", 0);

    private LibC() {}

    /** errno of this thread's last call in this class. */
    static int errno() {
        return Native.getLastError();
    }

    /** Words in the C locale: the JVM sets the user's, and a log line must read the same everywhere. */
    static String errorWords(int errno) {
        return strerror_l(errno, C_LOCALE);
    }

    static native int open(String path, int flags);

    static native int close(int fd);

    static native long read(int fd, long buffer, long bytes);

    static native long write(int fd, long buffer, long bytes);

    static native long writev(int fd, long iovecs, int count);

    static native int ioctl(int fd, long request, long argument);

    static native int poll(long fds, long count, int timeoutMs);

    static native int eventfd(int initial, int flags);

    static native int epoll_create1(int flags);

    static native int epoll_ctl(int epoll, int operation, int fd, long event);

    static native int socket(int family, int type, int protocol);

    static native int bind(int fd, long address, int addressBytes);

    static native int getsockname(int fd, long address, long addressBytes);

    static native int setsockopt(int fd, int level, int option, long value, int valueBytes);

    static native int getsockopt(int fd, int level, int option, long value, long valueBytes);

    static native long sendmsg(int fd, long message, int flags);

    static native long recvmsg(int fd, long message, int flags);

    static native long sendto(int fd, long buffer, long bytes, int flags, long address, int addressBytes);

    static native long recvfrom(int fd, long buffer, long bytes, int flags, long address, long addressBytes);

    static native long getrandom(long buffer, long bytes, int flags);

    static native int setns(int fd, int type);

    static native int prctl(int option, long argument, long unused3, long unused4, long unused5);

    static native int geteuid();

    /** Address of a {@code struct passwd} that the next call overwrites; 0 when there is no such user. */
    static native long getpwnam(String name);

    static native int adjtimex(long timex);

    private static native String strerror_l(int errno, long locale);

    private static native long newlocale(int mask, String name, long base);
}
