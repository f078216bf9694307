package org.culvert.core.log;

import java.util.HashMap;
import java.util.Map;
import org.culvert.core.pace.Pace;

/**
 * Keeps lines that a peer or a stranger can cause from filling the disk: of each kind a burst, then one a second, and the next
 * line that passes says how many did not. A kind is the constant text of the code that logs, so nobody outside can make the
 * table grow; should it grow all the same, what is beyond its size shares one allowance. Any thread.
 */
final class LogLimit {
    /** The answer for a line that is not to be written. */
    static final int REFUSED = -1;

    /** A start with many peers has a line for each; a disk has room for these. */
    static final int BURST = 50;

    /** More kinds than there are log statements in the program. */
    static final int MOST_KINDS = 500;

    private static final String OTHERS = "";

    private final Map<String, Kind> kinds = new HashMap<>();

    /**
     * Asks for one line.
     *
     * @param nowNs System.nanoTime()
     * @return {@link #REFUSED}, or how many lines of this kind were refused since the last one that passed
     */
    synchronized int admit(String kind, long nowNs) {
        boolean known = kinds.size() < MOST_KINDS || kinds.containsKey(kind);
        return kinds.computeIfAbsent(known ? kind : OTHERS, first -> new Kind()).admit(nowNs);
    }

    private static final class Kind {
        private final Pace lines = new Pace(1, BURST);
        private int suppressed;

        int admit(long nowNs) {
            if (!lines.take(nowNs)) {
                suppressed = Math.min(suppressed, Integer.MAX_VALUE - 1) + 1;
                return REFUSED;
            }
            int before = suppressed;
            suppressed = 0;
            return before;
        }
    }

    /** The end of a line: empty, or " (suppressed 17 like this)". */
    static String suppressed(int count) {
        return count <= 0 ? "" : " (suppressed " + count + " like this)";
    }
}
