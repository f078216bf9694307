package org.culvert.core.control;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;
import java.util.function.Predicate;
import org.culvert.core.echo.EchoReport;
import org.culvert.core.echo.PeerEcho;
import org.culvert.core.flow.Published;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.Peer;
import org.culvert.core.wire.ControlMessage;
import org.culvert.core.wire.DropReason;
import org.culvert.core.wire.Refusal;
import org.culvert.tun.Endpoint;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;

/**
 * What the gateways say to each other: reads what Inbound left in each peer's ring, one message of each peer in turn so that none keeps
 * the others waiting, and leaves in the other ring what Outbound is to send. Control thread.
 */
final class Correspondence implements AutoCloseable {
    private final Published published;
    private final Runnable wakeOutbound;
    private final IntSupplier ownPort;
    private final ExchangeReader exchange;
    private final Map<Peer, PeerEcho> echoes = new LinkedHashMap<>();
    private final Refusals refusals = new Refusals(this::tell);
    private final ListExchange lists = new ListExchange((peer, items) -> new PeerVoice(peer).say(null, null, 0, items));
    private final Region incoming = new Region(ControlMessage.KEPT_BYTES);
    private final Region outgoing = new Region(ControlMessage.KEPT_BYTES);

    /** Reads what is for the exchange of epoch keys. */
    interface ExchangeReader {
        /** Takes one message. @return whether there was something for it */
        boolean received(Peer peer, ControlRing.Slot slot, long nowNs);
    }

    /** @param ownPort of our socket */
    Correspondence(Published published, Runnable wakeOutbound, IntSupplier ownPort, ExchangeReader exchange) {
        this.published = published;
        this.wakeOutbound = wakeOutbound;
        this.ownPort = ownPort;
        this.exchange = exchange;
    }

    private PeerEcho with(Member member) {
        return echoes.computeIfAbsent(
                member.peer(),
                peer -> new PeerEcho(
                        peer,
                        new PeerVoice(peer),
                        member.setup().manner(),
                        ownPort,
                        ThreadLocalRandom.current().nextLong(Long.MAX_VALUE / 2)));
    }

    /** Takes up new peers, begins anew with those that are to be asked in another manner, forgets those that are gone. */
    void follow(List<Member> members) {
        for (Member member : members) {
            if (!with(member).manner().equals(member.setup().manner())) {
                echoes.remove(member.peer());
                with(member);
            }
        }
        if (echoes.size() > members.size()) {
            echoes.keySet().retainAll(members.stream().map(Member::peer).toList());
        }
    }

    /** Asks what is due, of all peers that there are keys for. */
    void tick(List<Member> members, Predicate<Peer> hasKeys, long nowNs) {
        follow(members);
        echoes.forEach((peer, echo) -> {
            if (hasKeys.test(peer)) {
                echo.tick(nowNs);
            }
        });
        members.forEach(member -> sayPairs(member, nowNs));
    }

    /** During a change of keys: what we open. */
    private void sayPairs(Member member, long nowNs) {
        for (PairKeys under : member.pairs().due(nowNs)) {
            PeerVoice voice = new PeerVoice(member.peer());
            voice.say(
                    null,
                    under,
                    0,
                    at -> ControlMessage.putPairs(at, member.pairs().opensHere()));
        }
    }

    /** Whether a tick is worth it before the second is over. */
    boolean busy() {
        return echoes.values().stream().anyMatch(PeerEcho::busy);
    }

    /** Reads all that waits. */
    void serve(List<Member> members, long nowNs) {
        follow(members);
        List<Member> waiting = new ArrayList<>(members);
        while (!waiting.isEmpty()) {
            waiting.removeIf(member -> !serveOne(member, with(member), nowNs));
        }
    }

    private boolean serveOne(Member member, PeerEcho echo, long nowNs) {
        Peer peer = member.peer();
        boolean announced = serveAnnouncement(member, nowNs);
        ControlRing.Slot slot = peer.controlReceived().peek();
        if (slot == null) {
            return announced;
        }
        exchange.received(peer, slot, nowNs);
        OffHeap.copy(slot.message, 0, incoming.address(), slot.messageBytes);
        long refusal = ControlMessage.find(incoming.address(), slot.messageBytes, ControlMessage.REFUSAL);
        if (refusal != 0) {
            refusals.received(peer, refusal, nowNs);
        }
        if (!echo.received(slot, incoming.address(), nowNs)) {
            peer.counters().controlRefused(DropReason.CONTROL_UNEXPECTED);
        }
        lists.received(peer, incoming.address(), slot, nowNs); // under keys that data goes under: others come elsewhere
        member.pairs().received(slot.pair, slot.senderTicks);
        hearPairs(member.pairs(), slot);
        peer.controlReceived().release(slot);
        sayPairs(member, nowNs);
        return true;
    }

    /** Revocation lists from peer to peer. */
    ListExchange lists() {
        return lists;
    }

    /** Says what is refused, and keeps what others refuse. */
    Refusals refusals() {
        return refusals;
    }

