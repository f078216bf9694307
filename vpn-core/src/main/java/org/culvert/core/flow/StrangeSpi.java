package org.culvert.core.flow;

import java.util.Collection;
import org.culvert.tun.Datagrams;
import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Where a datagram came from whose SPI nobody has, for the control thread: perhaps a peer that uses keys which a restart has taken from
 * us. Ten in a second are looked at; whatever a stranger sends, it costs no more. Those from where a peer may be are ten of their own, so
 * that nobody keeps a peer from being heard by flooding us from elsewhere. Written by Inbound, taken by the control thread.
 */
public final class StrangeSpi {
    private static final long INTERVAL_NS = 100_000_000L;

    private final Cell ofPeers = new Cell();
    private final Cell ofOthers = new Cell();
    private volatile long[] places = new long[1];

    /**
     * One of them.
     *
     * @param bytes of the datagram, UDP payload
     */
    public record Seen(Endpoint from, int bytes) {}

    /** One look in each interval. */
    private static final class Cell {
        private volatile @Nullable Seen last;
        private long seenNs;

        private boolean see(Datagrams datagrams, int bytes, long nowNs) {
            if (nowNs - seenNs < INTERVAL_NS) {
                return false;
            }
            seenNs = nowNs;
            last = new Seen(datagrams.endpoint(), bytes);
            return true;
        }

        private @Nullable Seen take() {
            Seen seen = last;
            if (seen != null) {
                last = null;
            }
            return seen;
        }
    }

    /** Inbound. @return whether the control thread is to be told */
    boolean see(Datagrams datagrams, int bytes, long nowNs) {
        Cell cell = mayBePeer(datagrams) ? ofPeers : ofOthers;
        return cell.see(datagrams, bytes, nowNs);
    }

    /** Control thread: one that was seen since it was asked before, or null. */
    public @Nullable Seen take() {
        Seen seen = ofPeers.take();
        return seen == null ? ofOthers.take() : seen;
    }

    /**
     * Control thread: where peers may be. Kept as hashes, open addressing, 0 is free: a stranger with the hash of a peer's address gets
     * a look more, and no more than that.
     */
    public void places(Collection<Endpoint> all) {
        long[] table = new long[Integer.highestOneBit(all.size() * 2 + 1) * 2];
        for (Endpoint place : all) {
            long hash = hash(place.remoteHigh(), place.remoteLow(), place.remotePort());
            int at = slot(hash, table);
            while (table[at] != 0 && table[at] != hash) {
                at = (at + 1) & (table.length - 1);
            }
            table[at] = hash;
        }
        places = table;
    }

    private boolean mayBePeer(Datagrams datagrams) {
        long[] table = places;
        long hash = hash(datagrams.remoteHigh, datagrams.remoteLow, datagrams.remotePort);
        int at = slot(hash, table);
        while (table[at] != 0 && table[at] != hash) {
            at = (at + 1) & (table.length - 1);
        }
        return table[at] == hash;
    }

    private static int slot(long hash, long[] table) {
        return (int) (hash >>> 32) & (table.length - 1);
    }

    /** Never 0. */
    private static long hash(long high, long low, int port) {
        long hash = (high * 0x9e3779b97f4a7c15L ^ low) * 0xbf58476d1ce4e5b9L + port;
        hash = (hash ^ hash >>> 29) * 0x94d049bb133111ebL;
        return (hash ^ hash >>> 32) | 1;
    }
}
