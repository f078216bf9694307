package org.culvert.core.daemon;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.culvert.core.control.Conductor;
import org.culvert.core.control.socket.ControlHandler;
import org.culvert.core.control.socket.MetricsHandler;
import org.culvert.core.control.socket.PageHandler;
import org.culvert.core.control.socket.StatusHandler;
import org.culvert.core.control.socket.WhyHandler;
import org.culvert.core.peer.Peer;
import org.culvert.core.ping.PingRun;
import org.culvert.core.ping.PingWay;
import org.culvert.core.status.GatewayStatus;
import org.culvert.core.status.History;
import org.culvert.core.status.Metrics;
import org.culvert.core.status.PeerStatus;
import org.culvert.core.status.StatusPage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All that can be read of a running gateway, and the hour of history behind its page. */
final class Views implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Views.class);
    private static final Duration ANSWER_TIME = Duration.ofSeconds(2);

    private final Conductor control;
    private final StatusReport status;
    private final WhyReport why;
    private final PingReport ping;
    private final FlowThreads flows;
    private final String tunName;
    private final History history = new History();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("history").daemon().factory());

    Views(Conductor control, StatusReport status, WhyReport why, PingReport ping, FlowThreads flows, String tunName) {
        this.control = control;
        this.status = status;
        this.why = why;
        this.ping = ping;
        this.flows = flows;
        this.tunName = tunName;
    }

    Views start() {
        var _ = thread.scheduleAtFixedRate(this::remember, 0, History.INTERVAL_S, TimeUnit.SECONDS);
        return this;
    }

    /** For who may open the control socket. */
    List<ControlHandler> all() {
        List<ControlHandler> all = new ArrayList<>(open());
        all.add(new StatusHandler(this::now));
        all.add(new CaptureHandler(flows.outboundTaps(), flows.inboundTaps(), tunName, this::peer));
        all.add(new PingHandler(new PingHandler.Ways() {
            @Override
            public Optional<PingWay> to(String target) throws Exception {
                return ask(() -> ping.to(target));
            }

            @Override
            public PingRun.PeerEchoes echoes(PingWay way) {
                return ping.echoes(way);
            }
        }));
        all.add(new WhyHandler(passage -> ask(() -> why.of(passage))));
        return all;
    }

    /** For whoever reaches [status] listen. */
    List<ControlHandler> open() {
        return List.of(
                new MetricsHandler(() -> Metrics.of(now(), flows.costs())),
                new PageHandler(() -> StatusPage.of(now(), history)));
    }

    private Optional<Peer> peer(String name) throws Exception {
        return ask(() -> status.peer(name));
    }

    private GatewayStatus now() throws Exception {
        return ask(status::now);
    }

    private <T> T ask(Callable<T> question) throws Exception {
        return control.ask(question, ANSWER_TIME);
    }

    private void remember() {
        try {
            history.add(now().peers().stream().map(Views::sample).toList(), System.nanoTime());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.debug("no history this time: {}", e.toString());
        }
    }

    private static History.Sample sample(PeerStatus peer) {
        float rttMs =
                peer.way().roundTrip().map(trip -> trip.last().toNanos() / 1e6f).orElse(Float.NaN);
        return new History.Sample(
                peer.name(), peer.sent().innerBytes(), peer.received().innerBytes(), rttMs);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
