package org.culvert.tun;

/**
 * Multicast groups on the interfaces of a LAN: hears what its hosts send to them, and sends to them in another's name. Non-blocking.
 * One thread; {@link #wake()} from any.
 */
public interface LanLink extends AutoCloseable {
    /** What {@link #read} needs in front of and behind the longest packet. */
    int READ_BYTES = 65_535 + Tun.VNET_HEADER_BYTES + 64;

    /**
     * Reads one packet that a host sent to one of the groups, as {@link Tun#read} does: a virtio_net_hdr in front of it, which may name
     * a partial checksum or ask for segments. Never one that this machine itself sent.
     *
     * @param address {@link #READ_BYTES} of memory; the virtio_net_hdr stands at {@link #packetOffset}
     * @return bytes of virtio_net_hdr and packet; or -errno: {@code -EAGAIN} when there is none
     */
    int read(long address);

    /** Where {@link #read} puts the virtio_net_hdr, from the address it was given. */
    int packetOffset();

    /** The Ethernet address that sent what was read last, in the lower 48 bits. */
    long sender();

    /**
     * Sends one complete IP packet to the group it is addressed to, on every interface, whatever its source.
     *
     * @return 0; or the last -errno: {@code -EMSGSIZE} when it is longer than an interface's MTU, {@code -ENETDOWN}
     */
    int send(long packet, int bytes);

    /**
     * Waits until {@link #read} has something to say, or {@link #wake()} was called.
     *
     * @param timeoutMs -1 for ever
     */
    boolean awaitReadable(int timeoutMs);

    /** Makes a present or the next {@link #awaitReadable} return; any thread, also after {@link #close}. */
    void wake();

    /** Leaves the groups. The thread must not be inside another method. */
    @Override
    void close();
}