    private boolean tell(Peer peer, @Nullable PairKeys under, Refusal refusal, Refusal.Detail detail) {
        return new PeerVoice(peer).say(null, under, 0, at -> ControlMessage.putRefusal(at, refusal, detail));
    }

    /**
     * What came under static keys of a peer whose data goes under others: only what leads to epoch keys, refusals, and which static pairs it
     * has. That is believed of nothing recorded; and who has such a key and lies about it gains nothing: the pairs take turns while there is
     * no answer under one of them.
     */
    private boolean serveAnnouncement(Member member, long nowNs) {
        Peer peer = member.peer();
        ControlRing.Slot slot = peer.announcementsReceived().peek();
        if (slot == null) {
            return false;
        }
        OffHeap.copy(slot.message, 0, incoming.address(), slot.messageBytes);
        if (member.pairs().receivedUnmarked(slot.pair, slot.senderTicks)) {
            hearPairs(member.pairs(), slot);
        }
        boolean ofPairs = ControlMessage.find(incoming.address(), slot.messageBytes, ControlMessage.PAIRS) != 0;
        long refusal = ControlMessage.find(incoming.address(), slot.messageBytes, ControlMessage.REFUSAL);
        if (refusal != 0) {
            refusals.received(peer, refusal, nowNs);
        }
        if (!exchange.received(peer, slot, nowNs) && !ofPairs && refusal == 0) {
            peer.counters().controlRefused(DropReason.NO_FORWARD_SECRECY);
        }
        peer.announcementsReceived().release(slot);
        return true;
    }

    /** Where the peer may be: the addresses of each place, the preferred place first. */
    void places(Member member, List<List<Endpoint>> endpoints) {
        with(member).places(endpoints, member.setup().hasChoice());
    }

    private void hearPairs(CertifiedPairs pairs, ControlRing.Slot slot) {
        long said = ControlMessage.find(incoming.address(), slot.messageBytes, ControlMessage.PAIRS);
        if (said != 0) {
            Set<Long> tags = new HashSet<>();
            for (int i = 0; i < ControlMessage.pairs(said); i++) {
                tags.add(ControlMessage.pairTag(said, i));
            }
            pairs.opensThere(tags);
        }
    }

    /** Where packets to a peer go now, and between what bounds the search for the longest is to look. */
    void way(Member member, Endpoint endpoint, MtuPlan.Bounds bounds) {
        with(member).path(endpoint, bounds.limitBytes(), bounds.floorBytes(), bounds.headerBytes());
    }

    /** The longest datagram that reaches the peer; 0: not known. */
    int pathBytes(Member member) {
        return with(member).pathBytes();
    }

    void ping(Member member, long nowNs, LongConsumer answeredAfterNs) {
        with(member).ping(nowNs, answeredAfterNs);
    }

    /** It does not answer where it is. */
    boolean wayIsDead(Member member, long nowNs) {
        return with(member).wayIsDead(nowNs);
    }

    EchoReport report(Member member, long nowNs) {
        return with(member).report(nowNs);
    }

    /** After the control thread has ended. */
    @Override
    public void close() {
        incoming.close();
        outgoing.close();
    }

    /** Writes messages to one peer into the ring to Outbound. */
    private final class PeerVoice implements PeerEcho.Voice {
        private final Peer peer;

        PeerVoice(Peer peer) {
            this.peer = peer;
        }

        @Override
        public boolean ask(@Nullable Endpoint to, long id, int datagramBytes) {
            return say(to, null, datagramBytes, at -> {
                long next = ControlMessage.putEcho(at, id);
                Endpoint way = to == null ? peer.endpoint() : to;
                return way != null && way.hasLocal()
                        ? ControlMessage.putAddress(
                                next, ControlMessage.SENT_FROM, way.localHigh(), way.localLow(), ownPort.getAsInt())
                        : next;
            });
        }

        @Override
        public boolean answer(ControlRing.Slot question, long id, long variationUs) {
            Endpoint from = question.endpoint;
            if (from == null) {
                return false;
            }
            return say(from, question.pair, 0, at -> {
                long heldUs = (System.nanoTime() - question.receivedNs) / 1_000;
                long next = ControlMessage.putEchoReply(at, id, heldUs, question.datagramBytes, variationUs);
                return ControlMessage.putAddress(
                        next, ControlMessage.SEEN_FROM, from.remoteHigh(), from.remoteLow(), from.remotePort());
            });
        }

        /** Leaves a message whose items a function writes, which is told where and says where they end. */
        private boolean say(
                @Nullable Endpoint to, @Nullable PairKeys under, int datagramBytes, LongUnaryOperator items) {
            ControlRing.Slot slot = published.controlToSend().claim();
            if (slot == null) {
                return false;
            }
            long end = items.applyAsLong(ControlMessage.begin(outgoing.address()));
            slot.messageBytes = (int) (end - outgoing.address());
            OffHeap.copy(outgoing.address(), slot.message, 0, slot.messageBytes);
            slot.peer = peer;
            slot.endpoint = to;
            slot.pair = under;
            slot.datagramBytes = datagramBytes;
            published.controlToSend().offer(slot);
            wakeOutbound.run();
            return true;
        }
    }
}
