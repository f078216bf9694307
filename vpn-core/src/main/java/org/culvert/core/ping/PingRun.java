package org.culvert.core.ping;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongConsumer;
import org.culvert.core.control.socket.Feed;
import org.culvert.core.ping.PingEvent.Answered;
import org.culvert.core.ping.PingEvent.Silent;
import org.culvert.tun.Errno;
import org.culvert.tun.IcmpEcho;
import org.culvert.tun.SystemCallException;
import org.jspecify.annotations.Nullable;

/**
 * Asks every hop of a way, round after round, in a thread of its own; the socket's thread takes the lines as they come. A hop that does not
 * answer holds up neither the others nor the next round.
 */
public final class PingRun implements Feed {
    /** What has not answered by then counts as lost. */
    static final long PATIENCE_NS = 2_000_000_000L;

    private static final int LISTEN_MS = 5;
    private static final int SEQUENCES = 1 << 16;

    private final PingWay way;
    private final Rounds rounds;
    private final PeerEchoes peer;
    private final Runnable onClose;
    private final Queue<PingEvent> events = new ConcurrentLinkedQueue<>();
    private final Queue<Answered> heard = new ConcurrentLinkedQueue<>();
    private final List<Asked> waiting = new ArrayList<>();
    private volatile boolean ended;
    private volatile boolean closed;

    /** How many, and how far apart. */
    public record Rounds(int count, long intervalNs) {}

    /** Asks the peer by an echo in the tunnel; the answer's round-trip time comes on any thread, or never. */
    public interface PeerEchoes {
        void ask(LongConsumer answeredAfterNs);
    }

    private record Asked(int round, Hop hop, long ns) {}

    /** @param onClose called once, when the reader has gone or has read all */
    public PingRun(PingWay way, Rounds rounds, PeerEchoes peer, Runnable onClose) {
        this.way = way;
        this.rounds = rounds;
        this.peer = peer;
        this.onClose = onClose;
    }

    public PingRun start() {
        events.add(new PingEvent.Began(way.target(), way.hops(), way.closed().orElse("")));
        Thread.ofPlatform().name("ping").daemon().start(this::run);
        return this;
    }

    private void run() {
        try {
            if (way.closed().isEmpty()) {
                ask();
            }
        } finally {
            ended = true;
        }
    }

    private void ask() {
        try (IcmpEcho icmp = openIcmp()) {
            long nextNs = System.nanoTime();
            int round = 0;
            while (!closed && (round < rounds.count || !waiting.isEmpty())) {
                if (round < rounds.count && System.nanoTime() - nextNs >= 0) {
                    begin(++round, icmp);
                    nextNs += rounds.intervalNs;
                }
                listen(icmp);
                giveUp(System.nanoTime());
            }
        }
    }

    /** Null: there is no host to ask, or it cannot be asked from here; the gateways can all the same. */
    private @Nullable IcmpEcho openIcmp() {
        if (way.host().isEmpty()) {
            return null;
        }
        try {
            return IcmpEcho.open(way.host().get());
        } catch (SystemCallException e) {
            events.add(new Silent(1, Hop.HOST, String.valueOf(e.getMessage())));
            return null;
        }
    }

    private void begin(int round, @Nullable IcmpEcho icmp) {
        long nowNs = System.nanoTime();
        events.add(new Answered(round, Hop.GATEWAY, 0));
        if (way.peer().isPresent()) {
            waiting.add(new Asked(round, Hop.PEER, nowNs));
            peer.ask(ns -> heard.add(new Answered(round, Hop.PEER, ns)));
        }
        if (icmp != null) {
            int refused = icmp.ask(round % SEQUENCES);
            if (refused == 0) {
                waiting.add(new Asked(round, Hop.HOST, nowNs));
            } else {
                events.add(new Silent(round, Hop.HOST, Errno.words(-refused)));
            }
        }
    }

    private void listen(@Nullable IcmpEcho icmp) {
        if (icmp == null) {
            pause();
        } else {
            int sequence = icmp.answer(LISTEN_MS);
            long nowNs = System.nanoTime();
            waiting.stream()
                    .filter(each -> each.hop == Hop.HOST && each.round % SEQUENCES == sequence)
                    .findFirst()
                    .ifPresent(each -> heard.add(new Answered(each.round, Hop.HOST, nowNs - each.ns)));
        }
        for (Answered answer = heard.poll(); answer != null; answer = heard.poll()) {
            Answered taken = answer;
            if (waiting.removeIf(each -> each.round == taken.round() && each.hop == taken.hop())) {
                events.add(taken);
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(LISTEN_MS);
        } catch (InterruptedException nobodyDoes) {
            Thread.currentThread().interrupt();
        }
    }

    private void giveUp(long nowNs) {
        for (Iterator<Asked> each = waiting.iterator(); each.hasNext(); ) {
            Asked asked = each.next();
            if (nowNs - asked.ns >= PATIENCE_NS) {
                each.remove();
                events.add(
                        new Silent(asked.round, asked.hop, "no answer within " + PATIENCE_NS / 1_000_000_000L + " s"));
            }
        }
    }

    @Override
    public byte @Nullable [] next() {
        boolean last = ended; // before looking: what comes later is not missed
        StringBuilder lines = new StringBuilder();
        for (PingEvent event = events.poll(); event != null; event = events.poll()) {
            lines.append(PingEvent.line(event)).append('\n');
        }
        return last && lines.isEmpty() ? null : lines.toString().getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        closed = true;
        onClose.run();
    }
}
