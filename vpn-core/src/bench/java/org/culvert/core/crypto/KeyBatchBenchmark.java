package org.culvert.core.crypto;

import java.util.concurrent.TimeUnit;
import org.culvert.tun.SystemRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a key per packet costs by itself: random bytes, wrapping, packet keys. One batch is one read from the TUN. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class KeyBatchBenchmark {
    private static final int CAPACITY_PACKETS = 44;
    private static final int INSTANCE = 0xa1b2;
    private static final int KEY_BYTES = 16;

    private final TestMemory memory = new TestMemory();
    private final long wrapped = memory.room(CAPACITY_PACKETS * KEY_BYTES);
    private final KeyBatch batch = new KeyBatch(CAPACITY_PACKETS, SystemRandom::fill);
    private KeyEncryption keys;
    private long packetNumber = 9_942_000_123_456_789L;

    @Setup
    public void prepare() {
        try (DirectionKeys direction = Golden.directionKeys(Golden.CASES[0])) {
            keys = new KeyEncryption(direction);
        }
    }

    @TearDown
    public void close() {
        keys.close();
        batch.close();
        memory.close();
    }

    @Benchmark
    @OperationsPerInvocation(CAPACITY_PACKETS)
    public long drawForSuperPacket() {
        return draw(CAPACITY_PACKETS);
    }

    @Benchmark
    public long drawForOnePacket() {
        return draw(1);
    }

    @Benchmark
    @OperationsPerInvocation(CAPACITY_PACKETS)
    public long unwrapOfSuperPacket() {
        for (int i = 0; i < CAPACITY_PACKETS; i++) {
            batch.add(wrapped + (long) i * KEY_BYTES, INSTANCE, packetNumber++, false);
        }
        batch.unwrap(keys, KEY_BYTES);
        batch.clear();
        return packetNumber;
    }

    private long draw(int packets) {
        batch.draw(keys, KEY_BYTES, INSTANCE, packetNumber, packets);
        packetNumber += packets;
        batch.clear();
        return packetNumber;
    }
}
