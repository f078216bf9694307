package org.culvert.core.peer;

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

    private final String name;
    private final PeerReplay replay;
    private final Counters counters = new Counters();
    private final ControlRing controlReceived = new ControlRing(CONTROL_SLOTS);
    private final ClockSkew skew = new ClockSkew();
    private final OutboundState outbound;

    /** What is configured for its packets. Control thread; the flow threads have it in the keys of their snapshot. */
    private volatile Terms terms;

    /** Where its packets go. Moved by Inbound, and by the control thread: to what is configured, and with {@link #hold}. */
    private volatile @Nullable Endpoint endpoint;

    /** Control thread: monotonic time until which Inbound leaves the endpoint alone; 0: it does not. */
    private volatile long heldUntilNs;

    /** Control thread: longest datagram that reaches the peer, UDP payload; 0: not known, the egress link decides. */
    private volatile int pathBytes;

    /** Control thread: largest inner packet, as the routes to the peer have it; 0: not known yet. */
    private volatile int mtuBytes;

    /** Inbound: monotonic time of the last packet that opened; 0 when there was none. */
    private volatile long lastReceivedNs;

    /** Inbound: sender time minus own clock of the last packet refused for being older than the floor; 0 when there was none. */
    private volatile long refusedSkewTicks;

    /** Inbound: the hour under whose key a packet opened that we did not accept, and when; 0 when there was none. */
    private volatile @Nullable StrangeClock strangeClock;

    /**
     * @param suites what is accepted; the first is what is sent
     * @param firstCount packet number of the first packet: the wall clock in units of 100 ns since 1995 (design.md section 1), so
     *     that a restarted gateway starts above all it ever sent
     */
    public Peer(String name, List<Suite> suites, TrafficKeyPolicy trafficKey, PeerReplay replay, long firstCount) {
        this.name = name;
        this.terms = new Terms(suites, trafficKey);
        this.replay = replay;
        this.outbound = new OutboundState(firstCount);
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

    /** Inbound thread only, but for the floor. */
    public PeerReplay replay() {
        return replay;
    }

    public Counters counters() {
        return counters;
    }

    /** Filled by Inbound, emptied by the control thread. */
    public ControlRing controlReceived() {
        return controlReceived;
    }

    public ClockSkew skew() {
        return skew;
    }

    /** Outbound thread only. */
    public OutboundState outbound() {
        return outbound;
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
        return lastReceivedNs;
    }

    /** Inbound thread. */
    public void receivedAt(long nowNs) {
        lastReceivedNs = nowNs == 0 ? 1 : nowNs;
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

    @Override
    public String toString() {
        return name;
    }

    private record Terms(List<Suite> suites, TrafficKeyPolicy trafficKey) {
        Terms {
            suites = List.copyOf(suites);
        }
    }

    /** A packet opened under the key of {@code hoursAhead} hours from now, at {@code nowNs}. It was not delivered. */
    public record StrangeClock(int hoursAhead, long nowNs) {}

    /** What Outbound alone knows of a peer. */
    public static final class OutboundState {
        private long nextCount;
        private volatile int lastSendErrno;

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

        /** Any thread: the last error of a send, 0 when the last one was good. */
        public int lastSendErrno() {
            return lastSendErrno;
        }

        public void sendResult(int errno) {
            if (lastSendErrno != errno) {
                lastSendErrno = errno;
            }
        }
    }
}
