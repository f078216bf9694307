package org.culvert.tun;

/**
 * A TUN device, or one of its queues: IP packets from and to the kernel. Non-blocking. One reading thread and any number of writing
 * ones; {@link #wake()} from any.
 */
public interface Tun extends AutoCloseable {
    /** Length of {@code struct virtio_net_hdr} (linux/virtio_net.h) without the mergeable-buffers field. */
    int VNET_HEADER_BYTES = 10;

    /** The interface's name as the kernel gave it. */
    String name();

    /**
     * Whether every read and write carries a {@link #VNET_HEADER_BYTES} long virtio_net_hdr in the machine's byte order
     * in front of the IP packet. Only then may a packet be longer than the MTU (a super-packet to be cut into segments)
     * or carry a partial transport checksum.
     */
    boolean vnetHeader();

    /** Whether the kernel gives and takes UDP super-packets (gso_type UDP_L4, Linux 6.2). */
    boolean udpSegments();

    /**
     * Reads one packet to {@code address}.
     *
     * @param capacityBytes {@link #VNET_HEADER_BYTES} and 65,535: the kernel cuts off what does not fit, without telling
     * @return its bytes, virtio_net_hdr included; or -errno: {@code -EAGAIN} when there is none, {@code -EBADFD} when
     *     the interface was deleted
     */
    int read(long address, int capacityBytes);

    /**
     * Writes one packet gathered from an array of {@code struct iovec} (two 64-bit words each: address, length), the
     * virtio_net_hdr first.
     *
     * @return its bytes; or -errno: {@code -EINVAL} for a packet the kernel finds malformed, {@code -EIO} when the
     *     interface is down, {@code -EBADFD} when it was deleted
     */
    int write(long iovecs, int iovecCount);

    /**
     * Waits until {@link #read} has something to say, an error included, or {@link #wake()} was called.
     *
     * @param timeoutMs -1 for ever
     * @return true when readable
     */
    boolean awaitReadable(int timeoutMs);

    /** Makes a present or the next {@link #awaitReadable} return; any thread. */
    void wake();

    /** Gives the device back. No thread may be inside another method: wake and join them first. */
    @Override
    void close();
}
