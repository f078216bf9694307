package org.culvert.core.peer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import org.culvert.core.crypto.Suite;
import org.culvert.core.replay.PeerReplay;
import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * One other gateway, for as long as it is configured. What is fixed stands in final fields; what moves has one writing thread
 * each, named beside it. Keys and routes are not here but in the {@link Snapshot}.
 */
public final class Peer {
    /** Control messages that may wait for the control thread: a peer that sends faster than we read loses some. */
    private static final int CONTROL_SLOTS = 8;

    /** Opaque: a fence with every packet would cost more than the rest of its bookkeeping. */
    private static final VarHandle LAST_RECEIVED;

    static {
        try {
            LAST_RECEIVED = MethodHandles.lookup().findVarHandle(Peer.class, "lastReceivedNs", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String name;
    private final PeerReplay replay;
    private final Counters counters;
    private final PeerReplay epochReplay = new PeerReplay();
    private final ControlRing controlReceived = new ControlRing(CONTROL_SLOTS);
    private final ControlRing announcementsReceived = new ControlRing(CONTROL_SLOTS);
    private final ClockSkew skew = new ClockSkew();
    private final RefusedPackets refused = new RefusedPackets();
    private final OutboundState[] outbound; // by lane

    /** What is configured for its packets. Control thread; the flow threads have it in the keys of their snapshot. */
    private volatile Terms terms;

    /** Control thread: whether packets are compressed, on both ways. A flow thread may take it up at any packet: each says what it is. */
    private volatile boolean compresses;

    /** Where its packets go. Moved by Inbound, and by the control thread: to what is configured, and with {@link #hold}. */
    private volatile @Nullable Endpoint endpoint;

    /** Control thread: monotonic time until which Inbound leaves the endpoint alone; 0: it does not. */
    private volatile long heldUntilNs;

    /** Of the packet that the endpoint was last moved for; under this object's lock. */
    private long movedTicks = Long.MIN_VALUE;

    /** Control thread: longest datagram that reaches the peer, UDP payload; 0: not known, the egress link decides. */
    private volatile int pathBytes;

    /** Control thread: largest inner packet, as the routes to the peer have it; 0: not known yet. */
    private volatile int mtuBytes;

    /** Inbound: monotonic time of the last packet that opened; 0 when there was none. */
    @SuppressWarnings("UnusedVariable") // through LAST_RECEIVED
    private long lastReceivedNs;

    /** Outbound: errno of the last send, 0 when it was good. */
    private volatile int lastSendErrno;

    /** Inbound: sender time minus own clock of the last packet refused for being older than the floor; 0 when there was none. */
    private volatile long refusedSkewTicks;

    /** Set when something opened under a pair for the first time, or a packet waits for one; cleared by the control thread. */
    private volatile boolean pairHeard;

    /** Outbound: when a packet was last held back, until there is a pair to seal it under; 0: never. */
    private volatile long packetWaitsNs;

    /** Inbound: the hour under whose key a packet opened that we did not accept, and when; 0 when there was none. */
    private volatile @Nullable StrangeClock strangeClock;

    /**
     * @param suites what is accepted; the first is what is sent
     * @param firstCount packet number of the first packet: the wall clock in units of 100 ns since 1995 (design.md section 1), so
     *     that a restarted gateway starts above all it ever sent
     */
    public Peer(String name, List<Suite> suites, TrafficKeyPolicy trafficKey, PeerReplay replay, long firstCount) {
        this(name, suites, trafficKey, replay, firstCount, 1);
    }

    /** For a gateway whose threads use lanes 0 to {@code lanes - 1}. Every lane counts from {@code firstCount} on. */
    public Peer(
            String name,
            List<Suite> suites,
            TrafficKeyPolicy trafficKey,
            PeerReplay replay,
            long firstCount,
            int lanes) {
        this.name = name;
        this.terms = new Terms(suites, trafficKey);
        this.replay = replay;
        this.counters = new Counters(lanes);
        this.outbound = new OutboundState[lanes];
        Arrays.setAll(outbound, lane -> new OutboundState(firstCount));
    }

    public String name() {
        return name;
    }

    public Suite sendingSuite() {
        return terms.suites.getFirst();
    }

    public List<Suite> suites() {
        return terms.suites;
    }

    public boolean accepts(Suite suite) {
        return terms.suites.contains(suite);
    }

    public TrafficKeyPolicy trafficKey() {
        return terms.trafficKey;
    }

    /** Control thread: what its packets are sealed with from the next snapshot on. */
    public void agreeOn(List<Suite> suites, TrafficKeyPolicy trafficKey) {
        terms = new Terms(suites, trafficKey);
    }

    public PeerReplay replay() {
        return replay;
    }

    /** The same of what comes under epoch pairs: nothing that static keys can do may touch it. */
    public PeerReplay epochReplay() {
        return epochReplay;
    }

    public Counters counters() {
        return counters;
    }

    /** Filled by Inbound, emptied by the control thread. */
    public ControlRing controlReceived() {
        return controlReceived;
    }

    /** What it sent and may not. */
    public RefusedPackets refused() {
        return refused;
    }

    /** Those that came under static keys while data goes under others: whoever has only these cannot keep the others waiting. */
    public ControlRing announcementsReceived() {
        return announcementsReceived;
    }

    /** Inbound thread: a pair was heard under for the first time. */
    public void pairHeard() {
        pairHeard = true;
    }

    /** Control thread: whether that was so, or a packet was held back, since it was last asked. */
    public boolean takePairHeard() {
        boolean heard = pairHeard;
        if (heard) {
            pairHeard = false;
        }
        return heard;
    }

    /** When a packet was last held back; 0: never. */
    public long packetWaitsNs() {
        return packetWaitsNs;
    }

    /** Outbound thread: a packet is held back. */
    public void packetWaits(long nowNs) {
        packetWaitsNs = nowNs == 0 ? 1 : nowNs;
        pairHeard = true;
    }

    public ClockSkew skew() {
        return skew;
    }

    /** How many lanes we use: one of our threads in each direction for each. */
    public int lanes() {
        return outbound.length;
    }

    /** The Outbound thread of this lane only. */
    public OutboundState outbound(int lane) {
        return outbound[lane];
    }

    /** Any thread: the last error of a send, 0 when the last one was good. */
    public int lastSendErrno() {
        return lastSendErrno;
    }

    /** An Outbound thread. */
    public void sendResult(int errno) {
        if (lastSendErrno != errno) {
            lastSendErrno = errno;
        }
    }

    public @Nullable Endpoint endpoint() {
        return endpoint;
    }

    /** See the field for who may call this. */
    public void moveTo(Endpoint newEndpoint) {
        endpoint = newEndpoint;
    }

    /**
     * Control thread: its packets go there, and for a moment nothing that comes from it changes that. An Inbound that was just about to
     * move it wins; who called this calls it again when the peer is looked for the next time.
     */
    public void hold(Endpoint place, long untilNs) {
        heldUntilNs = untilNs == 0 ? 1 : untilNs;
        endpoint = place;
    }

    /** Any thread. */
    public boolean isHeld(long nowNs) {
        long until = heldUntilNs;
        return until != 0 && until - nowNs > 0;
    }

    /**
     * An Inbound thread: a packet that may move the endpoint came from there. Of two threads that have one at the same time the one
     * with the newer packet is right. Rare, hence the lock.
     */
    public synchronized void follow(Endpoint source, long senderTicks) {
        if (senderTicks >= movedTicks) {
            movedTicks = senderTicks;
            endpoint = source;
        }
    }

    public int pathBytes() {
        return pathBytes;
    }

    /** Control thread. */
    public void pathBytes(int bytes) {
        pathBytes = bytes;
    }

    public int mtuBytes() {
        return mtuBytes;
    }

    /** Control thread. */
    public void mtuBytes(int bytes) {
        mtuBytes = bytes;
    }

    public long lastReceivedNs() {
        return (long) LAST_RECEIVED.getOpaque(this);
    }

    /** Inbound thread. */
    public void receivedAt(long nowNs) {
        LAST_RECEIVED.setOpaque(this, nowNs == 0 ? 1 : nowNs);
    }

    public long refusedSkewTicks() {
        return refusedSkewTicks;
    }

    /** Inbound thread. Kept apart from {@link #skew}: a replay must not lower what the next start's floor is computed from. */
    public void refusedSkew(long ticks) {
        refusedSkewTicks = ticks;
    }

    public @Nullable StrangeClock strangeClock() {
        return strangeClock;
    }

    /** Inbound thread. */
    public void strangeClock(StrangeClock seen) {
        strangeClock = seen;
    }

    public boolean compresses() {
        return compresses;
    }

    /** Control thread. */
    public void compresses(boolean is) {
        compresses = is;
    }

    @Override
    public String toString() {
        return name;
    }

    private record Terms(List<Suite> suites, TrafficKeyPolicy trafficKey) {
        Terms {
            suites = List.copyOf(suites);
        }
    }

    /** A packet opened under the key of an hour that is not accepted, at {@code nowNs}: so far its sender's clock is ahead. It was not delivered. */
    public record StrangeClock(long aheadTicks, long nowNs) {}

    /** What the Outbound of one lane alone knows of a peer. */
    public static final class OutboundState {
        private long nextCount;

        private OutboundState(long firstCount) {
            this.nextCount = firstCount;
        }

        /** The count of the next packet; never given out twice. */
        public long nextCount() {
            return nextCount;
        }

        /** {@code packets} numbers from {@link #nextCount} on are used up. */
        public void used(int packets) {
            nextCount += packets;
        }
    }
}
