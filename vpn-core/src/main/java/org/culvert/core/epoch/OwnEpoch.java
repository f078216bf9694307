package org.culvert.core.epoch;

/**
 * One of our own epochs: from when its key is drawn until it ends by the monotonic clock.
 *
 * @param serial 1 for the first since the start
 * @param endNs no packet is sealed with its help after this; erased {@link Exchange#GRACE_NS} later
 */
public record OwnEpoch(int serial, long endNs, Material material) {
    /** The epoch's secrets, which only who drew them can look into. */
    public interface Material extends AutoCloseable {
        byte[] publicKey();

        /** Empty: none. */
        byte[] kemKey();

        /** Erases the private halves. */
        @Override
        void close();
    }

    long leftMs(long nowNs) {
        return Math.max(0, (endNs - nowNs) / 1_000_000);
    }
}
