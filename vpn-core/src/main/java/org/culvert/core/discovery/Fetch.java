package org.culvert.core.discovery;

import java.util.Arrays;
import org.culvert.core.wire.DiscoveryMessage;
import org.culvert.tun.Endpoint;
import org.culvert.tun.memory.OffHeap;
import org.jspecify.annotations.Nullable;

/**
 * The way of one peer's chain to us: one request at a time, each part asked for by itself, repeated with growing distance until the
 * reply to this very request has come. Discovery thread.
 */
final class Fetch {
    static final long FIRST_WAIT_NS = 1_000_000_000L;
    static final long LONGEST_WAIT_NS = 64_000_000_000L;
    static final long LONGEST_IDLE_WAIT_NS = 3_600_000_000_000L;

    /** Of somebody who answers with cookies only. */
    private static final int MOST_CHALLENGES = 1;

    /** What became of a reply. */
    enum Outcome {
        /** It answers nothing that we asked and still wait for. */
        UNASKED,
        /** More is to be asked, at once. */
        MORE,
        /** It does not go with the parts before it: the search begins again, later. */
        OTHER_CHAIN,
        /** The chain is whole: {@link #chain}. */
        WHOLE
    }

    private Wanted wanted;
    private boolean outstanding;
    private long nonceHigh;
    private long nonceLow;
    private int part;
    private int challenges;
    private final byte[] cookie = new byte[DiscoveryMessage.COOKIE_BYTES];
    private final byte[] digest = new byte[DiscoveryMessage.DIGEST_BYTES];
    private byte @Nullable [] chain;
    private boolean judged = true;
    private long dueNs;

    /** Until a request is repeated, and until a peer whose chain was of no use is asked again. */
    private long waitNs = FIRST_WAIT_NS;

    private long pauseNs = FIRST_WAIT_NS;

    Fetch(Wanted wanted, long nowNs) {
        this.wanted = wanted;
        this.dueNs = nowNs;
    }

    Wanted wanted() {
        return wanted;
    }

    /** The peer is still wanted, perhaps elsewhere: what was asked at the old place is asked no more. */
    void follow(Wanted next, long nowNs) {
        boolean moved = !next.from().fromAnyLocal().equals(wanted.from().fromAnyLocal());
        if (moved || (next.urgent() && !wanted.urgent())) {
            waitNs = FIRST_WAIT_NS;
            pauseNs = FIRST_WAIT_NS;
            dueNs = nowNs;
        }
        wanted = next;
        if (moved) {
            beginAnew();
        }
    }

    boolean due(long nowNs) {
        return judged && nowNs - dueNs >= 0;
    }

    /** Writes the request that is due. A repeated one has the same nonce: an answer that was slow is one all the same. */
    int ask(long datagram, Nonces nonces, long nowNs) {
        if (outstanding) {
            challenges = 0;
        } else {
            nonceHigh = nonces.next();
            nonceLow = nonces.next();
            outstanding = true;
        }
        dueNs = nowNs + waitNs;
        waitNs = longer(waitNs);
        DiscoveryMessage.write(datagram, DiscoveryMessage.TYPE_REQUEST, 0, part, 0);
        DiscoveryMessage.putNonce(datagram, nonceHigh, nonceLow);
        OffHeap.copy(cookie, 0, datagram + DiscoveryMessage.COOKIE_OFFSET, cookie.length);
        OffHeap.fill(
                datagram + DiscoveryMessage.SHORT_BYTES, DiscoveryMessage.MAX_BYTES - DiscoveryMessage.SHORT_BYTES, 0);
        return DiscoveryMessage.MAX_BYTES;
    }

    /** 64 random bits at a time. */
    interface Nonces {
        long next();
    }

    /** Whether a readable reply is the one to our request: its nonce, and where it comes from. */
    boolean matches(long reply, Endpoint from) {
        Endpoint asked = wanted.from();
        return outstanding
                && DiscoveryMessage.nonceHigh(reply) == nonceHigh
                && DiscoveryMessage.nonceLow(reply) == nonceLow
                && from.remoteLow() == asked.remoteLow()
                && from.remoteHigh() == asked.remoteHigh()
                && from.remotePort() == asked.remotePort();
    }

    /** Takes a reply that {@link #matches}: the first one ends its request. */
    Outcome take(long reply, int bytes, long nowNs) {
        if (DiscoveryMessage.kind(reply) == DiscoveryMessage.KIND_COOKIE) {
            return takeCookie(reply, nowNs);
        }
        if (DiscoveryMessage.part(reply) != part) {
            return Outcome.UNASKED;
        }
        outstanding = false;
        waitNs = FIRST_WAIT_NS;
        byte[] theirs = new byte[DiscoveryMessage.DIGEST_BYTES];
        OffHeap.copy(reply + DiscoveryMessage.DIGEST_OFFSET, theirs, 0, theirs.length);
        byte[] all = chain;
        if (part == 0) {
            all = new byte[DiscoveryMessage.chainBytes(reply)];
            chain = all;
            System.arraycopy(theirs, 0, digest, 0, digest.length);
        } else if (all == null || !Arrays.equals(digest, theirs) || all.length != DiscoveryMessage.chainBytes(reply)) {
            beginAnew();
            pause(pauseNs, nowNs);
            return Outcome.OTHER_CHAIN;
        }
        OffHeap.copy(
                reply + DiscoveryMessage.PIECE_OFFSET,
                all,
                part * DiscoveryMessage.PIECE_BYTES,
                bytes - DiscoveryMessage.PIECE_OFFSET);
        part++;
        if (part < DiscoveryMessage.parts(reply)) {
            dueNs = nowNs;
            return Outcome.MORE;
        }
        if (!Arrays.equals(digest, Chain.digest(all))) {
            beginAnew();
            pause(pauseNs, nowNs);
            return Outcome.OTHER_CHAIN;
        }
        judged = false;
        return Outcome.WHOLE;
    }

    /** At once, but only the first time: two that answer each other like this would never stop. */
    private Outcome takeCookie(long reply, long nowNs) {
        if (++challenges > MOST_CHALLENGES) {
            return Outcome.UNASKED;
        }
        outstanding = false;
        OffHeap.copy(reply + DiscoveryMessage.COOKIE_OFFSET, cookie, 0, cookie.length);
        dueNs = nowNs;
        return Outcome.MORE;
    }

    /** The bytes that {@link Outcome#WHOLE} promised, which are asked for no more. */
    byte[] chain() {
        byte[] whole = chain;
        if (whole == null) {
            throw new IllegalStateException("no whole chain");
        }
        beginAnew();
        return whole;
    }

    /**
     * The control thread has looked at the chain: one of no use is asked for again, less and less often. So is a good one while the peer is
     * not heard: it may be issued by the CA and used by nobody, and the true one is to follow within a minute.
     */
    void judged(boolean good, long nowNs) {
        judged = true;
        pause(good && !wanted.urgent() ? LONGEST_IDLE_WAIT_NS : pauseNs, nowNs);
    }

    private void pause(long ns, long nowNs) {
        dueNs = nowNs + ns;
        pauseNs = longer(pauseNs);
    }

    private long longer(long ns) {
        return Math.min(2 * ns, wanted.urgent() ? LONGEST_WAIT_NS : LONGEST_IDLE_WAIT_NS);
    }

    private void beginAnew() {
        outstanding = false;
        part = 0;
        chain = null;
    }
}
