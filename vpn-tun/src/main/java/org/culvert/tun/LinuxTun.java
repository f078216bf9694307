package org.culvert.tun;

import java.nio.charset.StandardCharsets;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** {@link Tun} by /dev/net/tun (linux/if_tun.h, Documentation/networking/tuntap.rst). */
public final class LinuxTun implements Tun {
    private static final String DEVICE = "/dev/net/tun";

    // ioctl numbers of linux/if_tun.h, as asm-generic/ioctl.h composes them.
    static final int TUNSETIFF = 0x400454ca;
    static final int TUNSETPERSIST = 0x400454cb;
    static final int TUNGETFEATURES = 0x800454cf;
    static final int TUNSETOFFLOAD = 0x400454d0;
    static final int TUNSETVNETHDRSZ = 0x400454d8;
    private static final int SIOCGIFINDEX = 0x8933; // linux/sockios.h

    static final int IFF_TUN = 0x0001;
    static final int IFF_NO_PI = 0x1000;
    static final int IFF_VNET_HDR = 0x4000;
    static final int IFF_TUN_EXCL = 0x8000;

    static final int TUN_F_CSUM = 0x01;
    static final int TUN_F_TSO4 = 0x02;
    static final int TUN_F_TSO6 = 0x04;
    static final int TUN_F_USO4 = 0x20;
    static final int TUN_F_USO6 = 0x40;

    // struct ifreq, linux/if.h: 16 bytes of name, then a union of 24 bytes.
    static final int IFREQ_BYTES = 40;
    static final int IFREQ_NAME = 0;
    static final int IFREQ_FLAGS = 16;
    static final int IFREQ_INDEX = 16;
    static final int IFNAMSIZ = 16;

    private final String name;
    private final int interfaceIndex;
    private final boolean vnetHeader;
    private final boolean udpSegments;
    private final Wakeup wakeup;
    private int fd;

    private LinuxTun(int fd, Wakeup wakeup, Setup setup) {
        this.fd = fd;
        this.wakeup = wakeup;
        this.name = setup.name;
        this.vnetHeader = setup.vnetHeader;
        this.udpSegments = setup.udpSegments;
        this.interfaceIndex = setup.index;
    }

