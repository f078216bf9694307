package org.culvert.core.echo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.Peer;
import org.culvert.core.wire.ControlMessage;
import org.culvert.tun.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * The conversation with one peer: asks, answers, and keeps what follows from the answers. Told what time it is, and what has come in;
 * what goes out goes to a {@link Voice}. Control thread.
 */
public final class PeerEcho {
    private static final long NS_PER_US = 1_000;
    private static final long RECENTLY_NS = 2_000_000_000L;
    private static final long HOLD_NS = 3_000_000_000L;
    private static final int MOST_PINGS = 64;

    private final Peer peer;
    private final Voice voice;
    private final Manner manner;
    private final boolean measure;
    private final IntSupplier ownPort;
    private final Echoes echoes;
    private final Liveness liveness;
    private final PathMtu mtu = new PathMtu();
    private final DelayVariation variation = new DelayVariation();
    private @Nullable Endpoint path;
    private final PlaceSearch search = new PlaceSearch();
    private final LinkedHashMap<Long, LongConsumer> pings = new LinkedHashMap<>();
    private int limitBytes;
    private long packetsAtConfirm;
    private long variationThereUs = -1;
    private boolean behindNat;
    private boolean peerBehindNat;

    /** What says things to the peer. Each method returns false when there is no room now. */
    public interface Voice {
        /**
         * Where we believe to send from goes with it, where that is known.
         *
         * @param to null: where the peer is
         * @param datagramBytes 0: as short as it is
         */
        boolean ask(@Nullable Endpoint to, long id, int datagramBytes);

        boolean answer(ControlRing.Slot question, long id, long variationUs);
    }

    /**
     * How a peer is to be asked.
     *
     * @param measure false: never of our own accord; questions are answered all the same
     * @param keepaliveNs something is sent at least this often
     * @param keepaliveAlways false: only once a NAT was seen between the two
     */
    public record Manner(boolean measure, long keepaliveNs, boolean keepaliveAlways) {
        /** What NATs keep at the very least (RFC 4787 wants two minutes, home routers often have 30 s). */
        private static final long USUAL_NS = 25_000_000_000L;

        public static final Manner USUAL = new Manner(true, USUAL_NS, false);
    }

    /**
     * Nothing is sent before the first {@link #tick}.
     *
     * @param ownPort of our socket
     * @param firstId random, so that a restarted gateway does not take an old answer for a new one
     */
    public PeerEcho(Peer peer, Voice voice, Manner manner, IntSupplier ownPort, long firstId) {
        this.peer = peer;
        this.voice = voice;
        this.manner = manner;
        this.measure = manner.measure();
        this.ownPort = ownPort;
        this.echoes = new Echoes(firstId);
        this.liveness = new Liveness(manner.keepaliveNs(), manner.keepaliveAlways());
    }

    /**
     * The way to the peer as the kernel sees it: to be called when endpoint or egress link may have changed. Another address or another
     * limit begins a new search; another port of the same address does not.
     *
     * @param limit longest datagram the egress link carries, UDP payload
     * @param floor what passes nearly everywhere
     * @param headers IP and UDP header
     */
    public void path(Endpoint endpoint, int limit, int floor, int headers) {
        Endpoint known = path;
        boolean same = known != null
                && known.remoteHigh() == endpoint.remoteHigh()
                && known.remoteLow() == endpoint.remoteLow()
                && limit == limitBytes;
        path = endpoint;
        limitBytes = limit;
        if (!same) {
            mtu.path(limit, floor, headers);
        }
    }

    /**
     * Where the peer may be.
     *
     * @param places the addresses of each place, the preferred place first
     * @param choice false: a single address, from which the peer moves only by itself
     */
    public void places(List<List<Endpoint>> places, boolean choice) {
        search.places(places, choice);
    }

    /** Asks what is due. */
    public void tick(long nowNs) {
        echoes.expire(nowNs);
        if (!measure || peer.endpoint() == null) {
            return;
        }
        long heardNs = peer.lastReceivedNs();
        long packets = peer.counters().sentPackets();
        lookElsewhere(nowNs, heardNs);
        if (liveness.due(nowNs, heardNs, packets)) {
            askPlain(nowNs, packets);
        }
        if (liveness.answersEchoes() && nowNs - heardNs < RECENTLY_NS && mtu.startDue(nowNs)) {
            mtu.search(nowNs);
        }
        boolean busy = packets != packetsAtConfirm;
        if (mtu.shortEchoDue(nowNs) && askPlain(nowNs, packets)) {
            mtu.shortSent(nowNs);
        }
        for (int bytes = mtu.due(nowNs, busy); bytes != 0; bytes = mtu.due(nowNs, busy)) {
            if (!ask(bytes, nowNs)) {
                return;
            }
            mtu.sent(nowNs);
            packetsAtConfirm = packets;
        }
    }

    /**
     * Asks at other places. The question is the newest packet the peer has of us, so the peer would answer everybody's packets there, where
     * perhaps nothing passes in the other direction: another question right behind it keeps it where it is until we have decided.
     */
    private void lookElsewhere(long nowNs, long heardNs) {
        Endpoint at = peer.endpoint();
        if (at == null || peer.isHeld(nowNs)) {
            return;
        }
        boolean dead = liveness.wayIsDead(nowNs, heardNs);
        List<Endpoint> elsewhere = search.due(at, dead, nowNs);
        elsewhere.forEach(place -> voice.ask(place, echoes.askElsewhere(nowNs), 0));
        if (!dead && !elsewhere.isEmpty()) {
            voice.ask(null, echoes.askElsewhere(nowNs), 0);
        }
    }

