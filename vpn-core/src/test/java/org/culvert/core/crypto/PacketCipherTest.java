package org.culvert.core.crypto;

import static org.culvert.core.crypto.Golden.hex;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.culvert.tun.memory.OffHeap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every suite of every backend promises. */
class PacketCipherTest {
    private static final int ROOM = 70_000;

    private final TestMemory memory = new TestMemory();
    private final Random seeded = new Random(19_980_225);
    private final long datagram = memory.room(ROOM);
    private final long plaintext = memory.room(ROOM);
    private final long out = memory.room(ROOM);
    private final long key = memory.room(32);

    @AfterEach
    void close() {
        memory.close();
    }

    @ParameterizedTest
    @MethodSource("org.culvert.core.crypto.Backends#everySuiteOfEveryBackend")
    void sealsAndOpensTheGoldenDatagram(CipherBackend backend, Suite suite) {
        Golden.Case golden = Golden.CASES[suite.ordinal()];
        check(backend, suite, golden.packetKey(), golden.datagram());
        if (suite == Suite.AES_128_GCM) {
            check(backend, suite, Golden.TRAFFIC_KEY.substring(0, 32), Golden.KEPT_DATAGRAM);
        }
    }

    private void check(CipherBackend backend, Suite suite, String packetKey, String expected) {
        byte[] inner = hex(Golden.PLAINTEXT);
        put(key, hex(packetKey));
        put(datagram, Arrays.copyOf(hex(expected), suite.headerBytes()));
        put(plaintext, inner);
        try (PacketCipher cipher = backend.cipher(suite)) {
            int bytes = cipher.seal(key, datagram, plaintext, inner.length);
            assertEquals(expected, hex(TestMemory.bytes(datagram, bytes)));
            assertEquals(inner.length + suite.overheadBytes() - PacketCipher.INNER_WORD_BYTES, bytes);
            assertEquals(inner.length, cipher.open(key, datagram, bytes, out));
            assertArrayEquals(inner, TestMemory.bytes(out, inner.length));
        }
    }

    @ParameterizedTest
    @MethodSource("org.culvert.core.crypto.Backends#everySuiteOfEveryBackend")
    void opensWhatItSealedFromTheSmallestToTheLargest(CipherBackend backend, Suite suite) {
        try (PacketCipher cipher = backend.cipher(suite)) {
            for (int size : new int[] {4, 5, 24, 1404, 1405, 9004, 65_535, PacketCipher.MAX_PLAINTEXT_BYTES}) {
                int bytes = sealRandom(cipher, suite, size);
                assertEquals(size, cipher.open(key, datagram, bytes, out));
                assertArrayEquals(TestMemory.bytes(plaintext, size), TestMemory.bytes(out, size), "size " + size);
            }
        }
    }

    /** Twice in a row too, as when nothing is sent between two changes of keys. */
    @ParameterizedTest
    @MethodSource("org.culvert.core.crypto.Backends#everySuiteOfEveryBackend")
    void hasNothingOfTheLastKeyOnceToldToForgetAndWorksOn(CipherBackend backend, Suite suite) {
        try (PacketCipher cipher = backend.cipher(suite)) {
            cipher.forget();
            for (int round = 0; round < 2; round++) {
                int bytes = sealRandom(cipher, suite, 77);
                assertTrue(holdsSomething(cipher), "a blind test");
                assertEquals(77, cipher.open(key, datagram, bytes, out));
                cipher.forget();
                assertFalse(holdsSomething(cipher));
                cipher.forget();
            }
        }
    }

    private static boolean holdsSomething(PacketCipher cipher) {
        byte[] held = switch (cipher) {
            case IpsecMbGcm gcm -> TestMemory.bytes(gcm.memory.address(), IpsecMbGcm.MEMORY_BYTES);
            case IpsecMbChaCha20 chacha -> TestMemory.bytes(chacha.memory.address(), IpsecMbChaCha20.MEMORY_BYTES);
            case JceCipher jce -> jce.key.getEncoded();
            default -> throw new AssertionError("what does it hold? " + cipher.getClass());
        };
        return !Arrays.equals(held, new byte[held.length]);
    }

