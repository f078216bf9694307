package org.culvert.core.crypto;

import java.util.concurrent.TimeUnit;
import org.culvert.core.wire.DataHeader;
import org.culvert.tun.SystemRandom;
import org.culvert.tun.memory.OffHeap;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What cryptography costs per packet in batches of one super-packet, keys included, as the data path has it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SealBenchmark {
    private static final int PACKETS = 44;
    private static final int STRIDE_BYTES = 2048;
    private static final int INSTANCE = 0xa1b2;
    private static final Suite SUITE = Suite.AES_128_GCM;

    @Param({"jce", "ipsec-mb", "null"})
    private String backend;

    @Param({"1400", "64"})
    private int packetBytes;

    private final TestMemory memory = new TestMemory();
    private final long plaintext = memory.room(STRIDE_BYTES);
    private final long out = memory.room(STRIDE_BYTES);
    private final long datagrams = memory.room(PACKETS * STRIDE_BYTES);
    private final KeyBatch batch = new KeyBatch(PACKETS, SystemRandom::fill);
    private KeyEncryption keys;
    private PacketCipher cipher;
    private int plaintextBytes;
    private int datagramBytes;
    private long packetNumber = 9_942_000_123_456_789L;

    @Setup
    public void prepare() {
        System.setProperty(CipherChoice.BENCHMARK_PROPERTY, "true");
        cipher = CipherChoice.choose(backend).backend(SUITE).cipher(SUITE);
        try (DirectionKeys direction = Golden.directionKeys(Golden.CASES[0])) {
            keys = new KeyEncryption(direction);
        }
        plaintextBytes = PacketCipher.INNER_WORD_BYTES + packetBytes;
        seal();
        batch.clear();
    }

    @TearDown
    public void close() {
        cipher.close();
        keys.close();
        batch.close();
        memory.close();
    }

    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public int drawKeysAndSeal() {
        seal();
        batch.clear();
        return datagramBytes;
    }

    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public int unwrapKeysAndOpen() {
        for (int i = 0; i < PACKETS; i++) {
            long datagram = datagrams + (long) i * STRIDE_BYTES;
            batch.add(datagram + DataHeader.WRAPPED_KEY_OFFSET, INSTANCE, DataHeader.packetNumber(datagram), false);
        }
        batch.unwrap(keys, SUITE.keyBytes());
        for (int i = 0; i < PACKETS; i++) {
            long datagram = datagrams + (long) i * STRIDE_BYTES;
            if (cipher.open(batch.packetKey(i), datagram, datagramBytes, out) != plaintextBytes) {
                throw new IllegalStateException("own datagram " + i + " did not open");
            }
        }
        batch.clear();
        return plaintextBytes;
    }

    private void seal() {
        batch.draw(keys, SUITE.keyBytes(), INSTANCE, packetNumber, PACKETS);
        for (int i = 0; i < PACKETS; i++) {
            long datagram = datagrams + (long) i * STRIDE_BYTES;
            DataHeader.write(
                    datagram, DataHeader.TYPE_PACKET_KEY, SUITE.code(), INSTANCE, 0x7e4609d0, packetNumber + i);
            OffHeap.copy(batch.wrapped(i), datagram + DataHeader.WRAPPED_KEY_OFFSET, SUITE.keyBytes());
            datagramBytes = cipher.seal(batch.packetKey(i), datagram, plaintext, plaintextBytes);
        }
        packetNumber += PACKETS;
    }
}
