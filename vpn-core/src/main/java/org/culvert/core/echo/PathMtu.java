package org.culvert.core.echo;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The longest datagram that reaches a peer, in bytes of UDP payload, found in the manner of RFC 8899: echoes of a chosen length that nobody
 * may fragment, and nothing is believed but their answers. No ICMP is asked: it can be forged, and black holes send none.
 *
 * <ol>
 *   <li>search: what the egress link carries, and when that is not answered at once, the lengths of common links, several in one round
 *       trip; then what lies between the longest that passes and the shortest that does not
 *   <li>confirm: while packets are sent, one echo of the length found every few seconds; when it stops passing and short ones still do,
 *       there is a black hole: back to a length that passes nearly everywhere, and search again
 *   <li>raise: every ten minutes, whether more has become possible
 * </ol>
 *
 * A length is given up after three losses. That an answer is late says nothing: in front of a slow line it waits behind seconds of other
 * packets. Lost is what is not answered by the time that a short echo is, which went after it and waited behind the same packets. Control
 * thread.
 */
final class PathMtu {
    /** An IPv4 path carries 576 bytes (RFC 791); below that nobody searches. */
    static final int LEAST_BYTES = 576 - 28;

    private static final long MS = 1_000_000L;
    private static final long CONFIRM_INTERVAL_NS = 5_000 * MS;
    private static final long RAISE_INTERVAL_NS = 600_000 * MS;
    private static final long SHORTEST_TIMEOUT_NS = 200 * MS;
    private static final long CONFIRM_TIMEOUT_NS = 500 * MS;
    private static final long LONGEST_TIMEOUT_NS = 3_000 * MS;

    private static final long PAUSE_NS = 2_000 * MS;

    private static final int ATTEMPTS = 3;
    private static final int CONFIRM_ATTEMPTS = 5;

    /** Short echoes without an answer, each after twice the time of the one before: nothing comes at all. */
    private static final int SHORT_ECHOES = 6;

    private static final int PER_ROUND = 6;

    /** MTUs of links that are common: jumbo frames, Ethernet, PPPoE, tunnels of several kinds, and what IPv6 demands. */
    private static final List<Integer> COMMON_MTUS =
            List.of(9000, 4352, 1500, 1492, 1480, 1460, 1440, 1420, 1400, 1380, 1340, 1280);

    private enum Phase {
        IDLE,
        SEARCHING,
        FOUND
    }

    private Phase phase = Phase.IDLE;
    private int limitBytes;
    private int floorBytes;
    private int headerBytes;

    /** In force; 0: not known. */
    private int bytes;

    /** The longest that passed and the shortest that did not, of this search. */
    private int passed;

    private int failed;

    /** Lengths of this round, the longest first; sent so far in this attempt. */
    private List<Integer> candidates = List.of();

    private int next;
    private int attempt;
    private int attempts;
    private long attemptNs;

    /** Short echoes asked since the lengths of this attempt were sent; when the last one was. */
    private int shortAsked;

    private long shortAskedNs;

    /** One of them was answered: what passes of this attempt has been answered before. */
    private boolean overtaken;

    private long foundNs;
    private long pausedNs;
    private long rttNs;

    /**
     * What the egress link leaves, or another endpoint: what was found before does not hold any more.
     *
     * @param limit longest datagram the egress link carries
     * @param floor what passes nearly everywhere: where to go back to when longer ones are lost
     * @param headers IP and UDP header in front of a datagram
     */
    void path(int limit, int floor, int headers) {
        limitBytes = limit;
        floorBytes = Math.min(floor, limit);
        headerBytes = headers;
        phase = Phase.IDLE;
        candidates = List.of();
        pausedNs = 0;
        bytes = 0;
    }

    /** Whether a search may begin, now that the peer answers. */
    boolean startDue(long nowNs) {
        return phase == Phase.IDLE && limitBytes != 0 && (pausedNs == 0 || nowNs - pausedNs >= PAUSE_NS);
    }

    /** Searches from the beginning. The peer answers echoes. */
    void search(long nowNs) {
        searchBetween(0, limitBytes + 1, nowNs);
    }

    private void searchBetween(int passes, int fails, long nowNs) {
        phase = Phase.SEARCHING;
        passed = passes;
        failed = fails;
        round(List.of(fails - 1), 1, nowNs); // mostly it passes, and all is said
    }

    private void round(List<Integer> lengths, int most, long nowNs) {
        candidates = lengths;
        attempt = 0;
        attempts = most;
        attempt(nowNs);
    }

    private void attempt(long nowNs) {
        attempt++;
        next = 0;
        attemptNs = nowNs;
        shortAsked = 0;
        overtaken = false;
    }

    /**
     * The length of an echo to be sent now, or 0. To be called until it gives 0.
     *
     * @param busy data is sent to the peer
     */
    int due(long nowNs, boolean busy) {
        switch (phase) {
            case IDLE -> {
                return 0;
            }
            case SEARCHING -> searching(nowNs);
            case FOUND -> confirming(nowNs, busy);
        }
        return next < candidates.size() ? candidates.get(next) : 0;
    }

    /** What {@link #due} gave was sent. */
    void sent(long nowNs) {
        if (next == 0) {
            attemptNs = nowNs;
        }
        next++;
    }

    /** Something is under way whose time will soon be over. */
    boolean busy() {
        return phase == Phase.SEARCHING || !candidates.isEmpty();
    }