    /**
     * Makes the interface, or takes over a persistent one. It is down and without addresses: MTU, address generation
     * and state are the caller's, by {@link Netlink}.
     */
    public static LinuxTun open(TunOptions options) throws SystemCallException {
        int fd = LibC.open(DEVICE, LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        if (fd < 0) {
            int errno = LibC.errno();
            throw new SystemCallException("open", DEVICE, errno, deviceHint(errno));
        }
        Wakeup wakeup = null;
        try {
            wakeup = Wakeup.open(fd);
            Setup setup = new Setup(fd, options);
            setup.keep(options.persistent());
            return new LinuxTun(fd, wakeup, setup);
        } catch (SystemCallException | RuntimeException | Error e) {
            if (wakeup != null) {
                wakeup.close();
            }
            LibC.close(fd);
            throw e;
        }
    }

    private static String deviceHint(int errno) {
        return switch (errno) {
            case Errno.EPERM, Errno.EACCES -> Hints.NET_ADMIN;
            case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO ->
                "the kernel module is missing (modprobe tun), or the container was not given the device";
            default -> Hints.descriptors(errno);
        };
    }

    @Override
    public String name() {
        return name;
    }

    public int interfaceIndex() {
        return interfaceIndex;
    }

    @Override
    public boolean vnetHeader() {
        return vnetHeader;
    }

    @Override
    public boolean udpSegments() {
        return udpSegments;
    }

    @Override
    public int read(long address, int capacityBytes) {
        long bytes = LibC.read(fd, address, capacityBytes);
        return bytes >= 0 ? (int) bytes : -LibC.errno();
    }

    @Override
    public int write(long iovecs, int iovecCount) {
        long bytes = LibC.writev(fd, iovecs, iovecCount);
        return bytes >= 0 ? (int) bytes : -LibC.errno();
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
    public synchronized void close() {
        if (fd < 0) {
            return;
        }
        wakeup.close();
        LibC.close(fd);
        fd = -1;
    }

    /** The ioctls that turn an open /dev/net/tun into an interface, and what they achieved. */
    private static final class Setup {
        private final int fd;
        final String name;
        final int index;
        final boolean vnetHeader;
        final boolean udpSegments;

        Setup(int fd, TunOptions options) throws SystemCallException {
            this.fd = fd;
            try (Region scratch = new Region(Region.ALIGNMENT_BYTES)) {
                long address = scratch.address();
                vnetHeader = options.vnetHeader() && (features(address) & IFF_VNET_HDR) != 0;
                name = attach(options, address);
                index = index(address);
                if (vnetHeader) {
                    headerSize(address);
                }
                udpSegments = offload(options);
            }
        }

        private int features(long scratch) throws SystemCallException {
            check(TUNGETFEATURES, scratch, "TUNGETFEATURES", DEVICE);
            return OffHeap.nativeI32(scratch);
        }

        private String attach(TunOptions options, long ifreq) throws SystemCallException {
            byte[] wanted = options.name().getBytes(StandardCharsets.UTF_8);
            if (wanted.length >= IFNAMSIZ) {
                String hint = "an interface name has at most " + (IFNAMSIZ - 1) + " bytes";
                throw new SystemCallException("TUNSETIFF", options.name(), Errno.ENAMETOOLONG, hint);
            }
            OffHeap.fill(ifreq, IFREQ_BYTES, 0);
            OffHeap.copy(wanted, 0, ifreq + IFREQ_NAME, wanted.length);
            int flags = IFF_TUN | IFF_NO_PI | (vnetHeader ? IFF_VNET_HDR : 0);
            OffHeap.putNativeU16(ifreq + IFREQ_FLAGS, options.persistent() ? flags : flags | IFF_TUN_EXCL);
            check(TUNSETIFF, ifreq, "TUNSETIFF", options.name());
            return name(ifreq + IFREQ_NAME);
        }

        private static String name(long address) {
            int bytes = 0;
            while (bytes < IFNAMSIZ && OffHeap.u8(address + bytes) != 0) {
                bytes++;
            }
            byte[] text = new byte[bytes];
            OffHeap.copy(address, text, 0, bytes);
            return new String(text, StandardCharsets.UTF_8);
        }

        /** By an ioctl of any socket, with the ifreq that has the name: a TUN's own ioctls do not tell. */
        private int index(long ifreq) throws SystemCallException {
            int socket = LibC.socket(LibC.AF_UNIX, LibC.SOCK_DGRAM | LibC.O_CLOEXEC, 0);
            if (socket < 0) {
                throw new SystemCallException("socket", "AF_UNIX", LibC.errno(), Hints.descriptors(LibC.errno()));
            }
            int result = LibC.ioctl(socket, SIOCGIFINDEX, ifreq);
            int errno = LibC.errno();
            LibC.close(socket);
            if (result != 0) {
                throw new SystemCallException("SIOCGIFINDEX", name, errno, "the interface was deleted meanwhile");
            }
            return OffHeap.nativeI32(ifreq + IFREQ_INDEX);
        }

        /** Set although 10 is the default: whoever had a persistent TUN before us may have left it at 12. */
        private void headerSize(long scratch) throws SystemCallException {
            OffHeap.putNativeI32(scratch, VNET_HEADER_BYTES);
            check(TUNSETVNETHDRSZ, scratch, "TUNSETVNETHDRSZ", name);
        }

        /**
         * At every open, with nothing to offload too: a persistent TUN remembers what its last owner could take, and
         * would go on handing super-packets to a reader that cannot cut them.
         *
         * @return whether UDP super-packets are among what the kernel accepted
         */
        private boolean offload(TunOptions options) throws SystemCallException {
            int tcp = vnetHeader && options.segmentation() ? TUN_F_TSO4 | TUN_F_TSO6 : 0;
            int udp = vnetHeader && options.udpSegmentation() ? TUN_F_USO4 | TUN_F_USO6 : 0;
            int checksum = vnetHeader ? TUN_F_CSUM : 0;
            if (udp != 0 && LibC.ioctl(fd, TUNSETOFFLOAD, checksum | tcp | udp) == 0) {
                return true;
            }
            check(TUNSETOFFLOAD, checksum | tcp, "TUNSETOFFLOAD", name);
            return false;
        }

        /** Last, so that an open that fails leaves no interface behind. */
        void keep(boolean persistent) throws SystemCallException {
            if (persistent) {
                check(TUNSETPERSIST, 1, "TUNSETPERSIST", name);
            }
        }

        private void check(int request, long argument, String call, String object) throws SystemCallException {
            if (LibC.ioctl(fd, Integer.toUnsignedLong(request), argument) != 0) {
                int errno = LibC.errno();
                throw new SystemCallException(call, object, errno, hint(errno));
            }
        }

        private static String hint(int errno) {
            return switch (errno) {
                case Errno.EPERM, Errno.EACCES -> Hints.NET_ADMIN + ", or the TUN belongs to another user";
                case Errno.EBUSY -> "an interface of that name exists, or another process holds this TUN";
                case Errno.EINVAL -> "the name is not a valid one, or an interface of another kind has it";
                default -> "";
            };
        }
    }
}
