package org.culvert.tun;

import java.nio.charset.StandardCharsets;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** The ioctls that turn an open /dev/net/tun into an interface, and what they achieved. Used once, by one thread. */
final class TunSetup {
    // ioctl numbers of linux/if_tun.h, as asm-generic/ioctl.h composes them.
    static final int TUNSETIFF = 0x400454ca;
    static final int TUNSETPERSIST = 0x400454cb;
    static final int TUNSETOWNER = 0x400454cc;
    static final int TUNGETFEATURES = 0x800454cf;
    static final int TUNSETOFFLOAD = 0x400454d0;
    static final int TUNSETVNETHDRSZ = 0x400454d8;

    static final int IFF_TUN = 0x0001;
    static final int IFF_MULTI_QUEUE = 0x0100;
    static final int IFF_NO_PI = 0x1000;
    static final int IFF_VNET_HDR = 0x4000;
    static final int IFF_TUN_EXCL = 0x8000;

    static final int TUN_F_CSUM = 0x01;
    static final int TUN_F_TSO4 = 0x02;
    static final int TUN_F_TSO6 = 0x04;
    static final int TUN_F_USO4 = 0x20;
    static final int TUN_F_USO6 = 0x40;

    private final int fd;
    private final boolean another;
    final String name;
    final int index;
    final boolean vnetHeader;
    final boolean udpSegments;

    /** @param another of the queues of an interface that has one open: else a name must be free, or be that of a persistent TUN */
    TunSetup(int fd, TunOptions options, boolean another) throws SystemCallException {
        this.fd = fd;
        this.another = another;
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
        check(TUNGETFEATURES, scratch, "TUNGETFEATURES", LinuxTun.DEVICE);
        return OffHeap.nativeI32(scratch);
    }

    private String attach(TunOptions options, long ifreq) throws SystemCallException {
        if (!LinkIndex.putName(options.name().getBytes(StandardCharsets.UTF_8), ifreq)) {
            String hint = "an interface name has at most " + (LinkIndex.IFNAMSIZ - 1) + " bytes";
            throw new SystemCallException("TUNSETIFF", options.name(), Errno.ENAMETOOLONG, hint);
        }
        int flags = IFF_TUN | IFF_NO_PI | (vnetHeader ? IFF_VNET_HDR : 0);
        flags |= options.severalQueues() ? IFF_MULTI_QUEUE : 0;
        flags |= options.persistent() || another ? 0 : IFF_TUN_EXCL;
        OffHeap.putNativeU16(ifreq + LinkIndex.IFREQ_FLAGS, flags);
        check(TUNSETIFF, ifreq, "TUNSETIFF", options.name());
        return name(ifreq + LinkIndex.IFREQ_NAME);
    }

    private static String name(long address) {
        int bytes = 0;
        while (bytes < LinkIndex.IFNAMSIZ && OffHeap.u8(address + bytes) != 0) {
            bytes++;
        }
        byte[] text = new byte[bytes];
        OffHeap.copy(address, text, 0, bytes);
        return new String(text, StandardCharsets.UTF_8);
    }

    private int index(long scratch) throws SystemCallException {
        int socket = LibC.socket(LibC.AF_UNIX, LibC.SOCK_DGRAM | LibC.O_CLOEXEC, 0);
        if (socket < 0) {
            throw new SystemCallException("socket", "AF_UNIX", LibC.errno(), Hints.descriptors(LibC.errno()));
        }
        int found = LinkIndex.of(socket, name.getBytes(StandardCharsets.UTF_8), scratch);
        LibC.close(socket);
        if (found < 0) {
            throw new SystemCallException("SIOCGIFINDEX", name, -found, "the interface was deleted meanwhile");
        }
        return found;
    }

    /** Set although 10 is the default: whoever had a persistent TUN before us may have left it at 12. */
    private void headerSize(long scratch) throws SystemCallException {
        OffHeap.putNativeI32(scratch, Tun.VNET_HEADER_BYTES);
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
            throw new SystemCallException(
                    call, object, errno, request == TUNSETIFF ? nameHint(errno) : Hints.permission(errno));
        }
    }

    private static String nameHint(int errno) {
        return switch (errno) {
            case Errno.EPERM, Errno.EACCES -> Hints.NET_ADMIN + ", or the TUN belongs to another user";
            case Errno.EBUSY -> "an interface of that name exists, or another process holds this TUN";
            case Errno.EINVAL ->
                "the name is not a valid one, or an interface of another kind has it, as a TUN of one queue is when several are asked"
                        + " for, and the other way round";
            default -> "";
        };
    }
}
