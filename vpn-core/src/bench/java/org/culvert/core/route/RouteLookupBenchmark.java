package org.culvert.core.route;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Longest prefix match, each peer with one network per family, addresses in an order no branch predictor learns. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RouteLookupBenchmark {
    private static final int ADDRESSES = 1 << 14;
    private static final long MAPPED = 0xffff_0000_0000L;
    private static final long SEED = 16_40;

    @Param({"4", "1000"})
    private int peers;

    private final int[] ipv4 = new int[ADDRESSES];
    private final long[] ipv6 = new long[ADDRESSES];
    private RouteTable table;
    private int next;

    @Setup
    public void prepare() {
        RouteTable.Builder builder = RouteTable.builder();
        for (int peer = 0; peer < peers; peer++) {
            builder.add(0, MAPPED | network4(peer), 96 + 24, peer);
            builder.add(network6(peer), 0, 48, peer);
        }
        table = builder.build();
        Random random = new Random(SEED);
        for (int i = 0; i < ADDRESSES; i++) {
            ipv4[i] = (int) network4(random.nextInt(peers)) | random.nextInt(256);
            ipv6[i] = network6(random.nextInt(peers)) | random.nextInt(1 << 16);
        }
    }

    @Benchmark
    public int lookup4() {
        return table.lookup4(ipv4[next++ & ADDRESSES - 1]);
    }

    @Benchmark
    public int lookup6() {
        return table.lookup(ipv6[next++ & ADDRESSES - 1], 0x1234_5678_9abc_def1L);
    }

    /** 10.x.y.0/24 */
    private static long network4(int peer) {
        return 0x0a00_0000L | (long) peer << 8;
    }

    /** 2001:db8:x::/48 */
    private static long network6(int peer) {
        return 0x2001_0db8_0000_0000L | (long) peer << 16;
    }
}