    /** Every bit of header, ciphertext and tag is under the tag, and so is every bit of the key. */
    @ParameterizedTest
    @MethodSource("org.culvert.core.crypto.Backends#everySuiteOfEveryBackend")
    void refusesADatagramWithAnyBitChanged(CipherBackend backend, Suite suite) {
        try (PacketCipher cipher = backend.cipher(suite)) {
            int bytes = sealRandom(cipher, suite, 45);
            for (int bit = 0; bit < 8 * bytes; bit++) {
                TestMemory.flip(datagram, bit);
                assertEquals(-1, cipher.open(key, datagram, bytes, out), "bit " + bit);
                TestMemory.flip(datagram, bit);
            }
            for (int bit = 0; bit < 8 * suite.keyBytes(); bit++) {
                TestMemory.flip(key, bit);
                assertEquals(-1, cipher.open(key, datagram, bytes, out), "key bit " + bit);
                TestMemory.flip(key, bit);
            }
            assertEquals(45, cipher.open(key, datagram, bytes, out), "the genuine one afterwards");
        }
    }

    @ParameterizedTest
    @MethodSource("org.culvert.core.crypto.Backends#everySuiteOfEveryBackend")
    void refusesEveryOtherLength(CipherBackend backend, Suite suite) {
        try (PacketCipher cipher = backend.cipher(suite)) {
            int bytes = sealRandom(cipher, suite, 45);
            for (int wrong = -3; wrong < bytes + 40; wrong++) {
                if (wrong != bytes) {
                    assertEquals(-1, cipher.open(key, datagram, wrong, out), "length " + wrong);
                }
            }
            for (int wrong : new int[] {Integer.MIN_VALUE, Integer.MAX_VALUE, 65_535 + suite.overheadBytes() + 1}) {
                assertEquals(-1, cipher.open(key, datagram, wrong, out), "length " + wrong);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.culvert.core.crypto.Backends#everySuiteOfEveryBackend")
    void nothingOfAForgedPacketIsReleased(CipherBackend backend, Suite suite) {
        try (PacketCipher cipher = backend.cipher(suite)) {
            int bytes = sealRandom(cipher, suite, 1404);
            OffHeap.fill(out, 1404, 0);
            TestMemory.flip(datagram, 8 * bytes - 1);
            assertEquals(-1, cipher.open(key, datagram, bytes, out));
            assertArrayEquals(new byte[1404], TestMemory.bytes(out, 1404));
        }
    }

    /**
     * A stranger copies the header of a packet on its way and is first with a forged body. The JDK's ChaCha20 refuses
     * to be initialised twice with one key and nonce; up to JDK 17 even to decrypt, so that the genuine packet failed.
     */
    @ParameterizedTest
    @MethodSource("org.culvert.core.crypto.Backends#everySuiteOfEveryBackend")
    void aForgeryUnderAGenuineHeaderDoesNotSpoilTheGenuinePacket(CipherBackend backend, Suite suite) {
        try (PacketCipher cipher = backend.cipher(suite)) {
            int bytes = sealRandom(cipher, suite, 333);
            for (int forgeries = 1; forgeries <= 3; forgeries++) {
                for (int i = 0; i < forgeries; i++) {
                    TestMemory.flip(datagram, 8 * suite.headerBytes() + 77 * i);
                    assertEquals(-1, cipher.open(key, datagram, bytes, out));
                    TestMemory.flip(datagram, 8 * suite.headerBytes() + 77 * i);
                }
                assertEquals(333, cipher.open(key, datagram, bytes, out), forgeries + " forgeries");
            }
        }
    }

    /** Whether it is a replay is the window's to say, and its counter's. */
    @ParameterizedTest
    @MethodSource("org.culvert.core.crypto.Backends#everySuiteOfEveryBackend")
    void aDuplicateOpensAgain(CipherBackend backend, Suite suite) {
        try (PacketCipher cipher = backend.cipher(suite)) {
            int bytes = sealRandom(cipher, suite, 99);
            for (int i = 0; i < 3; i++) {
                assertEquals(99, cipher.open(key, datagram, bytes, out));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.culvert.core.crypto.Backends#everySuiteOfEveryBackend")
    void thePlaintextIsReadableOnlyWithoutEncryption(CipherBackend backend, Suite suite) {
        try (PacketCipher cipher = backend.cipher(suite)) {
            int bytes = sealRandom(cipher, suite, 64);
            byte[] body = TestMemory.bytes(datagram + suite.headerBytes(), 64);
            assertEquals(!suite.encrypts(), Arrays.equals(body, TestMemory.bytes(plaintext, 64)));
            assertEquals(64 + suite.headerBytes() + PacketCipher.TAG_BYTES, bytes);
        }
    }

    /** The header is authenticated as the sender wrote it: sealing changes none of its bytes, nor any behind the tag. */
    @ParameterizedTest
    @MethodSource("org.culvert.core.crypto.Backends#everySuiteOfEveryBackend")
    void writesNothingButCiphertextAndTag(CipherBackend backend, Suite suite) {
        try (PacketCipher cipher = backend.cipher(suite)) {
            for (int size : new int[] {4, 61, 1404}) {
                OffHeap.fill(datagram, 2000, 0xa5);
                OffHeap.fill(out, 2000, 0xa5);
                byte[] header = TestMemory.bytes(datagram, suite.headerBytes());
                fillRandom(key, suite.keyBytes());
                fillRandom(plaintext, size);
                byte[] before = TestMemory.bytes(plaintext, size);
                int bytes = cipher.seal(key, datagram, plaintext, size);
                assertArrayEquals(header, TestMemory.bytes(datagram, header.length));
                assertArrayEquals(before, TestMemory.bytes(plaintext, size));
                assertEquals(0xa5, OffHeap.u8(datagram + bytes), "behind the tag");
                assertEquals(size, cipher.open(key, datagram, bytes, out));
                assertEquals(0xa5, OffHeap.u8(out + size), "behind the plaintext, size " + size);
            }
        }
    }

    /** Nonce = instance, two zero bytes, lane and packet number: each of them changes the ciphertext under one key. */
    @ParameterizedTest
    @MethodSource("org.culvert.core.crypto.Backends#everySuiteOfEveryBackend")
    void instanceLaneAndPacketNumberAreInTheNonce(CipherBackend backend, Suite suite) {
        try (ExplicitNonceCipher cipher = Backends.cipher(backend, suite)) {
            sealRandom(cipher, suite, 50);
            byte[] sealed = TestMemory.bytes(datagram, suite.headerBytes() + 50 + PacketCipher.TAG_BYTES);
            long nonce = memory.room(ExplicitNonceCipher.NONCE_BYTES);
            OffHeap.copy(datagram + 2, nonce, 2);
            OffHeap.copy(datagram + 8, nonce + 4, 8);
            assertTrue(cipher.open(key, nonce, datagram, suite.headerBytes(), 50, out));
            for (int bit = 0; bit < 8 * ExplicitNonceCipher.NONCE_BYTES; bit++) {
                TestMemory.flip(nonce, bit);
                assertFalse(cipher.open(key, nonce, datagram, suite.headerBytes(), 50, out), "nonce bit " + bit);
                TestMemory.flip(nonce, bit);
            }
            assertArrayEquals(sealed, TestMemory.bytes(datagram, sealed.length));
        }
    }

    @ParameterizedTest
    @MethodSource("org.culvert.core.crypto.Backends#everySuiteOfEveryBackend")
    void sealingTooLittleOrTooMuchIsABugOfOurs(CipherBackend backend, Suite suite) {
        try (PacketCipher cipher = backend.cipher(suite)) {
            for (int size : new int[] {-1, 0, 3, PacketCipher.MAX_PLAINTEXT_BYTES + 1, Integer.MAX_VALUE}) {
                assertThrows(IllegalArgumentException.class, () -> cipher.seal(key, datagram, plaintext, size));
            }
        }
    }

    private int sealRandom(PacketCipher cipher, Suite suite, int size) {
        fillRandom(key, suite.keyBytes());
        fillRandom(datagram, suite.headerBytes());
        fillRandom(plaintext, size);
        return cipher.seal(key, datagram, plaintext, size);
    }

    private void fillRandom(long address, int bytes) {
        byte[] random = new byte[bytes];
        seeded.nextBytes(random);
        put(address, random);
    }

    private static void put(long address, byte[] bytes) {
        OffHeap.copy(bytes, 0, address, bytes.length);
    }
}
