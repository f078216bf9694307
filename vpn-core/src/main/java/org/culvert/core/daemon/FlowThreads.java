package org.culvert.core.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.culvert.core.crypto.CipherBackend;
import org.culvert.core.crypto.KeyBatch;
import org.culvert.core.crypto.Suite;
import org.culvert.core.flow.Clock;
import org.culvert.core.flow.Inbound;
import org.culvert.core.flow.Lane;
import org.culvert.core.flow.Outbound;
import org.culvert.core.flow.PacketCost;
import org.culvert.core.flow.Published;
import org.culvert.core.flow.Tap;
import org.culvert.core.peer.Counters;
import org.culvert.core.status.Metrics;
import org.culvert.tun.LinuxTun;
import org.culvert.tun.SystemRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads of the data path, two for each lane, from start to end. */
final class FlowThreads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FlowThreads.class);

    /** How long a thread may take to finish its batch at the end. */
    private static final long END_MS = 500;

    /** One object for the warm-up and for real, or code compiled for the one would be thrown away at the other. */
    static final KeyBatch.Random RANDOM = SystemRandom::fill;

    private final List<LinuxTun> queues;
    private final UdpPort port;
    private final List<Outbound> outbound = new ArrayList<>();
    private final List<Inbound> inbound = new ArrayList<>();
    private final List<Thread> outboundThreads = new ArrayList<>();
    private final List<Thread> inboundThreads = new ArrayList<>();

    /**
     * @param queues of the TUN, one for each lane
     * @param counters what belongs to no peer
     * @param onEnd called when a thread ends that was not told to; the message says why
     */
    FlowThreads(
            List<LinuxTun> queues,
            UdpPort port,
            Published published,
            Map<Suite, CipherBackend> backends,
            Counters counters,
            OnEnd onEnd) {
        this.queues = List.copyOf(queues);
        this.port = port;
        Clock clock = new SystemClock();
        for (int number = 0; number < queues.size(); number++) {
            Lane lane = new Lane(number, queues.get(number), port.link(number), List.copyOf(queues));
            Outbound out = new Outbound(lane, published, clock, backends, counters, RANDOM);
            Inbound in = new Inbound(lane, published, clock, backends, counters, RANDOM);
            String which = queues.size() == 1 ? "" : " " + number;
            outbound.add(out);
            inbound.add(in);
            outboundThreads.add(thread("outbound" + which, out::run, out::failure, onEnd));
            inboundThreads.add(thread("inbound" + which, in::run, in::failure, onEnd));
        }
    }

    interface OnEnd {
        /** The errno is the TUN's, or 0 when the thread ended by an exception. */
        void ended(String thread, int errno);
    }

    interface Errno {
        int get();
    }

    void start() {
        inboundThreads.forEach(Thread::start);
        outboundThreads.forEach(Thread::start);
    }

    List<Tap> outboundTaps() {
        return outbound.stream().map(Outbound::tap).toList();
    }

    List<Tap> inboundTaps() {
        return inbound.stream().map(Inbound::tap).toList();
    }

    /** What packets cost the threads of either direction, since the start. */
    List<Metrics.Cost> costs() {
        return List.of(
                new Metrics.Cost("outbound", PacketCost.total(outbound.stream().map(Outbound::cost))),
                new Metrics.Cost("inbound", PacketCost.total(inbound.stream().map(Inbound::cost))));
    }

    /** Makes idle threads take up a new snapshot. */
    void wake() {
        for (int lane = 0; lane < queues.size(); lane++) {
            queues.get(lane).wake();
            port.link(lane).wake();
        }
    }

    /** Ends all; packets already read are still sent or delivered. */
    @Override
    public void close() {
        outbound.forEach(Outbound::stop);
        inbound.forEach(Inbound::stop);
        for (int lane = 0; lane < queues.size(); lane++) {
            if (ended(outboundThreads.get(lane), END_MS)) {
                outbound.get(lane).close();
            }
            if (ended(inboundThreads.get(lane), END_MS)) {
                inbound.get(lane).close();
            }
        }
    }

    /** A thread that does not end keeps its memory: better a leak at the end than a write into freed memory. */
    static boolean ended(Thread thread, long waitMs) {
        try {
            thread.join(waitMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warn("thread {} does not end", thread.getName());
        }
        return !thread.isAlive();
    }

    /** Our own bug ends the thread and with it the daemon: nothing may be forwarded in a state nobody thought of. */
    static Thread thread(String name, Runnable body, Errno failure, OnEnd onEnd) {
        return Thread.ofPlatform().name(name).unstarted(() -> {
            try {
                body.run();
                if (failure.get() != 0) {
                    onEnd.ended(name, failure.get());
                }
            } catch (RuntimeException | Error e) {
                LOG.error("thread {} failed", name, e);
                onEnd.ended(name, 0);
            }
        });
    }
}
