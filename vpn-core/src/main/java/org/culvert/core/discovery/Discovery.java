package org.culvert.core.discovery;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.culvert.core.crypto.AddressCookie;
import org.culvert.core.flow.Published;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.Counters;
import org.culvert.core.wire.DataHeader;
import org.culvert.core.wire.DiscoveryMessage;
import org.culvert.core.wire.DropReason;
import org.culvert.tun.Endpoint;
import org.culvert.tun.UdpLink;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The discovery thread: reads what Inbound left in the ring, answers requests, sends those that are due. It takes a batch at a time
 * and rests between two, so that a flood takes a bounded part of one core; what finds the ring full is counted by Inbound.
 */
public final class Discovery implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);

    private static final int BATCH = 64;
    private static final long REST_NS = 5_000_000L;
    private static final long TICK_NS = 100_000_000L;
    private static final long IDLE_NS = 10_000_000_000L;
    private static final long END_MS = 500;

    /** Signatures are checked at most so often, whoever sends what: public-key work must not be for strangers to order. */
    private static final long CHECK_INTERVAL_NS = 1_000_000_000L;

    private final Published published;
    private final UdpLink link;
    private final Judge judge;
    private final Counters drops;
    private final DiscoveryCounts counts = new DiscoveryCounts();
    private final Replies replies;
    private final Fetch.Nonces nonces;
    private final Map<String, Fetch> fetches = new LinkedHashMap<>();
    private final Deque<Found> found = new ArrayDeque<>();
    private final Queue<Judgement> judgements = new ConcurrentLinkedQueue<>();
    private final Region message = new Region(DiscoveryMessage.MAX_BYTES);
    private final Region request = new Region(DiscoveryMessage.MAX_BYTES);
    private final Thread thread;
    private volatile List<Wanted> wanted = List.of();
    private volatile @Nullable Chain ours;
    private volatile boolean ending;
    private List<Wanted> followed = List.of();
    private long lastCheckNs;

    /** A chain that came for a peer; nobody has looked at it. */
    public record Found(String peer, Endpoint from, Chain chain) {}

    /** The control thread's part: whether a chain is what the peer should have. */
    public interface Judge {
        /** Discovery thread; must not wait. {@link #judged} is to be called when it is known. */
        void look(Found found);
    }

    private record Judgement(String peer, boolean good) {}

    /** @param drops its control side is written by this thread */
    public Discovery(Published published, UdpLink link, Judge judge, Counters drops, AddressCookie.Secrets random) {
        long nowNs = System.nanoTime();
        this.published = published;
        this.link = link;
        this.judge = judge;
        this.drops = drops;
        this.nonces = () -> random64(random);
        this.replies = new Replies(drops, counts, new AddressCookie(random, nowNs), nonces.next());
        this.lastCheckNs = nowNs - CHECK_INTERVAL_NS;
        this.thread = Thread.ofPlatform().name("discovery").daemon().unstarted(this::run);
    }

    private static long random64(AddressCookie.Secrets random) {
        byte[] bytes = new byte[Long.BYTES];
        random.fill(bytes);
        return ByteBuffer.wrap(bytes).getLong();
    }

    public void start() {
        thread.start();
    }

    public DiscoveryCounts counts() {
        return counts;
    }

    /** Any thread: whose certificates are to be fetched from now on. */
    public void want(List<Wanted> peers) {
        if (!peers.equals(wanted)) {
            wanted = List.copyOf(peers);
            published.discoveryArrived().ring();
        }
    }

    /** Any thread: what is answered from now on; null: nothing. */
    public void offer(@Nullable Chain chain) {
        ours = chain;
    }

    /** Any thread: what came of a chain. */
    public void judged(String peer, boolean good) {
        judgements.add(new Judgement(peer, good));
        published.discoveryArrived().ring();
    }

    private void run() {
        while (!ending) {
            try {
                long nowNs = System.nanoTime();
                int read = serve(nowNs);
                tick(nowNs);
                if (read == BATCH) {
                    LockSupport.parkNanos(this, REST_NS);
                } else {
                    published.discoveryArrived().await(fetches.isEmpty() ? IDLE_NS : TICK_NS);
                }
            } catch (RuntimeException e) { // a bug; without discovery the links go on, and so does the next datagram
                LOG.error("discovery: {}", e.getMessage(), e);
                LockSupport.parkNanos(this, TICK_NS);
            }
        }
    }

    /** Reads up to a batch of what waits. @return how many */
    int serve(long nowNs) {
        ControlRing ring = published.discoveryReceived();
        replies.prepare(ours);
        int read = 0;
        for (ControlRing.Slot slot = ring.peek(); slot != null && read < BATCH; slot = ring.peek()) {
            Endpoint from = slot.endpoint;
            int bytes = slot.messageBytes;
            OffHeap.copy(slot.message, 0, message.address(), bytes);
            ring.release(slot);
            if (from != null) {
                serve(message.address(), bytes, from, nowNs);
            }
            read++;
        }
        return read;
    }

    private void serve(long datagram, int bytes, Endpoint from, long nowNs) {
        if (DataHeader.type(datagram) == DiscoveryMessage.TYPE_REPLY) {
            take(datagram, bytes, from, nowNs);
            return;
        }
        Replies.Reply reply = replies.to(datagram, bytes, from, nowNs);
        if (reply != null) {
            link.sendAside(from, reply.address(), reply.bytes());
        }
    }

    private void take(long reply, int bytes, Endpoint from, long nowNs) {
        if (!DiscoveryMessage.readableReply(reply, bytes)) {
            drops.controlRefused(DropReason.DISCOVERY_MALFORMED);
            return;
        }
        Fetch fetch = fetches.values().stream()
                .filter(each -> each.matches(reply, from))
                .findFirst()
                .orElse(null);
        Fetch.Outcome outcome = fetch == null ? Fetch.Outcome.UNASKED : fetch.take(reply, bytes, nowNs);
        if (fetch == null || outcome == Fetch.Outcome.UNASKED) {
            drops.controlRefused(DropReason.DISCOVERY_UNASKED);
        } else if (outcome == Fetch.Outcome.WHOLE) {
            takeWhole(fetch, nowNs);
        } else if (outcome == Fetch.Outcome.OTHER_CHAIN) {
            drops.controlRefused(DropReason.DISCOVERY_REFUSED);
        }
    }

    private void takeWhole(Fetch fetch, long nowNs) {
        counts.fetched.increment();
        Optional<Chain> chain = Chain.parse(fetch.chain());
        if (chain.isPresent()) {
            found.add(new Found(fetch.wanted().peer(), fetch.wanted().from(), chain.get()));
        } else {
            drops.controlRefused(DropReason.DISCOVERY_REFUSED);
            fetch.judged(false, nowNs);
        }
    }

    /** Sends what is due and has one chain looked at. */
    void tick(long nowNs) {
        follow(nowNs);
        for (Judgement each = judgements.poll(); each != null; each = judgements.poll()) {
            Fetch fetch = fetches.get(each.peer);
            if (fetch != null) {
                fetch.judged(each.good, nowNs);
            }
            if (!each.good) {
                drops.controlRefused(DropReason.DISCOVERY_REFUSED);
            }
        }
        if (nowNs - lastCheckNs >= CHECK_INTERVAL_NS && !found.isEmpty()) {
            lastCheckNs = nowNs;
            judge.look(found.remove());
        }
        for (Fetch fetch : fetches.values()) {
            if (fetch.due(nowNs)) {
                int bytes = fetch.ask(request.address(), nonces, nowNs);
                counts.asked.increment();
                link.sendAside(fetch.wanted().from(), request.address(), bytes);
            }
        }
    }

    private void follow(long nowNs) {
        List<Wanted> now = wanted;
        if (now.equals(followed)) {
            return;
        }
        followed = now;
        fetches.keySet().retainAll(now.stream().map(Wanted::peer).toList());
        found.removeIf(each -> !fetches.containsKey(each.peer()));
        for (Wanted each : now) {
            Fetch fetch = fetches.computeIfAbsent(each.peer(), added -> new Fetch(each, nowNs));
            fetch.follow(each, nowNs);
        }
    }

    /** Ends the thread before the socket is closed. */
    @Override
    public void close() {
        ending = true;
        thread.interrupt();
        try {
            thread.join(END_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warn("thread discovery does not end"); // its memory stays: better a leak at the end than a write into
            // freed memory
            return;
        }
        replies.close();
        message.close();
        request.close();
    }
}
