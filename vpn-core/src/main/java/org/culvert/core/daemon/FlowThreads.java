package org.culvert.core.daemon;

import java.util.List;
import java.util.Map;
import org.culvert.core.crypto.CipherBackend;
import org.culvert.core.crypto.KeyBatch;
import org.culvert.core.crypto.Suite;
import org.culvert.core.flow.Clock;
import org.culvert.core.flow.Inbound;
import org.culvert.core.flow.Outbound;
import org.culvert.core.flow.Published;
import org.culvert.core.flow.Tap;
import org.culvert.core.peer.Counters;
import org.culvert.core.status.Metrics;
import org.culvert.tun.SystemRandom;
import org.culvert.tun.Tun;
import org.culvert.tun.UdpLink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The two threads of the data path, from start to end. */
final class FlowThreads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FlowThreads.class);

    /** How long a thread may take to finish its batch at the end. */
    private static final long END_MS = 500;

    /** One object for the warm-up and for real, or code compiled for the one would be thrown away at the other. */
    static final KeyBatch.Random RANDOM = SystemRandom::fill;

    private final Tun tun;
    private final UdpLink link;
    private final Outbound outbound;
    private final Inbound inbound;
    private final Thread outboundThread;
    private final Thread inboundThread;

    /**
     * @param counters what belongs to no peer
     * @param onEnd called when a thread ends that was not told to; the message says why
     */
    FlowThreads(
            Tun tun,
            UdpLink link,
            Published published,
            Map<Suite, CipherBackend> backends,
            Counters counters,
            OnEnd onEnd) {
        this.tun = tun;
        this.link = link;
        Clock clock = new SystemClock();
        this.outbound = new Outbound(tun, link, published, clock, backends, counters, RANDOM);
        this.inbound = new Inbound(tun, link, published, clock, backends, counters, RANDOM);
        this.outboundThread = thread("outbound", outbound::run, outbound::failure, onEnd);
        this.inboundThread = thread("inbound", inbound::run, inbound::failure, onEnd);
    }

    interface OnEnd {
        /** The errno is the TUN's, or 0 when the thread ended by an exception. */
        void ended(String thread, int errno);
    }

    private interface Errno {
        int get();
    }

    void start() {
        inboundThread.start();
        outboundThread.start();
    }

    Tap outboundTap() {
        return outbound.tap();
    }

    Tap inboundTap() {
        return inbound.tap();
    }

    /** What packets cost the two, since the start. */
    List<Metrics.Cost> costs() {
        return List.of(
                new Metrics.Cost("outbound", outbound.cost().total()),
                new Metrics.Cost("inbound", inbound.cost().total()));
    }

    /** Makes idle threads take up a new snapshot. */
    void wake() {
        tun.wake();
        link.wake();
    }

    /** Ends both; packets already read are still sent or delivered. */
    @Override
    public void close() {
        outbound.stop();
        inbound.stop();
        if (ended(outboundThread)) {
            outbound.close();
        }
        if (ended(inboundThread)) {
            inbound.close();
        }
    }

    /** A thread that does not end keeps its memory: better a leak at the end than a write into freed memory. */
    private static boolean ended(Thread thread) {
        try {
            thread.join(END_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warn("thread {} does not end", thread.getName());
        }
        return !thread.isAlive();
    }

    /** Our own bug ends the thread and with it the daemon: nothing may be forwarded in a state nobody thought of. */
    private static Thread thread(String name, Runnable body, Errno failure, OnEnd onEnd) {
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
