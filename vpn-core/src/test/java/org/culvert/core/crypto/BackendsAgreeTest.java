package org.culvert.core.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Random;
import org.culvert.tun.memory.OffHeap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The JDK's ciphers and ipsec-mb's against each other at every size a LAN packet can have, and at random ones beyond.
 * Not for form's sake: JDK-8371864 gave wrong AES-GCM output for certain sizes on processors with AVX2 or AVX-512, in
 * compiled code only, which no test vector reaches.
 */
class BackendsAgreeTest {
    private static final long SEED = 31_337_1995L;
    private static final int EVERY_SIZE_UP_TO = 1600;
    private static final int RANDOM_SIZES = 600;

    @ParameterizedTest
    @EnumSource
    void onEverySize(Suite suite) {
        List<CipherBackend> backends = Backends.all();
        assumeTrue(backends.size() == 2, "libipsec-mb1 is not installed");
        Random random = new Random(SEED + suite.code());
        try (TestMemory memory = new TestMemory();
                PacketCipher jce = backends.get(0).cipher(suite);
                PacketCipher ipsecMb = backends.get(1).cipher(suite)) {
            Bench bench = new Bench(memory, random, suite);
            // twice: the second time through runs what the JIT made of the first
            for (int round = 0; round < 2; round++) {
                for (int size = PacketCipher.INNER_WORD_BYTES; size <= EVERY_SIZE_UP_TO; size++) {
                    bench.compare(jce, ipsecMb, size);
                    bench.compare(ipsecMb, jce, size);
                }
            }
            for (int i = 0; i < RANDOM_SIZES; i++) {
                int size = random.nextInt(EVERY_SIZE_UP_TO, 65_532);
                bench.compare(jce, ipsecMb, size);
                bench.compare(ipsecMb, jce, size);
            }
        }
    }

    /** One seals, both must have sealed alike, the other opens. */
    private static final class Bench {
        private final Random random;
        private final Suite suite;
        private final long key;
        private final long plaintext;
        private final long datagram;
        private final long other;
        private final long out;

        Bench(TestMemory memory, Random random, Suite suite) {
            this.random = random;
            this.suite = suite;
            key = memory.room(32);
            plaintext = memory.room(70_000);
            datagram = memory.room(70_000);
            other = memory.room(70_000);
            out = memory.room(70_000);
            fill(plaintext, 70_000);
        }

        void compare(PacketCipher sealing, PacketCipher opening, int size) {
            fill(key, suite.keyBytes());
            fill(datagram, suite.headerBytes());
            fill(plaintext + random.nextInt(size), 1);
            OffHeap.copy(datagram, other, suite.headerBytes());
            int bytes = sealing.seal(key, datagram, plaintext, size);
            assertEquals(bytes, opening.seal(key, other, plaintext, size));
            same(datagram, other, bytes, "sealed");
            assertEquals(
                    size, opening.open(key, datagram, bytes, out), () -> suite + " size " + size + " seed " + SEED);
            same(plaintext, out, size, "opened");
        }

        private void same(long a, long b, int bytes, String what) {
            for (int i = 0; i < bytes; i++) {
                if (OffHeap.u8(a + i) != OffHeap.u8(b + i)) {
                    fail(what + " differently at byte " + i + " of " + bytes + ", " + suite + ", seed " + SEED);
                }
            }
        }

        private void fill(long address, int bytes) {
            for (int i = 0; i < bytes; i++) {
                OffHeap.putU8(address + i, random.nextInt());
            }
        }
    }
}
