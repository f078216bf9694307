package org.culvert.core.flow;

import org.culvert.core.packet.TrafficClass;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.wire.DiscoveryMessage;
import org.culvert.tun.Fragmentation;

/**
 * What passes between the control thread and the flow threads: a snapshot behind a volatile field, and the version that each of the
 * two has in use, so that keys are erased only when nobody can seal or open with them any more; control messages that Outbound is to
 * send; and the bell that says that some have arrived (they wait in each {@link org.culvert.core.peer.Peer}'s own ring).
 */
public final class Published {
    /** Messages to all peers that may wait for Outbound; more are not taken. */
    private static final int CONTROL_SLOTS = 64;

    /** Datagrams of discovery that may wait; more are dropped and counted. */
    private static final int DISCOVERY_SLOTS = 64;

    private final ControlRing discoveryReceived = new ControlRing(DISCOVERY_SLOTS, DiscoveryMessage.MAX_BYTES);
    private final ControlBell discoveryArrived = new ControlBell();
    private final ControlRing toSend = new ControlRing(CONTROL_SLOTS);
    private final ControlBell arrived = new ControlBell();
    private volatile Snapshot current;
    private volatile Fragmentation fragmentation = Fragmentation.KERNEL;
    private volatile int dscp = TrafficClass.COPY_DSCP;
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

    /** Control thread: what may be done to outer datagrams from the next batch on. */
    public void fragmentation(Fragmentation mode) {
        fragmentation = mode;
    }

    Fragmentation fragmentation() {
        return fragmentation;
    }

    /** Control thread: DSCP of outer datagrams, 0 to 63, or {@link TrafficClass#COPY_DSCP}. */
    public void dscp(int value) {
        dscp = value;
    }

    int dscp() {
        return dscp;
    }

    /** Offered by the control thread, which wakes Outbound after it, and taken by Outbound. */
    public ControlRing controlToSend() {
        return toSend;
    }

    /** Rung by Inbound when a control message waits in a peer's ring. */
    public ControlBell controlArrived() {
        return arrived;
    }

    /** Whole datagrams of types 3 and 4, filled by Inbound, emptied by the discovery thread. */
    public ControlRing discoveryReceived() {
        return discoveryReceived;
    }

    /** Rung when one waits there. */
    public ControlBell discoveryArrived() {
        return discoveryArrived;
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