    /** Whether a short echo is to be sent now: what was sent before it should have been answered, and tells by this whether it was lost. */
    boolean shortEchoDue(long nowNs) {
        long sinceNs = shortAsked == 0 ? attemptNs : shortAskedNs;
        return waiting()
                && !overtaken
                && shortAsked < SHORT_ECHOES
                && nowNs - sinceNs >= Math.min(timeoutNs() << shortAsked, LONGEST_TIMEOUT_NS);
    }

    private boolean waiting() {
        return !candidates.isEmpty() && next == candidates.size();
    }

    /** A short echo was sent. */
    void shortSent(long nowNs) {
        shortAsked++;
        shortAskedNs = nowNs;
    }

    /** A short echo was answered. */
    void shortAnswered(long sentNs) {
        overtaken |= shortAsked > 0 && sentNs - attemptNs > 0;
    }

    /** An echo of this length was answered. */
    void answered(int length, long tripNs, long nowNs) {
        rttNs = tripNs;
        if (phase == Phase.SEARCHING) {
            passed = Math.max(passed, Math.min(length, failed - 1));
            candidates = candidates.stream().filter(each -> each > passed).toList();
            next = Math.min(next, candidates.size());
            if (passed > bytes && bytes != 0) {
                bytes = passed;
            }
            if (candidates.isEmpty()) {
                divide(nowNs);
            }
        } else if (phase == Phase.FOUND && length >= passed) {
            candidates = List.of();
        }
    }

    private void searching(long nowNs) {
        if (!waiting()) {
            return;
        }
        if (isSilent(nowNs)) {
            pause(nowNs); // that says nothing about lengths
        } else if (overtaken && attempt < attempts) {
            attempt(nowNs);
        } else if (overtaken && attempts == 1) {
            // One may be lost by chance; but if not by chance, then data of that length is lost by thousands meanwhile.
            bytes = passed != 0 ? passed : floorBytes;
            round(common(), ATTEMPTS, nowNs);
        } else if (overtaken) {
            failed = candidates.getLast();
            divide(nowNs);
        }
    }

    /** Nothing is answered, however short. */
    private boolean isSilent(long nowNs) {
        return !overtaken && shortAsked == SHORT_ECHOES && nowNs - shortAskedNs >= LONGEST_TIMEOUT_NS;
    }

    private void pause(long nowNs) {
        phase = Phase.IDLE;
        candidates = List.of();
        pausedNs = nowNs;
    }

    private List<Integer> common() {
        List<Integer> lengths = new ArrayList<>(List.of(failed - 1));
        for (int mtu : COMMON_MTUS) {
            int length = mtu - headerBytes;
            if (length > passed && length < failed - 1) {
                lengths.add(length);
            }
        }
        return lengths;
    }

    /** The next lengths between what passes and what does not; none left: found. */
    private void divide(long nowNs) {
        int from = Math.max(passed, LEAST_BYTES - 1);
        int room = failed - 1 - from;
        if (room <= 0) {
            found(nowNs);
            return;
        }
        int count = Math.min(room, PER_ROUND);
        round(
                IntStream.range(0, count)
                        .map(i -> from
                                + (int) ((long) room * (count - i) / count)
                                - (room > PER_ROUND ? room / (2 * count) : 0))
                        .boxed()
                        .toList(),
                ATTEMPTS,
                nowNs);
    }

    private void found(long nowNs) {
        phase = Phase.FOUND;
        bytes = passed == 0 ? LEAST_BYTES : passed;
        candidates = List.of();
        attemptNs = nowNs;
        foundNs = nowNs;
    }

    private void confirming(long nowNs, boolean busy) {
        if (candidates.isEmpty()) {
            if (nowNs - foundNs >= RAISE_INTERVAL_NS && busy) {
                foundNs = nowNs;
                if (bytes < limitBytes) {
                    searchBetween(passed, limitBytes + 1, nowNs);
                    return;
                }
            }
            if (busy && nowNs - attemptNs >= CONFIRM_INTERVAL_NS) {
                round(List.of(bytes), CONFIRM_ATTEMPTS, nowNs);
            }
        } else if (waiting() && isSilent(nowNs)) {
            candidates = List.of(); // the peer is gone, whatever the length
            attemptNs = nowNs;
        } else if (waiting() && overtaken && attempt < attempts) {
            attempt(nowNs);
        } else if (waiting() && overtaken) {
            blackHole(nowNs);
        }
    }

    /** The length itself is tried again too: five losses may have been chance. */
    private void blackHole(long nowNs) {
        int was = bytes;
        bytes = Math.min(floorBytes, was);
        phase = Phase.SEARCHING;
        passed = 0;
        failed = was + 1;
        round(common(), ATTEMPTS, nowNs);
    }

    private long timeoutNs() {
        long shortestNs = phase == Phase.FOUND ? CONFIRM_TIMEOUT_NS : SHORTEST_TIMEOUT_NS;
        return Math.clamp(2 * rttNs + 50 * MS, shortestNs, LONGEST_TIMEOUT_NS);
    }

    /** The longest datagram that may be sent, UDP payload; 0: not known, the egress link decides. */
    int bytes() {
        return bytes;
    }

    /** The search is over and what it found was confirmed since. */
    boolean found() {
        return phase == Phase.FOUND;
    }
}
