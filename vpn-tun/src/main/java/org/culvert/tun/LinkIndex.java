package org.culvert.tun;

import org.culvert.tun.memory.OffHeap;

/**
 * The number of an interface, from its name. By an ioctl instead of if_nametoindex(3), which hides why it failed: out
 * of descriptors, it answers "no such file or directory". Stateless; any thread.
 */
final class LinkIndex {
    static final int SIOCGIFINDEX = 0x8933; // linux/sockios.h

    // struct ifreq, linux/if.h: 16 bytes of name, then a union of 24 bytes.
    static final int IFREQ_NAME = 0;
    static final int IFREQ_FLAGS = 16;
    static final int IFREQ_INDEX = 16;
    static final int IFREQ_BYTES = 40;
    static final int IFNAMSIZ = 16;

    private LinkIndex() {}

    /**
     * Asks in the network namespace of the socket.
     *
     * @param socket any kind of socket; a TUN's descriptor is none
     * @param scratch {@link #IFREQ_BYTES} of memory
     * @return the number or -errno
     */
    static int of(int socket, byte[] name, long scratch) {
        if (!putName(name, scratch)) {
            return -Errno.ENODEV;
        }
        return LibC.ioctl(socket, SIOCGIFINDEX, scratch) == 0
                ? OffHeap.nativeI32(scratch + IFREQ_INDEX)
                : -LibC.errno();
    }

    /** Starts an ifreq. False when the name is too long to be one. */
    static boolean putName(byte[] name, long ifreq) {
        if (name.length >= IFNAMSIZ) {
            return false;
        }
        OffHeap.fill(ifreq, IFREQ_BYTES, 0);
        OffHeap.copy(name, 0, ifreq + IFREQ_NAME, name.length);
        return true;
    }
}
