package org.culvert.tun;

/**
 * How to open a UDP socket. The two offloads are tried and left out where the kernel lacks them.
 *
 * @param segmentation send trains of datagrams in one call (UDP_SEGMENT, Linux 4.18)
 * @param coalescing receive trains of datagrams in one call (UDP_GRO, Linux 5.0)
 * @param bufferBytes receive and send buffer. Too small costs most: a full train is 64 KiB and the sender of the next
 *     does not wait while we decrypt this one
 */
public record UdpOptions(boolean segmentation, boolean coalescing, int bufferBytes) {
    /** wireguard-go measured 208 kB to 7 MB: 4.1 to 5.3 Gbit/s, and no TCP retransmission left (research, 1.1). */
    public static final int DEFAULT_BUFFER_BYTES = 8 << 20;

    /** Everything on. */
    public static UdpOptions defaults() {
        return new UdpOptions(true, true, DEFAULT_BUFFER_BYTES);
    }
}
