package org.culvert.core.replay;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The replay window's two looks at a packet, before and after it is opened. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReplayWindowBenchmark {
    private static final int INSTANCE = 0xa1b2;
    private static final long TICKS = 32_768_000_000_000L;
    private static final long NOW_NS = 1_000_000_000L;

    private final PeerReplay replay = new PeerReplay();
    private long packetNumber = 9_942_000_123_456_789L;
    private long shuffled;

    @Benchmark
    public PeerReplay.Verdict inOrder() {
        return check(packetNumber++);
    }

    /** Every group of 64 packets arrives backwards. */
    @Benchmark
    public PeerReplay.Verdict reordered() {
        return check(shuffled++ ^ 63);
    }

    @Benchmark
    public PeerReplay.Verdict replayed() {
        return check(packetNumber);
    }

    private PeerReplay.Verdict check(long number) {
        PeerReplay.Verdict first = replay.peek(INSTANCE, number);
        return first == PeerReplay.Verdict.FRESH ? replay.accept(INSTANCE, number, TICKS, NOW_NS) : first;
    }
}
