package org.culvert.core.daemon;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.culvert.core.control.socket.Answer;
import org.culvert.core.control.socket.ControlHandler;
import org.culvert.core.control.socket.Question;
import org.culvert.core.control.socket.Resource;
import org.culvert.core.ping.PingRun;
import org.culvert.core.ping.PingWay;

/**
 * {@code GET /v1/ping?target=T}: asks a peer by its name, or a host and the gateways before it by its address, {@code count} times,
 * {@code interval_ms} apart; lines of JSON as they come.
 */
public final class PingHandler implements ControlHandler {
    public static final String PATH = "/v1/ping";

    public static final int DEFAULT_COUNT = 4;
    private static final int MOST_ROUNDS = 1_000_000_000;
    private static final int DEFAULT_INTERVAL_MS = 1_000;
    private static final int LEAST_INTERVAL_MS = 20;
    private static final int MOST_INTERVAL_MS = 3_600_000;
    private static final int MOST_RUNS = 8;
    private static final int CONFLICT = 409;

    private final Ways ways;
    private final AtomicInteger running = new AtomicInteger();

    /** Knows the way, and how to ask a peer. */
    interface Ways {
        /** Empty: {@code target} is neither a peer nor an address. */
        Optional<PingWay> to(String target) throws Exception;

        PingRun.PeerEchoes echoes(PingWay way);
    }

    PingHandler(Ways ways) {
        this.ways = ways;
    }

    @Override
    public Resource resource() {
        return Resource.get(PATH);
    }

    @Override
    public Answer answer(Question question) throws Exception {
        PingWay way;
        PingRun.Rounds rounds;
        try {
            way = way(question.parameter("target").orElse(""));
            rounds = new PingRun.Rounds(
                    question.number("count", DEFAULT_COUNT, 1, MOST_ROUNDS),
                    question.number("interval_ms", DEFAULT_INTERVAL_MS, LEAST_INTERVAL_MS, MOST_INTERVAL_MS)
                            * 1_000_000L);
        } catch (IllegalArgumentException e) {
            return Answer.refusal(Answer.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
        if (running.incrementAndGet() > MOST_RUNS) {
            running.decrementAndGet();
            return Answer.refusal(CONFLICT, MOST_RUNS + " pings run already");
        }
        PingRun run = new PingRun(way, rounds, ways.echoes(way), running::decrementAndGet);
        return Answer.stream("application/x-ndjson", run.start());
    }

    private PingWay way(String target) throws Exception {
        return ways.to(target)
                .orElseThrow(() -> new IllegalArgumentException(
                        target + " is neither a peer nor an address; `culvert status` lists the peers"));
    }
}
