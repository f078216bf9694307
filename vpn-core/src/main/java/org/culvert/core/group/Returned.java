package org.culvert.core.group;

import org.culvert.core.packet.GroupPacket;

/**
 * Knows a packet that comes back. Where a second gateway of the same members stands on this LAN, it sends there what we sent it, with the
 * host's own source: taken for the host's, it would go round for as long as its TTL lasts, and for ever in a link-local group. But its
 * Ethernet address is the gateway's, and the host's was another. So: the very same packet again within two seconds, from another
 * station. One that a host repeats itself comes from the same station and passes. One thread.
 */
public final class Returned {
    private static final int SLOTS =
            1_024; // of two seconds at 500 packets; one overwritten too early is a packet twice, no more
    private static final long REMEMBERED_NS = 2_000_000_000L;

    private final long[] digests = new long[SLOTS];
    private final long[] stations = new long[SLOTS];
    private final long[] seenNs = new long[SLOTS];

    /**
     * Looks at a packet from the LAN, checksums finished, and remembers it.
     *
     * @param station Ethernet address it came from; not 0
     */
    public boolean isBack(long packet, int bytes, int version, long station, long nowNs) {
        long digest = GroupPacket.digest(packet, bytes, version);
        int slot = (int) (digest & (SLOTS - 1));
        if (stations[slot] != 0 && digests[slot] == digest && nowNs - seenNs[slot] < REMEMBERED_NS) {
            return stations[slot] != station;
        }
        digests[slot] = digest;
        stations[slot] = station;
        seenNs[slot] = nowNs;
        return false;
    }
}
