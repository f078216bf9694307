package org.culvert.core.hooks;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.culvert.core.config.HooksConfig;
import org.culvert.core.control.Member;
import org.culvert.core.control.PeerListener;
import org.culvert.core.log.OneLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the configured programs one after the other, in the order of the events, on one thread. At most {@link #QUEUE} wait; what comes
 * when the queue is full is left out, and the log says so. What they are told stands in their environment, never in a command line.
 */
public final class Hooks implements PeerListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Hooks.class);
    static final int QUEUE = 64;
    private static final int LONGEST_VALUE_CHARS = 1_000;

    /** The last program runs while systemd or an administrator waits for the end. */
    private static final Duration LAST = Duration.ofSeconds(1);

    private final Supplier<HooksConfig> config;
    private final String tunName;
    private final Duration limit;
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            Thread.ofPlatform().name("hooks").daemon().factory());

    /**
     * @param config asked at each event, for it may change
     * @param limit after this a program is killed
     */
    public Hooks(Supplier<HooksConfig> config, String tunName, Duration limit) {
        this.config = config;
        this.tunName = tunName;
        this.limit = limit;
    }

    public void up() {
        run("up", config.get().up(), Map.of());
    }

    @Override
    public void peerUp(Member peer) {
        run("peer-up", config.get().peerUp(), about(peer));
    }

    @Override
    public void peerDown(Member peer, String reason) {
        Map<String, String> values = about(peer);
        values.put("CULVERT_REASON", reason);
        run("peer-down", config.get().peerDown(), values);
    }

    private static Map<String, String> about(Member member) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("CULVERT_PEER", member.peer().name());
        values.put(
                "CULVERT_NETWORKS",
                member.networks().stream().map(Object::toString).collect(Collectors.joining(" ")));
        Object endpoint = member.peer().endpoint();
        values.put("CULVERT_ENDPOINT", endpoint == null ? "" : endpoint.toString());
        return values;
    }

    void run(String event, List<String> command, Map<String, String> values) {
        run(event, command, values, limit);
    }

    private void run(String event, List<String> command, Map<String, String> values, Duration longest) {
        if (command.isEmpty()) {
            return;
        }
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("CULVERT_EVENT", event);
        environment.put("CULVERT_TUN", tunName);
        // A reason may quote a stranger's certificate.
        values.forEach((name, value) -> environment.put(name, OneLine.of(value, LONGEST_VALUE_CHARS)));
        try {
            thread.execute(() -> new HookRun(event, command, environment, longest).run());
        } catch (RejectedExecutionException e) {
            LOG.warn("hook {} was left out: {} wait already, see why they take so long", event, QUEUE);
        }
    }

    /** Runs {@code down}, in a second at most, and ends; what waits before it is left out. */
    @Override
    public void close() {
        thread.getQueue().clear();
        run("down", config.get().down(), Map.of(), LAST);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(LAST.plusMillis(500).toMillis(), TimeUnit.MILLISECONDS)) {
                thread.shutdownNow(); // which kills the program that runs
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
