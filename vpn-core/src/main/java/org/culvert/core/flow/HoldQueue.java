package org.culvert.core.flow;

import org.culvert.core.peer.Peer;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.wire.DropReason;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;

/**
 * The first packets for a peer whose data goes only under epoch keys, for the round trip until there are some. Bounded in packets, bytes
 * and time; what finds no room is dropped as if there were no queue. Takes memory when the first packet comes, and gives it back with the
 * last: a gateway whose peers all have keys has none. One sending thread.
 */
final class HoldQueue implements AutoCloseable {
    private static final int PACKETS = 64;
    private static final int BYTES = 256 * 1024;

    /** Whoever sent a packet has given it up by then. */
    static final long LONGEST_NS = 5_000_000_000L;

    private final int lane;
    private final int headroomBytes;
    private final @Nullable Peer[] peers = new Peer[PACKETS];
    private final int[] offset = new int[PACKETS];
    private final int[] length = new int[PACKETS];
    private final long[] heldNs = new long[PACKETS];
    private @Nullable Region memory;
    private int count;
    private int usedBytes;

    /** @param headroomBytes in front of each packet, for whoever cuts and seals it */
    HoldQueue(int lane, int headroomBytes) {
        this.lane = lane;
        this.headroomBytes = headroomBytes;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Takes one. @return false: there is no room */
    boolean hold(Peer peer, long packet, int bytes, long nowNs) {
        int needed = (headroomBytes + bytes + 127) & ~63; // as far apart as in the area the TUN is read to
        if (count == PACKETS || usedBytes + needed > BYTES) {
            dropStale(nowNs);
        }
        if (count == PACKETS || usedBytes + needed > BYTES) {
            return false;
        }
        Region region = memory;
        if (region == null) {
            region = new Region(BYTES);
            memory = region;
        }
        peers[count] = peer;
        offset[count] = usedBytes;
        length[count] = bytes;
        heldNs[count] = nowNs;
        OffHeap.copy(packet, region.address() + usedBytes + headroomBytes, bytes);
        usedBytes += needed;
        count++;
        return true;
    }

    /**
     * Those whose peers have keys by now, in the order they came; they stay where they are until {@link #compact}.
     *
     * @return how many there are, with address and length in the two arrays
     */
    int due(Snapshot snapshot, int hour, long nowNs, long[] address, int[] bytes) {
        Region region = memory;
        dropStale(nowNs);
        int due = 0;
        for (int i = 0; i < count && region != null && due < address.length; i++) {
            int number = snapshot.peers().indexOf(peers[i]);
            if (number >= 0 && snapshot.sendKey(number, hour) != null) {
                address[due] = region.address() + offset[i] + headroomBytes;
                bytes[due] = length[i];
                due++;
                peers[i] = null;
            }
        }
        return due;
    }

    private void dropStale(long nowNs) {
        for (int i = 0; i < count; i++) {
            Peer peer = peers[i];
            if (peer != null && nowNs - heldNs[i] >= LONGEST_NS) {
                peer.counters().drop(lane, DropReason.TX_NO_KEYS, 1);
                peers[i] = null;
            }
        }
        compact();
    }

    /** What {@link #due} gave is done with. */
    void compact() {
        Region region = memory;
        int kept = 0;
        int to = 0;
        for (int i = 0; i < count && region != null; i++) {
            if (peers[i] != null) {
                int bytes = headroomBytes + length[i];
                OffHeap.copy(region.address() + offset[i], region.address() + to, bytes);
                peers[kept] = peers[i];
                offset[kept] = to;
                length[kept] = length[i];
                heldNs[kept] = heldNs[i];
                to += (bytes + 127) & ~63;
                kept++;
            }
        }
        count = kept;
        usedBytes = to;
        if (count == 0) {
            close();
        }
    }

    @Override
    public void close() {
        Region region = memory;
        if (region != null) {
            region.close();
            memory = null;
        }
    }
}
