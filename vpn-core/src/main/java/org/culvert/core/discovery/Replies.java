package org.culvert.core.discovery;

import java.util.ArrayList;
import java.util.List;
import org.culvert.core.crypto.AddressCookie;
import org.culvert.core.pace.Pace;
import org.culvert.core.peer.Counters;
import org.culvert.core.wire.DiscoveryMessage;
import org.culvert.core.wire.DropReason;
import org.culvert.tun.Endpoint;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.jspecify.annotations.Nullable;

/**
 * Answers who asks for our certificates. The answers lie ready, only the nonce is written into them, and none is longer than what
 * asked for it: nobody can have more sent to a third party than he sends himself. Discovery thread.
 *
 * <p>Up to {@link #FREE_PER_SECOND} a second are answered without ado. Above that an address has to show that it receives what is
 * sent to it: a short reply brings a cookie, and only a request with that cookie is answered. Whatever is claimed as a source, no
 * more than {@link #PER_SOURCE} parts a second go there.
 */
final class Replies implements AutoCloseable {
    static final int FREE_PER_SECOND = 20;
    static final int FREE_BURST = 40;
    static final int PROVEN_PER_SECOND = 200;
    static final int PER_SOURCE = 4;

    /** All parts of the longest chain, and a few asked for twice. */
    static final int SOURCE_BURST = 16;

    /** A cookie is a thirtieth of what asked for it. */
    static final int COOKIES_PER_SECOND = 5_000;

    static final int COOKIES_PER_SOURCE = 64;

    /** Sources are told apart by as many slots: those that share one share its rate. */
    private static final int SOURCES = 4096;

    private final Counters drops;
    private final DiscoveryCounts counts;
    private final AddressCookie cookies;
    private final long sourceKey;
    private final Pace free;
    private final Pace proven;
    private final Pace cookie;
    private final Pace freeSource;
    private final Pace provenSource;
    private final Pace cookieSource;
    private final byte[] brought = new byte[DiscoveryMessage.COOKIE_BYTES];
    private final Region challenge = new Region(DiscoveryMessage.SHORT_BYTES);
    private final List<Part> parts = new ArrayList<>();
    private @Nullable Chain ready;

    private record Part(Region datagram, int bytes) {}

    /** A datagram to send; the memory is ours until the next question. */
    record Reply(long address, int bytes) {}

    /** @param sourceKey random: nobody shall know whose requests share a slot */
    Replies(Counters drops, DiscoveryCounts counts, AddressCookie cookies, long sourceKey) {
        this.drops = drops;
        this.counts = counts;
        this.cookies = cookies;
        this.sourceKey = sourceKey;
        free = new Pace(FREE_PER_SECOND, FREE_BURST);
        proven = new Pace(PROVEN_PER_SECOND, PROVEN_PER_SECOND);
        cookie = new Pace(COOKIES_PER_SECOND, COOKIES_PER_SECOND);
        freeSource = new Pace(SOURCES, PER_SOURCE, SOURCE_BURST);
        provenSource = new Pace(SOURCES, PER_SOURCE, SOURCE_BURST);
        cookieSource = new Pace(SOURCES, COOKIES_PER_SOURCE, COOKIES_PER_SOURCE);
    }

    /** What is handed out from now on; null: nothing. */
    @SuppressWarnings("ReferenceEquality") // the very same, or prepared anew
    void prepare(@Nullable Chain chain) {
        if (chain == ready) {
            return;
        }
        ready = chain;
        parts.forEach(part -> part.datagram.close());
        parts.clear();
        if (chain == null) {
            return;
        }
        byte[] bytes = chain.bytes();
        byte[] digest = Chain.digest(bytes);
        int count = DiscoveryMessage.partsOf(bytes.length);
        for (int i = 0; i < count; i++) {
            int piece = DiscoveryMessage.pieceBytes(bytes.length, i);
            Part part = new Part(new Region(DiscoveryMessage.MAX_BYTES), DiscoveryMessage.PIECE_OFFSET + piece);
            long at = part.datagram.address();
            DiscoveryMessage.write(at, DiscoveryMessage.TYPE_REPLY, DiscoveryMessage.KIND_PART, i, count);
            DiscoveryMessage.putChainBytes(at, bytes.length);
            OffHeap.copy(digest, 0, at + DiscoveryMessage.DIGEST_OFFSET, digest.length);
            OffHeap.copy(bytes, i * DiscoveryMessage.PIECE_BYTES, at + DiscoveryMessage.PIECE_OFFSET, piece);
            parts.add(part);
        }
    }

