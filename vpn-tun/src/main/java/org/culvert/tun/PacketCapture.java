package org.culvert.tun;

import com.sun.jna.Native;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * Every frame one interface sends and receives, and a way to send frames of one's own (packet(7)). Frames begin with
 * the link header, 14 bytes on Ethernet. A frame the kernel has not yet cut into packets (GSO) comes whole. One thread;
 * {@link #close} by any thread once that one has stopped.
 */
public final class PacketCapture implements AutoCloseable {
    private static final int AF_PACKET = 17;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int ETH_P_ALL = 3;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_STATISTICS = 6;
    private static final int POLLIN = 1;
    private static final int BUFFER_BYTES = 64 << 20;

    // struct sockaddr_ll: family 0, protocol 2 (big endian), interface index 4, the rest stays zero
    private static final int SOCKADDR_LL_BYTES = 20;
    // struct pollfd behind it
    private static final int POLL = 24;
    private static final int POLL_EVENTS = POLL + 4;
    // value and length of socket options behind that; struct tpacket_stats: packets 0, drops 4
    private static final int OPTION = 32;
    private static final int OPTION_LENGTH = 40;

    static {
        Native.register(PacketCapture.class, "c");
    }

    private final int descriptor;
    private final Region scratch = new Region(64);
    private long dropped;

    private PacketCapture(int descriptor) {
        this.descriptor = descriptor;
    }

    /** Opens on an interface of the calling thread's network namespace. */
    public static PacketCapture open(String interfaceName) throws SystemCallException {
        int index = if_nametoindex(interfaceName);
        if (index == 0) {
            throw new SystemCallException("if_nametoindex", interfaceName, Native.getLastError(), "");
        }
        int type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
        // Protocol 0: nothing arrives before bind() has said from which interface.
        int descriptor = socket(AF_PACKET, type, 0);
        if (descriptor < 0) {
            throw new SystemCallException(
                    "socket(AF_PACKET)", interfaceName, Native.getLastError(), "needs root or CAP_NET_RAW");
        }
        var capture = new PacketCapture(descriptor);
        try {
            capture.bindTo(index, interfaceName);
        } catch (SystemCallException e) {
            capture.close();
            throw e;
        }
        return capture;
    }

    private void bindTo(int index, String interfaceName) throws SystemCallException {
        long option = scratch.address() + OPTION;
        OffHeap.putNativeI32(option, BUFFER_BYTES);
        // Best effort: a smaller buffer shows in dropped().
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, option, 4);
        long address = scratch.address();
        OffHeap.putNativeU16(address, AF_PACKET);
        OffHeap.putU16(address + 2, ETH_P_ALL);
        OffHeap.putNativeI32(address + 4, index);
        if (bind(descriptor, address, SOCKADDR_LL_BYTES) < 0) {
            throw new SystemCallException("bind(AF_PACKET)", interfaceName, Native.getLastError(), "");
        }
    }

    /** Takes the oldest frame. Returns its bytes, at most the capacity, or {@code -errno} (-EAGAIN: none there). */
    public int read(long address, int capacityBytes) {
        long bytes = recv(descriptor, address, capacityBytes, 0);
        return bytes < 0 ? -Native.getLastError() : (int) bytes;
    }

    /** Sends one frame, link header included. Returns its bytes or {@code -errno}. */
    public int write(long address, int bytes) {
        long sent = send(descriptor, address, bytes, 0);
        return sent < 0 ? -Native.getLastError() : (int) sent;
    }

    /** Waits for a frame; true when there is one. */
    public boolean awaitReadable(int timeoutMs) {
        long poll = scratch.address() + POLL;
        OffHeap.putNativeI32(poll, descriptor);
        OffHeap.putNativeI32(scratch.address() + POLL_EVENTS, POLLIN);
        return poll(poll, 1, timeoutMs) > 0;
    }

    /** Frames lost since the start because nobody read fast enough: when not 0, "not seen" proves nothing. */
    public long dropped() {
        long value = scratch.address() + OPTION;
        long length = scratch.address() + OPTION_LENGTH;
        OffHeap.putNativeI32(length, 8);
        if (getsockopt(descriptor, SOL_PACKET, PACKET_STATISTICS, value, length) == 0) {
            dropped += Integer.toUnsignedLong(OffHeap.nativeI32(value + 4)); // the kernel starts again at 0
        }
        return dropped;
    }

    @Override
    public void close() {
        close(descriptor);
        scratch.close();
    }

    private static native int socket(int domain, int type, int protocol);

    private static native int bind(int descriptor, long address, int bytes);

    private static native int setsockopt(int descriptor, int level, int name, long value, int bytes);

    private static native int getsockopt(int descriptor, int level, int name, long value, long bytes);

    private static native long recv(int descriptor, long address, long bytes, int flags);

    private static native long send(int descriptor, long address, long bytes, int flags);

    private static native int poll(long descriptors, long count, int timeoutMs);

    private static native int close(int descriptor);

    private static native int if_nametoindex(String name);
}
