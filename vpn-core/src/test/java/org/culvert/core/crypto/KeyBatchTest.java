package org.culvert.core.crypto;

import static org.culvert.core.crypto.Golden.hex;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.culvert.tun.memory.OffHeap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeyBatchTest {
    private static final int CAPACITY = 67;

    private final TestMemory memory = new TestMemory();
    private final Random seeded = new Random(20_260_711);
    private final KeyBatch batch = new KeyBatch(CAPACITY, this::fill);

    private void fill(long address, int bytes) {
        for (int i = 0; i < bytes; i++) {
            OffHeap.putU8(address + i, seeded.nextInt());
        }
    }

    @AfterEach
    void close() {
        batch.close();
        memory.close();
    }

    @Test
    void drawsTheGoldenKeys() {
        for (Golden.Case golden : Golden.CASES) {
            byte[] kp = hex(Golden.TRAFFIC_KEY.substring(0, 2 * golden.suite().keyBytes()));
            try (DirectionKeys keys = Golden.directionKeys(golden);
                    KeyEncryption encryption = new KeyEncryption(keys);
                    KeyBatch one = new KeyBatch(1, (address, bytes) -> OffHeap.copy(kp, 0, address, bytes))) {
                one.draw(encryption, kp.length, Golden.INSTANCE, golden.packetNumber(), 1);
                assertEquals(
                        golden.wrapped(),
                        hex(TestMemory.bytes(one.wrapped(0), kp.length)),
                        golden.suite() + " wrapped");
                assertEquals(
                        golden.packetKey(),
                        hex(TestMemory.bytes(one.packetKey(0), kp.length)),
                        golden.suite() + " packet");
                assertArrayEquals(kp, TestMemory.bytes(one.trafficKey(0), kp.length));

                one.clear();
                long wrapped = memory.of(hex(golden.wrapped()));
                one.add(wrapped, Golden.INSTANCE, golden.packetNumber(), false);
                one.unwrap(encryption, kp.length);
                assertEquals(golden.packetKey(), hex(TestMemory.bytes(one.packetKey(0), kp.length)));
                assertArrayEquals(kp, TestMemory.bytes(one.trafficKey(0), kp.length));
            }
        }
    }

    /** Against the definition, block by block, for batches of every size and packet numbers that cross 32 bits. */
    @ParameterizedTest
    @EnumSource
    void everyPacketOfEveryBatchHasTheKeysOfTheDefinition(Suite suite) throws Exception {
        Golden.Case golden = Golden.CASES[suite.ordinal()];
        int keyBytes = suite.keyBytes();
        try (DirectionKeys keys = Golden.directionKeys(golden);
                KeyEncryption encryption = new KeyEncryption(keys)) {
            for (int count = 1; count <= CAPACITY; count++) {
                long first = (long) (count & 15) << 60 | 0xffff_fff0L + count;
                int instance = 0xfedc - count;
                batch.draw(encryption, keyBytes, instance, first, count);
                assertEquals(count, batch.count());
                for (int i = 0; i < count; i++) {
                    byte[] kp = TestMemory.bytes(batch.trafficKey(i), keyBytes);
                    assertArrayEquals(aes(golden.wrapKey(), kp), TestMemory.bytes(batch.wrapped(i), keyBytes));
                    assertArrayEquals(
                            xor(kp, mask(golden.packetSecret(), instance, first + i, keyBytes)),
                            TestMemory.bytes(batch.packetKey(i), keyBytes),
                            count + " packets, packet " + i);
                }
                batch.clear();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theReceiverFindsTheSendersKeysInAnyOrderAndMix(Suite suite) {
        Golden.Case golden = Golden.CASES[suite.ordinal()];
        int keyBytes = suite.keyBytes();
        try (DirectionKeys keys = Golden.directionKeys(golden);
                KeyEncryption encryption = new KeyEncryption(keys);
                KeyBatch receiver = new KeyBatch(CAPACITY, (address, bytes) -> {
                    throw new AssertionError("a receiver draws nothing");
                })) {
            batch.draw(encryption, keyBytes, 0x1234, 900, CAPACITY);
            for (int i = CAPACITY - 1; i >= 0; i--) {
                receiver.add(batch.wrapped(i), 0x1234, 900 + i, i % 3 == 0);
            }
            receiver.unwrap(encryption, keyBytes);
            for (int i = 0; i < CAPACITY; i++) {
                int at = CAPACITY - 1 - i;
                byte[] kp = TestMemory.bytes(batch.trafficKey(i), keyBytes);
                assertArrayEquals(kp, TestMemory.bytes(receiver.trafficKey(at), keyBytes));
                assertArrayEquals(
                        i % 3 == 0 ? kp : TestMemory.bytes(batch.packetKey(i), keyBytes),
                        TestMemory.bytes(receiver.packetKey(at), keyBytes),
                        "packet " + i);
            }
        }
    }

    /** The generator has failed and repeats itself: the packet keys still differ between any two packets. */
    @Test
    void equalTrafficKeysGiveDifferentPacketKeys() {
        try (DirectionKeys keys = Golden.directionKeys(Golden.CASES[1]);
                KeyEncryption encryption = new KeyEncryption(keys);
                KeyBatch stuck = new KeyBatch(4, (address, bytes) -> OffHeap.fill(address, bytes, 0x55))) {
            stuck.draw(encryption, 32, 7, 100, 2);
            String first = hex(TestMemory.bytes(stuck.packetKey(0), 32));
            String second = hex(TestMemory.bytes(stuck.packetKey(1), 32));
            stuck.draw(encryption, 32, 8, 100, 1);
            String otherInstance = hex(TestMemory.bytes(stuck.packetKey(0), 32));
            stuck.draw(encryption, 32, 7, 1L << 60 | 100, 1);
            String otherLane = hex(TestMemory.bytes(stuck.packetKey(0), 32));
            assertEquals(
                    4, java.util.Set.of(first, second, otherInstance, otherLane).size());
            assertEquals(
                    2,
                    java.util.Set.of(first.substring(0, 32), first.substring(32))
                            .size(),
                    "halves");
        }
    }

    @Test
    void clearLeavesNoKeyBehindEvenAfterASmallerBatch() {
        try (DirectionKeys keys = Golden.directionKeys(Golden.CASES[0]);
                KeyEncryption encryption = new KeyEncryption(keys)) {
            batch.draw(encryption, 16, 7, 1, CAPACITY);
            long packetKeys = batch.packetKey(0);
            long trafficKeys = batch.trafficKey(0);
            batch.draw(encryption, 16, 7, 1000, 2);
            batch.clear();
            assertArrayEquals(new byte[16 * CAPACITY], TestMemory.bytes(packetKeys, 16 * CAPACITY));
            assertArrayEquals(new byte[16 * CAPACITY], TestMemory.bytes(trafficKeys, 16 * CAPACITY));
            assertEquals(0, batch.count());
        }
    }

    @Test
    void refusesMoreThanItsCapacityAndKeysOfAnotherSize() {
        try (DirectionKeys keys = Golden.directionKeys(Golden.CASES[0]);
                KeyEncryption encryption = new KeyEncryption(keys)) {
            assertThrows(IllegalArgumentException.class, () -> batch.draw(encryption, 16, 7, 1, CAPACITY + 1));
            assertThrows(IllegalArgumentException.class, () -> batch.draw(encryption, 24, 7, 1, 1));
        }
    }

    @Test
    void aClosedKeyEncryptionNoLongerHasTheKeys() throws Exception {
        Golden.Case golden = Golden.CASES[0];
        try (DirectionKeys keys = Golden.directionKeys(golden)) {
            KeyEncryption encryption = new KeyEncryption(keys);
            encryption.close();
            batch.draw(encryption, 16, 7, 1, 1);
            byte[] wrapped = TestMemory.bytes(batch.wrapped(0), 16);
            assertArrayEquals(aes("00".repeat(32), TestMemory.bytes(batch.trafficKey(0), 16)), wrapped);
        }
    }

    private static byte[] mask(String k2, int instance, long packetNumber, int keyBytes) throws Exception {
        ByteBuffer blocks = ByteBuffer.allocate(keyBytes);
        for (int half = 0; half < keyBytes / 16; half++) {
            blocks.putShort((short) instance).put((byte) half).put(new byte[5]).putLong(packetNumber);
        }
        return aes(k2, blocks.array());
    }

    private static byte[] aes(String key, byte[] blocks) throws Exception {
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(hex(key), "AES"));
        return aes.doFinal(blocks);
    }

    private static byte[] xor(byte[] a, byte[] b) {
        byte[] result = new byte[a.length];
        for (int i = 0; i < a.length; i++) {
            result[i] = (byte) (a[i] ^ b[i]);
        }
        return result;
    }
}
