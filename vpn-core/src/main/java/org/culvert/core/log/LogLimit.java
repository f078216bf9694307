package org.culvert.core.log;

import java.util.EnumMap;
import java.util.Map;

/**
 * Keeps lines that a peer or a stranger can cause from filling the disk: per reason a burst of five, then one a second, and
 * the next line that passes says how many did not. Reasons are an enum, so nobody outside can make the table grow. Any
 * thread.
 *
 * <pre>{@code
 * int skipped = limit.admit(Reason.NAME, System.nanoTime());
 * if (skipped >= 0) {
 *     LOG.warn("peer {}: ...{}", peer, LogLimit.suppressed(skipped));
 * }
 * }</pre>
 */
public final class LogLimit<R extends Enum<R>> {
    /** The answer for a line that is not to be written. */
    public static final int REFUSED = -1;

    static final int BURST = 5;
    static final long REFILL_NS = 1_000_000_000L;

    private final Map<R, Bucket> buckets;

    public LogLimit(Class<R> reasons) {
        buckets = new EnumMap<>(reasons);
    }

    /**
     * Asks for one line.
     *
     * @param nowNs System.nanoTime()
     * @return {@link #REFUSED}, or how many lines of this reason were refused since the last one that passed
     */
    public synchronized int admit(R reason, long nowNs) {
        return buckets.computeIfAbsent(reason, first -> new Bucket(nowNs)).admit(nowNs);
    }

    /** The moment at which the bucket is full again stands for its level: each line moves it one second away. */
    private static final class Bucket {
        private long fullAtNs;
        private int suppressed;

        Bucket(long nowNs) {
            fullAtNs = nowNs;
        }

        int admit(long nowNs) {
            long missing = Math.max(0, fullAtNs - nowNs);
            if (missing > (BURST - 1) * REFILL_NS) {
                suppressed = Math.min(suppressed, Integer.MAX_VALUE - 1) + 1;
                return REFUSED;
            }
            fullAtNs = nowNs + missing + REFILL_NS;
            int before = suppressed;
            suppressed = 0;
            return before;
        }
    }

    /** The end of a line: empty, or " (suppressed 17 like this)". */
    public static String suppressed(int count) {
        return count <= 0 ? "" : " (suppressed " + count + " like this)";
    }
}
