package org.culvert.tun;

/** {@link Tun} by /dev/net/tun (linux/if_tun.h, Documentation/networking/tuntap.rst). */
public final class LinuxTun implements Tun {
    static final String DEVICE = "/dev/net/tun";

    private final TunOptions options;
    private final String name;
    private final int interfaceIndex;
    private final boolean vnetHeader;
    private final boolean udpSegments;
    private final Wakeup wakeup;
    private int fd;

    private LinuxTun(int fd, Wakeup wakeup, TunSetup setup, TunOptions options) {
        this.fd = fd;
        this.options = options;
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
        return open(options, false);
    }

    /**
     * One more queue of this interface, which must have been opened for several. The kernel reads a flow's packets into one queue: the one
     * that packets of the other direction were last written to, else any. Any thread may write to any queue.
     */
    public LinuxTun openQueue() throws SystemCallException {
        TunOptions same = new TunOptions(
                name,
                options.vnetHeader(),
                options.segmentation(),
                options.udpSegmentation(),
                options.severalQueues(),
                options.persistent());
        return open(same, true);
    }

    private static LinuxTun open(TunOptions options, boolean another) throws SystemCallException {
        int fd = LibC.open(DEVICE, LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        if (fd < 0) {
            int errno = LibC.errno();
            throw new SystemCallException("open", DEVICE, errno, deviceHint(errno));
        }
        Wakeup wakeup = null;
        try {
            wakeup = Wakeup.open(fd);
            TunSetup setup = new TunSetup(fd, options, another);
            setup.keep(options.persistent());
            return new LinuxTun(fd, wakeup, setup, options);
        } catch (SystemCallException | RuntimeException | Error e) {
            if (wakeup != null) {
                wakeup.close();
            }
            LibC.close(fd);
            throw e;
        }
    }

    /**
     * Whom the kernel lets open this persistent TUN without CAP_NET_ADMIN. Until this is set once, that is everybody who may open
     * /dev/net/tun (drivers/net/tun.c, tun_not_capable).
     *
     * @param userId 0 for root alone
     */
    public void setOwner(int userId) throws SystemCallException {
        if (LibC.ioctl(fd, Integer.toUnsignedLong(TunSetup.TUNSETOWNER), userId) != 0) {
            throw new SystemCallException("TUNSETOWNER", name, LibC.errno(), "");
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
}
