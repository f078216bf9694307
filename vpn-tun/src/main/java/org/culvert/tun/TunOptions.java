package org.culvert.tun;

/**
 * How to open a TUN device. Each offload is tried and silently left out where the kernel lacks it; ask
 * {@link Tun#vnetHeader()} and {@link Tun#udpSegments()} what came of it.
 *
 * @param name interface name of at most 15 bytes; {@code %d} in it is replaced by the first free number
 * @param vnetHeader carry a virtio_net_hdr with each packet: the condition for everything below
 * @param segmentation exchange TCP super-packets with the kernel (TSO)
 * @param udpSegmentation exchange UDP super-packets too (USO, Linux 6.2)
 * @param severalQueues more queues can be opened beside the first ({@link LinuxTun#openQueue()}). A device that exists has to be of the
 *     same kind
 * @param persistent the device outlives {@link Tun#close()}, and one that exists is taken over. Without it the name
 *     must be free: a TUN somebody else left behind is not ours to take
 */
public record TunOptions(
        String name,
        boolean vnetHeader,
        boolean segmentation,
        boolean udpSegmentation,
        boolean severalQueues,
        boolean persistent) {
    /** With one queue. */
    public TunOptions(
            String name, boolean vnetHeader, boolean segmentation, boolean udpSegmentation, boolean persistent) {
        this(name, vnetHeader, segmentation, udpSegmentation, false, persistent);
    }
}
