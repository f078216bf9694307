package org.culvert.core.daemon;

import org.culvert.tun.NetlinkWatch;

/** The thread that waits for the kernel to report a change of links, addresses or routes, and says so to the control thread. */
final class RouteWatch implements AutoCloseable {
    /** Changes come in bursts (an interface going down reports each route): one look per burst is enough. */
    private static final int SETTLE_MS = 100;

    private final NetlinkWatch watch;
    private final Runnable onChange;
    private final Thread thread;
    private volatile boolean stopping;

    RouteWatch(NetlinkWatch watch, Runnable onChange) {
        this.watch = watch;
        this.onChange = onChange;
        this.thread = Thread.ofPlatform().name("route-watch").daemon().start(this::run);
    }

    private void run() {
        while (!stopping) {
            if (watch.awaitChange(-1) > 0 && !stopping) {
                while (watch.awaitChange(SETTLE_MS) > 0 && !stopping) {
                    // more of the same burst
                }
                onChange.run();
            }
        }
    }

    @Override
    public void close() {
        stopping = true;
        watch.wake();
        try {
            thread.join(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        watch.close();
    }
}
