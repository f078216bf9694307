package org.culvert.core.flow;

import org.culvert.core.crypto.KeyBatch;
import org.culvert.core.peer.PairKeys;
import org.culvert.core.peer.SendKey;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;

/**
 * A traffic key that lives for several packets (type 2), where the peer's policy says so. It belongs to one peer, one
 * {@link SendKey} (hence one hour and suite), one instance and the Outbound thread, and never crosses any of them. Its nonces do not
 * repeat since packet numbers do not.
 */
final class KeptKey implements AutoCloseable {
    private static final int MAX_KEY_BYTES = 32;

    private final Region memory = new Region(2L * MAX_KEY_BYTES);
    private @Nullable SendKey under;
    private int instance;
    private long packets;
    private long bytes;
    private long drawnAtNs;

    /** True when the key may seal one more packet of {@code innerBytes}. */
    @SuppressWarnings("ReferenceEquality") // the very same key of one hour
    boolean serves(SendKey sendKey, int currentInstance, int innerBytes, long nowNs) {
        TrafficKeyPolicy policy = sendKey.trafficKey();
        return under == sendKey
                && instance == currentInstance
                && packets < policy.packets()
                && bytes + innerBytes <= policy.bytes()
                && nowNs - drawnAtNs < policy.lifetimeNs();
    }

    /** Takes the first key of a batch just drawn. */
    void take(KeyBatch batch, SendKey sendKey, int currentInstance, long nowNs) {
        int keyBytes = sendKey.suite().keyBytes();
        OffHeap.copy(batch.trafficKey(0), key(), keyBytes);
        OffHeap.copy(batch.wrapped(0), wrapped(), keyBytes);
        under = sendKey;
        instance = currentInstance;
        packets = 0;
        bytes = 0;
        drawnAtNs = nowNs;
    }

    @SuppressWarnings("ReferenceEquality") // the very same pair
    boolean isUnder(PairKeys pair) {
        return under != null && under.pair() == pair;
    }

    void used(int innerBytes) {
        packets++;
        bytes += innerBytes;
    }

    long key() {
        return memory.address();
    }

    long wrapped() {
        return memory.address() + MAX_KEY_BYTES;
    }

    @Override
    public void close() {
        memory.close();
    }
}
