package org.culvert.core.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * The keys of one batch of packets, worked in two AES calls. One thread, reused for every batch. The next one overwrites
 * as many keys as it has, and those behind them stay: {@link #clear} zeroes all, and whoever has a batch calls it when keys have ended
 * under which these were wrapped. Else the rest of one large batch would outlive its epoch by days.
 *
 * <p>Three keys per packet. The <i>traffic key</i> Kp is random. The <i>wrapped key</i>, Kp under Kijn, travels in the
 * header. The <i>packet key</i> is what the packet is sealed with:
 *
 * <pre>
 *   packet key = Kp xor AES-256(K2ijn, block 0) [|| AES-256(K2ijn, block 1) for a 256-bit Kp]
 *
 *    0       2      3                   8                              16
 *   +-------+------+-------------------+------------------------------+
 *   |  in-  | half |         0         |   lane (4 bits) and packet   |     half = 0 in block 0
 *   | stance|      |                   |   number (60 bits), as sent  |     half = 1 in block 1
 *   +-------+------+-------------------+------------------------------+
 * </pre>
 *
 * <p>Why it cannot repeat: Kp comes from the kernel's generator; should that fail and repeat, the mask still differs,
 * because no two packets under one K2ijn share instance and packet number; only both failing together repeats a key.
 * Whoever learns a packet key can open that packet and cannot make another: without K2ijn no mask is known.
 *
 * <p>A <i>kept</i> Kp (wire type 2) seals several packets without a mask; then the nonce alone keeps them apart.
 */
public final class KeyBatch implements AutoCloseable {
    /** Where traffic keys come from: getrandom(2) in the product. Must fill every byte or throw. */
    @FunctionalInterface
    public interface Random {
        void fill(long address, int bytes);
    }

    private static final int MAX_KEY_BYTES = 32;
    private static final VarHandle BIG_ENDIAN_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final int capacityPackets;
    private final Random random;

    private final Region memory;
    private final long trafficKeys;
    private final long packetKeys;
    private final long wrappedKeys;
    private final byte[] in;
    private final byte[] out;

    // what add() collected: one packet each
    private final long[] wrappedAt;
    private final long[] packetNumber;
    private final int[] instance;
    private final boolean[] kept;

    private int count;
    private int keyBytes;
    private int usedBytes; // the most since the last clear(): a small batch after a large one leaves nothing behind

    public KeyBatch(int capacityPackets, Random random) {
        this.capacityPackets = capacityPackets;
        this.random = random;
        int bytes = capacityPackets * MAX_KEY_BYTES;
        memory = new Region(3L * bytes);
        trafficKeys = memory.address();
        packetKeys = trafficKeys + bytes;
        wrappedKeys = packetKeys + bytes;
        in = new byte[bytes];
        out = new byte[bytes];
        wrappedAt = new long[capacityPackets];
        packetNumber = new long[capacityPackets];
        instance = new int[capacityPackets];
        kept = new boolean[capacityPackets];
    }

    /**
     * Sending: fresh traffic keys for {@code count} packets with consecutive packet numbers, wrapped, and their packet
     * keys. For a Kp that will be kept, draw one and use {@link #trafficKey}.
     *
     * @param keyBytes of the suite: 16 or 32
     * @param firstPacketNumber with the lane in its top 4 bits
     */
    public void draw(KeyEncryption keys, int keyBytes, int instance, long firstPacketNumber, int count) {
        int bytes = begin(count, keyBytes);
        random.fill(trafficKeys, bytes);

        OffHeap.copy(trafficKeys, in, 0, bytes);
        keys.wrap(in, out, bytes);
        OffHeap.copy(out, 0, wrappedKeys, bytes);

        for (int i = 0; i < count; i++) {
            putMaskBlocks(i * keyBytes, instance, firstPacketNumber + i);
        }
        keys.mask(in, out, bytes);
        OffHeap.copy(out, 0, packetKeys, bytes);
        for (long at = 0; at < bytes; at += Long.BYTES) {
            xorTrafficKey(at);
        }
    }

    /**
     * Receiving: one packet more for the next {@link #unwrap}.
     *
     * @param wrappedKey where the wrapped key lies; read by {@code unwrap}, not before
     * @param kept wire type 2: Kp seals the packet itself
     */
    public void add(long wrappedKey, int instance, long packetNumber, boolean kept) {
        int i = count;
        wrappedAt[i] = wrappedKey;
        this.instance[i] = instance;
        this.packetNumber[i] = packetNumber;
        this.kept[i] = kept;
        count = i + 1;
    }

    /** Receiving: all keys of the packets added since the last {@link #clear}, which must share one set of direction keys. */
    public void unwrap(KeyEncryption keys, int keyBytes) {
        int bytes = begin(count, keyBytes);
        for (int i = 0; i < count; i++) {
            OffHeap.copy(wrappedAt[i], in, i * keyBytes, keyBytes);
        }
        keys.unwrap(in, out, bytes);
        OffHeap.copy(out, 0, trafficKeys, bytes);

        for (int i = 0; i < count; i++) {
            putMaskBlocks(i * keyBytes, instance[i], packetNumber[i]);
        }
        keys.mask(in, out, bytes);
        for (int i = 0; i < count; i++) {
            if (kept[i]) {
                Arrays.fill(out, i * keyBytes, (i + 1) * keyBytes, (byte) 0);
            }
        }
        OffHeap.copy(out, 0, packetKeys, bytes);
        for (long at = 0; at < bytes; at += Long.BYTES) {
            xorTrafficKey(at);
        }
    }

    /** Packets drawn or added since the last {@link #clear}. */
    public int count() {
        return count;
    }

    /** Address of packet i's wrapped key, after {@link #draw}. This and the next two are valid until the next draw, add or clear. */
    public long wrapped(int i) {
        return wrappedKeys + (long) i * keyBytes;
    }

    /** Address of the key that packet i is sealed with. */
    public long packetKey(int i) {
        return packetKeys + (long) i * keyBytes;
    }

    /** Address of packet i's Kp itself. */
    public long trafficKey(int i) {
        return trafficKeys + (long) i * keyBytes;
    }

    /** Zeroes the keys of this batch and begins another. */
    public void clear() {
        Arrays.fill(in, 0, usedBytes, (byte) 0);
        Arrays.fill(out, 0, usedBytes, (byte) 0);
        OffHeap.copy(in, 0, trafficKeys, usedBytes);
        OffHeap.copy(in, 0, packetKeys, usedBytes);
        count = 0;
        usedBytes = 0;
    }

    @Override
    public void close() {
        Arrays.fill(in, (byte) 0);
        Arrays.fill(out, (byte) 0);
        count = 0;
        memory.close();
    }

    private int begin(int count, int keyBytes) {
        if (count > capacityPackets || (keyBytes != MAX_KEY_BYTES && keyBytes != MAX_KEY_BYTES / 2)) {
            throw new IllegalArgumentException(
                    count + " keys of " + keyBytes + " bytes in a batch of " + capacityPackets);
        }
        this.count = count;
        this.keyBytes = keyBytes;
        int bytes = count * keyBytes;
        usedBytes = Math.max(usedBytes, bytes);
        return bytes;
    }

    private void putMaskBlocks(int at, int instance, long packetNumber) {
        long first = (long) instance << 48;
        BIG_ENDIAN_LONG.set(in, at, first);
        BIG_ENDIAN_LONG.set(in, at + 8, packetNumber);
        if (keyBytes == MAX_KEY_BYTES) {
            BIG_ENDIAN_LONG.set(in, at + 16, first | 1L << 40);
            BIG_ENDIAN_LONG.set(in, at + 24, packetNumber);
        }
    }

    private void xorTrafficKey(long at) {
        long key = OffHeap.nativeI64(packetKeys + at) ^ OffHeap.nativeI64(trafficKeys + at);
        OffHeap.putNativeI64(packetKeys + at, key);
    }
}
