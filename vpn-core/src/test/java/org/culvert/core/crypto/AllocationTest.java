package org.culvert.core.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.culvert.tun.memory.OffHeap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the data path allocates per packet. Nothing, but for what the JDK's ciphers do inside: that is pinned by a
 * ceiling a little above what JDK 25.0.3 was seen to do (seal / open: 1472 / 1032 bytes for AES-128-GCM, 1664 / 1064
 * for AES-256-GCM, 2184 / 2224 for ChaCha20-Poly1305; GMAC adds a copy of the packet, 2792 / 2352).
 */
class AllocationTest {
    private static final int PLAINTEXT_BYTES = 1404;
    private static final int PACKETS = 10_000;

    private static final Map<Suite, Integer> JCE_CEILING_BYTES = Map.of(
            Suite.AES_128_GCM, 1600,
            Suite.AES_256_GCM, 1800,
            Suite.CHACHA20_POLY1305, 2400,
            Suite.AES_128_GMAC, 3000);

    private final TestMemory memory = new TestMemory();
    private final long key = memory.room(32);
    private final long datagram = memory.room(2000);
    private final long plaintext = memory.room(2000);
    private final long out = memory.room(2000);

    @AfterEach
    void close() {
        memory.close();
    }

    @ParameterizedTest
    @MethodSource("org.culvert.core.crypto.Backends#everySuiteOfEveryBackend")
    void perPacket(CipherBackend backend, Suite suite) {
        try (PacketCipher cipher = backend.cipher(suite)) {
            int ceilingBytes = backend instanceof JceBackend ? JCE_CEILING_BYTES.get(suite) : 0;
            int datagramBytes = PLAINTEXT_BYTES + suite.headerBytes() + PacketCipher.TAG_BYTES;
            check(suite + " seal", ceilingBytes, () -> seal(cipher));
            check(suite + " open", ceilingBytes, () -> open(cipher, datagramBytes));
        }
    }

    @Test
    void aBatchOfKeysAllocatesNothing() {
        for (Golden.Case golden : Golden.CASES) {
            int keyBytes = golden.suite().keyBytes();
            try (DirectionKeys keys = Golden.directionKeys(golden);
                    KeyEncryption encryption = new KeyEncryption(keys);
                    KeyBatch batch = new KeyBatch(44, AllocationTest::draw)) {
                check("keys of " + golden.suite(), 0, () -> drawAndUnwrap(batch, encryption, keyBytes));
            }
        }
    }

    private void seal(PacketCipher cipher) {
        for (int i = 0; i < PACKETS; i++) {
            OffHeap.putI64(datagram + 8, OffHeap.i64(datagram + 8) + 1); // the JDK refuses a nonce twice
            cipher.seal(key, datagram, plaintext, PLAINTEXT_BYTES);
        }
    }

    private void open(PacketCipher cipher, int datagramBytes) {
        for (int i = 0; i < PACKETS; i++) {
            assertEquals(PLAINTEXT_BYTES, cipher.open(key, datagram, datagramBytes, out));
        }
    }

    private void drawAndUnwrap(KeyBatch batch, KeyEncryption encryption, int keyBytes) {
        for (int i = 0; i < PACKETS / 44; i++) {
            batch.draw(encryption, keyBytes, 9, 1000L * i, 44);
            batch.clear();
            for (int k = 0; k < 44; k++) {
                batch.add(plaintext + 16 * k, 9, k, k % 2 == 0);
            }
            batch.unwrap(encryption, keyBytes);
            batch.clear();
        }
    }

    private static void draw(long address, int bytes) {
        for (int at = 0; at < bytes; at += Long.BYTES) {
            OffHeap.putNativeI64(address + at, 0x7766_5544_3322_1100L + at);
        }
    }

    /** Of several runs one must stay below: what the interpreter allocates compiled code does not, and compiling takes a while. */
    private static void check(String what, int ceilingBytes, Runnable work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        double perPacket = Double.MAX_VALUE;
        for (int run = 0; run < 30 && perPacket > ceilingBytes + 0.1; run++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            work.run();
            perPacket = (double) (threads.getCurrentThreadAllocatedBytes() - before) / PACKETS;
        }
        assertTrue(perPacket <= ceilingBytes + 0.1, what + ": " + perPacket + " bytes per packet");
    }
}
