package org.culvert.core.crypto;

import java.util.function.LongSupplier;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * Which of two backends is faster on this machine, in a few milliseconds. The best round of each counts, so neither
 * what is linked on a first call nor a thread in the way decides.
 *
 * <p>At start the JDK's ciphers still run interpreted, which favours the native library. Compiled they come closer and stay
 * behind (two to three times its time: JDK 25.0.3, one EPYC), so the trial finds the right one, and for a library that is
 * slower than an interpreter, as one without AES instructions would be. Waiting for the compiler would cost every start
 * a quarter of a second.
 */
final class SpeedTrial {
    private static final long BUDGET_NS = 10_000_000;
    private static final int LEAST_ROUNDS = 2;
    private static final int MOST_ROUNDS = 40;
    private static final int PACKETS = 4;
    private static final int PLAINTEXT_BYTES = 1404;

    private final LongSupplier clockNs;

    SpeedTrial(LongSupplier clockNs) {
        this.clockNs = clockNs;
    }

    /** Whether the first is at least as fast as the second at sealing and opening full-sized packets. */
    boolean isFaster(CipherBackend first, CipherBackend second, Suite suite) {
        long firstNs = Long.MAX_VALUE;
        long secondNs = Long.MAX_VALUE;
        try (Region memory = new Region(3 * (PLAINTEXT_BYTES + 128) + 64);
                PacketCipher firstCipher = first.cipher(suite);
                PacketCipher secondCipher = second.cipher(suite)) {
            long startNs = clockNs.getAsLong();
            for (int round = 0; round < MOST_ROUNDS; round++) {
                firstNs = Math.min(firstNs, roundNs(firstCipher, memory.address(), round));
                secondNs = Math.min(secondNs, roundNs(secondCipher, memory.address(), round));
                if (round + 1 >= LEAST_ROUNDS && clockNs.getAsLong() - startNs > BUDGET_NS) {
                    break;
                }
            }
        }
        return firstNs <= secondNs;
    }

    private long roundNs(PacketCipher cipher, long key, int round) {
        long datagram = key + 64;
        long plaintext = datagram + PLAINTEXT_BYTES + 128;
        long out = plaintext + PLAINTEXT_BYTES + 128;
        long startNs = clockNs.getAsLong();
        for (int i = 0; i < PACKETS; i++) {
            OffHeap.putI64(key, (long) round * PACKETS + i); // a new key for each, as on the wire
            int bytes = cipher.seal(key, datagram, plaintext, PLAINTEXT_BYTES);
            if (cipher.open(key, datagram, bytes, out) != PLAINTEXT_BYTES) {
                throw new IllegalStateException("a tested cipher does not open what it sealed");
            }
        }
        return clockNs.getAsLong() - startNs;
    }
}
