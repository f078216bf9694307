package org.culvert.core.flow;

import org.culvert.tun.Datagrams;
import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Where a datagram came from whose SPI nobody has, for the control thread: perhaps a peer that uses keys which a restart has taken from
 * us. Ten in a second are looked at; whatever a stranger sends, it costs no more. Written by Inbound, taken by the control thread.
 */
public final class StrangeSpi {
    private static final long INTERVAL_NS = 100_000_000L;

    private volatile @Nullable Seen last;
    private long seenNs;

    /**
     * One of them.
     *
     * @param bytes of the datagram, UDP payload
     */
    public record Seen(Endpoint from, int bytes) {}

    /** Inbound. @return whether the control thread is to be told */
    boolean see(Datagrams datagrams, int bytes, long nowNs) {
        if (nowNs - seenNs < INTERVAL_NS) {
            return false;
        }
        seenNs = nowNs;
        last = new Seen(datagrams.endpoint(), bytes);
        return true;
    }

    /** Control thread: the last one since it was asked before, or null. */
    public @Nullable Seen take() {
        Seen seen = last;
        if (seen != null) {
            last = null;
        }
        return seen;
    }
}
