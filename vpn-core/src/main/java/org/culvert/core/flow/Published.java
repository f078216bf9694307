package org.culvert.core.flow;

import org.culvert.core.peer.Snapshot;

/**
 * The one way from the control thread to the flow threads: a snapshot behind a volatile field, and the version that each of the
 * two has in use, so that keys are erased only when nobody can seal or open with them any more.
 */
public final class Published {
    private volatile Snapshot current;
    private volatile long outboundVersion = -1;
    private volatile long inboundVersion = -1;

    public Published(Snapshot first) {
        this.current = first;
    }

    /** Control thread. The flow threads must be woken after it, or an idle one keeps the old snapshot in use. */
    public void publish(Snapshot next) {
        current = next;
    }

    public Snapshot current() {
        return current;
    }

    /** Both flow threads have left every snapshot older than this behind. */
    public long oldestVersionInUse() {
        return Math.min(outboundVersion, inboundVersion);
    }

    /** Outbound, at the start of each batch. */
    Snapshot forOutbound() {
        Snapshot snapshot = current;
        if (outboundVersion != snapshot.version()) {
            outboundVersion = snapshot.version();
        }
        return snapshot;
    }

    /** Inbound, at the start of each batch. */
    Snapshot forInbound() {
        Snapshot snapshot = current;
        if (inboundVersion != snapshot.version()) {
            inboundVersion = snapshot.version();
        }
        return snapshot;
    }

    /** A flow thread has ended and uses nothing any more. */
    void outboundEnded() {
        outboundVersion = Long.MAX_VALUE;
    }

    void inboundEnded() {
        inboundVersion = Long.MAX_VALUE;
    }
}
