package org.culvert.tun;

import java.nio.charset.StandardCharsets;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * Every frame one interface sends and receives, and a way to send frames of one's own (packet(7)). Frames begin with
 * the link header, 14 bytes on Ethernet. A frame the kernel has not yet cut into packets (GSO) comes whole. One thread;
 * {@link #close} by any thread once that one has stopped.
 */
public final class PacketCapture implements AutoCloseable {
    static final int AF_PACKET = 17;
    static final int ETH_P_ALL = 3;
    static final int SOL_PACKET = 263;
    static final int PACKET_STATISTICS = 6;

    // struct sockaddr_ll, linux/if_packet.h: the rest of it stays zero
    static final int LL_FAMILY = 0;
    static final int LL_PROTOCOL = 2; // big endian
    static final int LL_INDEX = 4;
    static final int LL_BYTES = 20;

    // struct tpacket_stats
    static final int STATISTICS_DROPS = 4;
    static final int STATISTICS_BYTES = 8;

    private static final int BUFFER_BYTES = 64 << 20;

    private static final int POLLFD = 0;
    private static final int OPTION = 8;
    private static final int OPTION_LENGTH = 16;

    private final Region memory = new Region(Region.ALIGNMENT_BYTES);
    private final long scratch = memory.address();
    private int fd;
    private long dropped;

    private PacketCapture(int fd) {
        this.fd = fd;
        OffHeap.putNativeI32(scratch + POLLFD + Wakeup.POLLFD_FD, fd);
        OffHeap.putNativeU16(scratch + POLLFD + Wakeup.POLLFD_EVENTS, Wakeup.POLLIN);
    }

    /** Opens on an interface of the calling thread's network namespace. */
    public static PacketCapture open(String interfaceName) throws SystemCallException {
        // Protocol 0: nothing arrives before bind() has said from which interface.
        int fd = LibC.socket(AF_PACKET, LibC.SOCK_RAW | LibC.O_NONBLOCK | LibC.O_CLOEXEC, 0);
        if (fd < 0) {
            int errno = LibC.errno();
            String hint = errno == Errno.EPERM ? "needs root or CAP_NET_RAW" : Hints.descriptors(errno);
            throw new SystemCallException("socket", "AF_PACKET", errno, hint);
        }
        try (Region scratch = new Region(Region.ALIGNMENT_BYTES)) {
            int index = LinkIndex.of(fd, interfaceName.getBytes(StandardCharsets.UTF_8), scratch.address());
            if (index < 0) {
                throw new SystemCallException("SIOCGIFINDEX", interfaceName, -index, "");
            }
            bind(fd, index, interfaceName, scratch.address());
            return new PacketCapture(fd);
        } catch (SystemCallException | RuntimeException | Error e) {
            LibC.close(fd);
            throw e;
        }
    }

    private static void bind(int fd, int index, String name, long scratch) throws SystemCallException {
        OffHeap.putNativeI32(scratch, BUFFER_BYTES);
        // Best effort: a smaller buffer shows in dropped().
        LibC.setsockopt(fd, LibC.SOL_SOCKET, UdpSetup.SO_RCVBUFFORCE, scratch, Integer.BYTES);
        OffHeap.fill(scratch, LL_BYTES, 0);
        OffHeap.putNativeU16(scratch + LL_FAMILY, AF_PACKET);
        OffHeap.putU16(scratch + LL_PROTOCOL, ETH_P_ALL);
        OffHeap.putNativeI32(scratch + LL_INDEX, index);
        if (LibC.bind(fd, scratch, LL_BYTES) != 0) {
            throw new SystemCallException("bind", "AF_PACKET " + name, LibC.errno(), "");
        }
    }

    /** Takes the oldest frame. Returns its bytes, at most the capacity, or {@code -errno} (-EAGAIN: none there). */
    public int read(long address, int capacityBytes) {
        long bytes = LibC.read(fd, address, capacityBytes);
        return bytes < 0 ? -LibC.errno() : (int) bytes;
    }

    /** Sends one frame, link header included. Returns its bytes or {@code -errno}. */
    public int write(long address, int bytes) {
        long sent = LibC.write(fd, address, bytes);
        return sent < 0 ? -LibC.errno() : (int) sent;
    }

    /** Waits for a frame; true when there is one. */
    public boolean awaitReadable(int timeoutMs) {
        return fd >= 0 && LibC.poll(scratch + POLLFD, 1, timeoutMs) > 0;
    }

    /** Frames lost since the start because nobody read fast enough: when not 0, "not seen" proves nothing. */
    public long dropped() {
        if (fd < 0) {
            return dropped;
        }
        OffHeap.putNativeI32(scratch + OPTION_LENGTH, STATISTICS_BYTES);
        if (LibC.getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, scratch + OPTION, scratch + OPTION_LENGTH) == 0) {
            // The kernel starts again at 0.
            dropped += Integer.toUnsignedLong(OffHeap.nativeI32(scratch + OPTION + STATISTICS_DROPS));
        }
        return dropped;
    }

    @Override
    public synchronized void close() {
        if (fd < 0) {
            return;
        }
        dropped(); // the last reading outlives the socket
        LibC.close(fd);
        fd = -1;
        memory.close();
    }
}