    /** What to send back, if anything; else it is counted why not. */
    @Nullable
    Reply to(long request, int bytes, Endpoint from, long nowNs) {
        if (!DiscoveryMessage.readableRequest(request, bytes)) {
            return refuse(DropReason.DISCOVERY_MALFORMED);
        }
        if (parts.isEmpty()) {
            return refuse(DropReason.DISCOVERY_OFF);
        }
        int number = DiscoveryMessage.part(request);
        if (number >= parts.size() || parts.get(number).bytes > bytes) {
            return refuse(DropReason.DISCOVERY_MALFORMED); // not there, or not padded to what it would bring
        }
        int slot = slot(from);
        if (bringsCookie(request, from, nowNs)) {
            return provenSource.take(slot, nowNs) && proven.take(0, nowNs)
                    ? part(request, parts.get(number))
                    : refuse(DropReason.DISCOVERY_LIMITED);
        }
        if (freeSource.take(slot, nowNs) && free.take(0, nowNs)) {
            return part(request, parts.get(number));
        }
        return cookieSource.take(slot, nowNs) && cookie.take(0, nowNs)
                ? challenge(request, from, nowNs)
                : refuse(DropReason.DISCOVERY_LIMITED);
    }

    private boolean bringsCookie(long request, Endpoint from, long nowNs) {
        OffHeap.copy(request + DiscoveryMessage.COOKIE_OFFSET, brought, 0, brought.length);
        return !isZero(brought)
                && cookies.vouches(brought, from.remoteHigh(), from.remoteLow(), from.remotePort(), nowNs);
    }

    private Reply part(long request, Part part) {
        copyNonce(request, part.datagram.address());
        counts.answered.increment();
        return new Reply(part.datagram.address(), part.bytes);
    }

    private Reply challenge(long request, Endpoint from, long nowNs) {
        long at = challenge.address();
        DiscoveryMessage.write(at, DiscoveryMessage.TYPE_REPLY, DiscoveryMessage.KIND_COOKIE, 0, 0);
        copyNonce(request, at);
        byte[] made = cookies.of(from.remoteHigh(), from.remoteLow(), from.remotePort(), nowNs);
        OffHeap.copy(made, 0, at + DiscoveryMessage.COOKIE_OFFSET, made.length);
        counts.challenged.increment();
        return new Reply(at, DiscoveryMessage.SHORT_BYTES);
    }

    private static void copyNonce(long from, long to) {
        DiscoveryMessage.putNonce(to, DiscoveryMessage.nonceHigh(from), DiscoveryMessage.nonceLow(from));
    }

    private @Nullable Reply refuse(DropReason reason) {
        drops.controlRefused(reason);
        return null;
    }

    /** One IPv4 address, or one IPv6 network: who has one address there has all. */
    private int slot(Endpoint from) {
        long source = from.ipv4() ? from.remoteLow() : from.remoteHigh();
        long mixed = (source ^ sourceKey) * 0x9e37_79b9_7f4a_7c15L;
        mixed = (mixed ^ (mixed >>> 32) ^ sourceKey) * 0xd6e8_feb8_6659_fd93L;
        return (int) (mixed >>> 40);
    }

    private static boolean isZero(byte[] bytes) {
        int or = 0;
        for (byte each : bytes) {
            or |= each;
        }
        return or == 0;
    }

    @Override
    public void close() {
        prepare(null);
        challenge.close();
        cookies.close();
    }
}