    /**
     * The peer answered at a place that is better than where it is. It stays there for a moment whatever else comes from it: packets of its
     * that are still under way from the old place are newer than the answer, and would lead us back, and then our packets it.
     */
    private void foundAt(Endpoint place, long nowNs) {
        if (search.found(place, nowNs)) {
            peer.hold(place, nowNs + HOLD_NS);
            voice.ask(
                    null, echoes.askElsewhere(nowNs), 0); // it follows at once, also when there is nothing else to say
        }
    }

    /** Asks once, for somebody who wants to know now. The answer's round-trip time in ns comes on the control thread, or never. */
    public void ping(long nowNs, LongConsumer answeredAfterNs) {
        long id = echoes.askPing(nowNs);
        pings.put(id, answeredAfterNs);
        if (pings.size() > MOST_PINGS) {
            pings.remove(pings.firstEntry().getKey());
        }
        voice.ask(null, id, 0);
    }

    private boolean askPlain(long nowNs, long packets) {
        if (!ask(0, nowNs)) {
            return false;
        }
        liveness.asked(nowNs, packets);
        return true;
    }

    private boolean ask(int bytes, long nowNs) {
        long id = echoes.ask(bytes, nowNs);
        boolean taken = voice.ask(null, id, bytes);
        if (!taken) {
            echoes.cancel(id);
        }
        return taken;
    }

    /** Something waits for an answer that may be late in less than a second. */
    public boolean busy() {
        return mtu.busy();
    }

    /**
     * A message of this peer.
     *
     * @param message its meaningful bytes, in native memory
     * @return false when it answers nothing we asked
     */
    public boolean received(ControlRing.Slot slot, long message, long nowNs) {
        variation.record(slot.senderTicks, slot.receivedTicks);
        long echo = ControlMessage.find(message, slot.messageBytes, ControlMessage.ECHO);
        if (echo != 0) {
            liveness.asksToo();
            long from = ControlMessage.find(message, slot.messageBytes, ControlMessage.SENT_FROM);
            Endpoint seen = slot.endpoint;
            if (from != 0 && seen != null) {
                peerBehindNat = !isAt(from, seen.remoteHigh(), seen.remoteLow(), seen.remotePort());
                noticeNat();
            }
            voice.answer(slot, ControlMessage.echoId(echo), variation.us());
        }
        long reply = ControlMessage.find(message, slot.messageBytes, ControlMessage.ECHO_REPLY);
        return reply == 0 || answered(slot, message, reply, nowNs);
    }

    private boolean answered(ControlRing.Slot slot, long message, long reply, long nowNs) {
        long heldNs = ControlMessage.heldUs(reply) * NS_PER_US;
        Echoes.Answer answer = echoes.answer(ControlMessage.echoId(reply), heldNs, slot.receivedNs);
        if (answer == null) {
            return false;
        }
        liveness.answered();
        if (answer.bytes() == 0) {
            mtu.shortAnswered(answer.sentNs());
        } else if (answer.bytes() > 0) {
            mtu.answered(answer.bytes(), answer.rttNs(), nowNs);
        } else if (answer.bytes() == Echoes.ELSEWHERE && slot.endpoint != null) {
            foundAt(slot.endpoint, nowNs);
        }
        LongConsumer pinger = pings.remove(ControlMessage.echoId(reply));
        if (pinger != null) {
            pinger.accept(answer.rttNs());
        }
        variationThereUs = ControlMessage.variationUs(reply);
        long seenFrom = ControlMessage.find(message, slot.messageBytes, ControlMessage.SEEN_FROM);
        Endpoint way = slot.endpoint;
        if (seenFrom != 0 && way != null && way.hasLocal()) {
            behindNat = !isAt(seenFrom, way.localHigh(), way.localLow(), ownPort.getAsInt());
            noticeNat();
        }
        return true;
    }

    private void noticeNat() {
        if (behindNat || peerBehindNat) {
            liveness.seenBehindNat();
        }
    }

    private static boolean isAt(long value, long high, long low, int port) {
        return ControlMessage.addressHigh(value) == high
                && ControlMessage.addressLow(value) == low
                && ControlMessage.port(value) == port;
    }

    /** Asked often enough without an answer where the peer is: it may be at another place by now. */
    public boolean wayIsDead(long nowNs) {
        return measure && liveness.wayIsDead(nowNs, peer.lastReceivedNs());
    }

    public Liveness.State state(long nowNs) {
        return liveness.state(nowNs, peer.lastReceivedNs());
    }

    /** The longest datagram (UDP payload) that reaches the peer; 0: not known. */
    public int pathBytes() {
        return mtu.bytes();
    }

    public Manner manner() {
        return manner;
    }

    /** Everything measured. */
    public EchoReport report(long nowNs) {
        return new EchoReport(
                measure,
                state(nowNs),
                new EchoReport.RoundTrips(
                        echoes.asked(),
                        echoes.answered(),
                        echoes.lastRttNs(),
                        echoes.rttUs().getValueAtPercentile(50) * NS_PER_US,
                        echoes.rttUs().getValueAtPercentile(99) * NS_PER_US,
                        echoes.lossPercent()),
                variation.us(),
                variationThereUs,
                behindNat,
                peerBehindNat,
                mtu.bytes(),
                mtu.found());
    }
}
