package org.culvert.core.status;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The last hour of each peer's traffic and round-trip time, for the status page: a ring of fixed size per peer (3 KB), that goes with its
 * peer. Any thread.
 */
public final class History {
    public static final int INTERVAL_S = 15;
    public static final int SLOTS = 3_600 / INTERVAL_S;

    private final Map<String, Ring> rings = new HashMap<>();

    /** A peer's last hour, oldest first; NaN where nothing is known. */
    static final class Series {
        private final float[] sent;
        private final float[] received;
        private final float[] rttMs;

        private Series(Ring ring) {
            sent = ring.inOrder(ring.sent);
            received = ring.inOrder(ring.received);
            rttMs = ring.inOrder(ring.rttMs);
        }

        /** Bits per second of inner packets. */
        float[] sent() {
            return sent;
        }

        float[] received() {
            return received;
        }

        float[] rttMs() {
            return rttMs;
        }
    }

    /**
     * Counters at one moment.
     *
     * @param rttMs NaN: not known
     */
    public record Sample(String peer, long sentBytes, long receivedBytes, float rttMs) {}

    /** One more slot. Peers that are not among the samples are forgotten. */
    public synchronized void add(List<Sample> samples, long nowNs) {
        Map<String, Ring> next = new HashMap<>();
        for (Sample sample : samples) {
            Ring ring = rings.getOrDefault(sample.peer(), new Ring());
            ring.add(sample, nowNs);
            next.put(sample.peer(), ring);
        }
        rings.clear();
        rings.putAll(next);
    }

    /** Empty series for a peer nobody has seen. */
    synchronized Series of(String peer) {
        return new Series(rings.getOrDefault(peer, new Ring()));
    }

    /** For tests: peers remembered. */
    synchronized List<String> peers() {
        return new ArrayList<>(rings.keySet());
    }

    private static final class Ring {
        private final float[] sent = new float[SLOTS];
        private final float[] received = new float[SLOTS];
        private final float[] rttMs = new float[SLOTS];
        private int next;
        private int filled;
        private long lastNs;
        private long lastSent = -1;
        private long lastReceived;

        void add(Sample sample, long nowNs) {
            if (lastSent >= 0 && nowNs > lastNs) {
                double seconds = (nowNs - lastNs) / 1e9;
                sent[next] = (float) (Math.max(0, sample.sentBytes() - lastSent) * 8 / seconds);
                received[next] = (float) (Math.max(0, sample.receivedBytes() - lastReceived) * 8 / seconds);
                rttMs[next] = sample.rttMs();
                next = (next + 1) % SLOTS;
                filled = Math.min(SLOTS, filled + 1);
            }
            lastNs = nowNs;
            lastSent = sample.sentBytes();
            lastReceived = sample.receivedBytes();
        }

        float[] inOrder(float[] ring) {
            float[] ordered = new float[SLOTS];
            Arrays.fill(ordered, Float.NaN);
            for (int i = 0; i < filled; i++) {
                ordered[SLOTS - filled + i] = ring[(next - filled + i + SLOTS) % SLOTS];
            }
            return ordered;
        }
    }
}
