package org.culvert.core.flow;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.culvert.core.packet.TrafficClass;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.wire.DiscoveryMessage;
import org.culvert.tun.Fragmentation;
import org.jspecify.annotations.Nullable;

/**
 * What passes between the control thread and the flow threads: a snapshot behind a volatile field, and the version that each of
 * these has in use, so that keys are erased only when nobody can seal or open with them any more; control messages that Outbound is to
 * send; and the bell that says that some have arrived (they wait in each {@link org.culvert.core.peer.Peer}'s own ring).
 */
public final class Published {
    /** Messages to all peers that may wait for Outbound; more are not taken. */
    private static final int CONTROL_SLOTS = 64;

    /** Datagrams of discovery that may wait; more are dropped and counted. */
    private static final int DISCOVERY_SLOTS = 64;

    private static final long LOOK_INTERVAL_NS = 50_000;

    /** Ten times what a look with the keys of a new pair takes, and less than what fills a socket's buffer at a gigabit a second. */
    private static final long LONG_WORK_NS = 20_000_000;

    private final ControlRing discoveryReceived = new ControlRing(DISCOVERY_SLOTS, DiscoveryMessage.MAX_BYTES);
    private final ControlBell discoveryArrived = new ControlBell();
    private final ControlRing toSend = new ControlRing(CONTROL_SLOTS);
    private final ControlBell arrived = new ControlBell();
    private final StrangeSpi strangeSpi = new StrangeSpi();
    private volatile Snapshot current;
    private volatile Fragmentation fragmentation = Fragmentation.KERNEL;
    private volatile int dscp = TrafficClass.COPY_DSCP;
    private volatile long signsAskedFor;
    private volatile long looksBegun;
    private volatile long looksEnded;

    /** 0: it is at rest. */
    private volatile long atWorkSinceNs;

    private final List<Use> uses = new CopyOnWriteArrayList<>();
    private volatile @Nullable GroupExchange groups;

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

    /** Control thread: it looks at what has rung so far, and publishes what that changes before this returns. */
    public void look(Runnable work) {
        long number = looksBegun + 1;
        looksBegun = number;
        try {
            work.run();
        } finally {
            looksEnded = number;
        }
    }

    /** To be had before the control thread is told of something: what {@link #awaitLook} waits for is a look that began later. */
    long looksBegun() {
        return looksBegun;
    }

    /** Control thread: it begins with something, of which a look is a part at most. */
    public void atWork(long nowNs) {
        atWorkSinceNs = nowNs == 0 ? 1 : nowNs;
    }

    /** Control thread: it has done that. */
    public void atRest() {
        atWorkSinceNs = 0;
    }

    /**
     * Waits until the control thread has looked, or has published another snapshot than this, but not longer than that; and not for a
     * control thread that has long been at other work, as a reload with many peers is: datagrams come meanwhile, and the socket holds so
     * many. A look is no such work, however long it waits for a CPU.
     */
    @SuppressWarnings("ReferenceEquality") // the very same snapshot
    void awaitLook(long after, Snapshot known, long longestNs) {
        long beginNs = System.nanoTime();
        for (long nowNs = beginNs;
                current == known && looksEnded <= after && nowNs - beginNs < longestNs && !isLongAtOtherWork(nowNs);
                nowNs = System.nanoTime()) {
            LockSupport.parkNanos(this, LOOK_INTERVAL_NS);
        }
    }

    private boolean isLongAtOtherWork(long nowNs) {
        long sinceNs = atWorkSinceNs;
        return sinceNs != 0 && nowNs - sinceNs >= LONG_WORK_NS && looksEnded == looksBegun;
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

    /** Control thread, once: multicast groups are configured. */
    public void groups(GroupExchange exchange) {
        groups = exchange;
    }

    /** Null where no group was ever configured. */
    @Nullable
    GroupExchange groups() {
        return groups;
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

    /** Inbound rings the bell for it too. */
    public StrangeSpi strangeSpi() {
        return strangeSpi;
    }

    /** Every flow thread has left all snapshots older than this behind; -1 while there is a thread that has not begun, or none. */
    public long oldestVersionInUse() {
        return uses.stream().mapToLong(use -> use.version).min().orElse(-1);
    }

    /** Control thread, which wakes the flow threads after it: each is to show that it still comes by here. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes it
    public void askForSign() {
        signsAskedFor = signsAskedFor + 1;
    }

    /** Whether every flow thread that has not ended came by since the last {@link #askForSign}: one that is idle was woken for it. */
    public boolean allGaveSign() {
        return uses.stream().allMatch(use -> use.signsGiven >= signsAskedFor);
    }

    /** For a flow thread that is about to begin. */
    Use use() {
        Use use = new Use();
        uses.add(use);
        return use;
    }

    /** What one flow thread has in use. */
    final class Use {
        private volatile long version = -1;
        private volatile long signsGiven;

        private Use() {}

        /** At the start of each batch. */
        Snapshot snapshot() {
            Snapshot snapshot = current;
            if (version != snapshot.version()) {
                version = snapshot.version();
            }
            if (signsGiven != signsAskedFor) {
                signsGiven = signsAskedFor;
            }
            return snapshot;
        }

        /** The thread has ended and uses nothing any more. */
        void end() {
            version = Long.MAX_VALUE;
            signsGiven = Long.MAX_VALUE;
        }
    }
}
