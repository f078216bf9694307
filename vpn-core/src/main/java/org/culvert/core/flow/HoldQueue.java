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

    /** A packet takes a place, however small it is. */
    private static final int LEAST_SHARE = BYTES / PACKETS;

    /** Whoever sent a packet has given it up by then. */
    static final long LONGEST_NS = 5_000_000_000L;

    private final int lane;
    private final int headroomBytes;
    private final @Nullable Peer[] peers = new Peer[PACKETS];
    private final int[] offset = new int[PACKETS];
    private final int[] length = new int[PACKETS];
    private final long[] heldNs = new long[PACKETS];

    /** What the packet's peer has of the room, with all its packets. */
    private final int[] share = new int[PACKETS];

    private @Nullable Region memory;
    private int count;
    private int usedBytes;

    /** What {@link #due} gave is being sealed where it lies: nothing may move. */
    private boolean leaving;

    /** @param headroomBytes in front of each packet, for whoever cuts and seals it */
    HoldQueue(int lane, int headroomBytes) {
        this.lane = lane;
        this.headroomBytes = headroomBytes;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Takes one. @return false: there is no room, and no peer that has more of it than this one would */
    boolean hold(Peer peer, long packet, int bytes, long nowNs) {
        if (leaving) {
            return false; // a packet that waited for one peer and that a reload has given to another one without keys
        }
        int needed = room(bytes);
        if (!hasRoom(needed)) {
            dropStale(nowNs);
        }
        int wanted = share(peer) + Math.max(needed, LEAST_SHARE);
        while (!hasRoom(needed)) {
            int last = lastOfGreediest();
            if (share[last] <= wanted) {
                return false;
            }
            drop(last);
            compact();
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
        setShare(peer, wanted);
        return true;
    }

    private int room(int bytes) {
        return (headroomBytes + bytes + 127) & ~63; // as far apart as in the area the TUN is read to
    }

    private boolean hasRoom(int needed) {
        return count < PACKETS && usedBytes + needed <= BYTES;
    }

    private int share(Peer peer) {
        for (int i = 0; i < count; i++) {
            if (peers[i] == peer) {
                return share[i];
            }
        }
        return 0;
    }

    private void setShare(Peer peer, int bytes) {
        for (int i = 0; i < count; i++) {
            if (peers[i] == peer) {
                share[i] = bytes;
            }
        }
    }

    /** Its first packets are those that others follow from. */
    private int lastOfGreediest() {
        int last = 0;
        for (int i = 1; i < count; i++) {
            if (share[i] >= share[last]) {
                last = i;
            }
        }
        return last;
    }

    private void drop(int i) {
        Peer peer = peers[i];
        if (peer != null) {
            peer.counters().drop(lane, DropReason.TX_NO_KEYS, 1);
            takeOut(i, peer);
        }
    }

    private void takeOut(int i, Peer peer) {
        setShare(peer, share[i] - Math.max(room(length[i]), LEAST_SHARE));
        peers[i] = null;
    }

    /**
     * Those whose peers have keys by now, in the order they came; they stay where they are until {@link #compact}.
     *
     * @return how many there are, with address and length in the two arrays
     */
    int due(Snapshot snapshot, int hour, long nowNs, long[] address, int[] bytes) {
        Region region = memory;
        dropStale(nowNs);
        leaving = true;
        int due = 0;
        for (int i = 0; i < count && region != null && due < address.length; i++) {
            Peer peer = peers[i];
            int number = peer == null ? -1 : snapshot.peers().indexOf(peer);
            if (peer != null && number >= 0 && snapshot.sendKey(number, hour) != null) {
                address[due] = region.address() + offset[i] + headroomBytes;
                bytes[due] = length[i];
                due++;
                takeOut(i, peer);
            }
        }
        return due;
    }

    private void dropStale(long nowNs) {
        boolean any = false;
        for (int i = 0; i < count; i++) {
            if (peers[i] != null && nowNs - heldNs[i] >= LONGEST_NS) {
                drop(i);
                any = true;
            }
        }
        if (any) {
            compact();
        }
    }

    /** What {@link #due} gave is done with. */
    void compact() {
        leaving = false;
        Region region = memory;
        int kept = 0;
        int to = 0;
        for (int i = 0; i < count && region != null; i++) {
            if (peers[i] != null) {
                OffHeap.copy(region.address() + offset[i], region.address() + to, headroomBytes + length[i]);
                peers[kept] = peers[i];
                offset[kept] = to;
                length[kept] = length[i];
                heldNs[kept] = heldNs[i];
                share[kept] = share[i];
                to += room(length[i]);
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
