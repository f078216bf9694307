package org.culvert.tun;

/**
 * A UDP socket that sends and receives trains of datagrams. Non-blocking. One sending and one receiving thread, which
 * may be two; {@link #wake()} from any.
 */
public interface UdpLink extends AutoCloseable {
    /** Most datagrams one send may carry (UDP_MAX_SEGMENTS was 64 until Linux 6.9; older kernels answer EINVAL). */
    int MAX_SEGMENTS = 64;

    /** Most bytes one send may carry: what an IPv4 packet leaves for UDP payload (the kernel says EMSGSIZE above it). */
    int MAX_SEND_BYTES = 65_507;

    /**
     * Sends the {@code bytes} bytes at {@code address} as datagrams of {@code segmentBytes} each, the last may be
     * shorter, in one system call. Leaves from {@code to}'s local address where it has one.
     *
     * @param segmentBytes {@code >= bytes} for a single datagram
     * @return bytes sent; or -errno: {@code -EAGAIN} when the socket's buffer is full; {@code -EIO} when the egress
     *     device cannot segment (see {@link #segmentationOff()}); {@code -EMSGSIZE}, from older kernels
     *     {@code -EINVAL}, when a segment of several is larger than the path's MTU (alone it is fragmented);
     *     {@code -ENETUNREACH} when there is no route or our IPv4 address is gone, {@code -EINVAL} when our IPv6
     *     address is gone; {@code -EHOSTUNREACH}, {@code -EACCES}, {@code -EPERM} when a route or filter refuses
     */
    int send(Endpoint to, long address, int bytes, int segmentBytes);

    /**
     * Sends one datagram beside what the sending thread sends. Any thread.
     *
     * @return bytes sent, or -errno as of {@link #send}
     */
    int sendAside(Endpoint to, long address, int bytes);

    /**
     * Receives one datagram, or one train of datagrams of one sender that the kernel put together.
     *
     * @return bytes at {@code address}, described by {@code into}; or -errno: {@code -EAGAIN} when there is none,
     *     {@code -EMSGSIZE} when it was longer than {@code capacityBytes} and is lost
     */
    int receive(long address, int capacityBytes, Datagrams into);

    /** What may be done to the datagrams of the next {@link #send}s. Cheap when nothing changes. Sending thread only. */
    void fragmentation(Fragmentation mode);

    /** DSCP and ECN, eight bits, of the next {@link #send}s. Sending thread only. */
    void trafficClass(int bits);

    /** False: every datagram must be sent alone, because the kernel or an egress device cannot segment. */
    boolean segmentation();

    /** The caller saw {@code -EIO}: this socket sends singly from now on. Sending thread only. */
    void segmentationOff();

    /**
     * Waits until {@link #receive} has something to say, an error included, or {@link #wake()} was called.
     *
     * @param timeoutMs -1 for ever
     * @return true when readable
     */
    boolean awaitReadable(int timeoutMs);

    /** Makes a present or the next {@link #awaitReadable} return; any thread. */
    void wake();

    /** Waits until the socket's buffer has room again. @return true when it has */
    boolean awaitWritable(int timeoutMs);

    /** The bound port. */
    int port();

    /** Gives the socket back. No thread may be inside another method: wake and join them first. */
    @Override
    void close();
}
