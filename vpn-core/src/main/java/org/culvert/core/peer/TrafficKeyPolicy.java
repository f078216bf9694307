package org.culvert.core.peer;

/**
 * How long one traffic key Kp may live: until the first limit is reached. SKIP allows it by policy; the default is a fresh key
 * for every packet.
 *
 * @param packets at most this many packets
 * @param bytes at most this many inner bytes
 * @param lifetimeNs at most this long, monotonic
 */
public record TrafficKeyPolicy(long packets, long bytes, long lifetimeNs) {
    /** A fresh Kp for every packet: type 1 on the wire. */
    public static final TrafficKeyPolicy EVERY_PACKET = new TrafficKeyPolicy(1, Long.MAX_VALUE, Long.MAX_VALUE);

    public boolean everyPacket() {
        return packets == 1;
    }
}
