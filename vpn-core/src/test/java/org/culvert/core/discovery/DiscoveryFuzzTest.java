package org.culvert.core.discovery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.culvert.core.crypto.AddressCookie;
import org.culvert.core.discovery.Fetch.Outcome;
import org.culvert.core.peer.Counters;
import org.culvert.core.wire.DiscoveryMessage;
import org.culvert.tun.Endpoint;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * What strangers send: requests (type 3), replies (type 4), and the chain that replies make up. Coverage-guided with
 * {@code JAZZER_FUZZ=1 ./mvnw -pl vpn-core -am test -Dtest=DiscoveryFuzzTest#replies}.
 */
class DiscoveryFuzzTest {
    private static final long START_NS = 91_000_000_000L;
    private static final Endpoint PEER = Endpoint.of(new InetSocketAddress("192.0.2.2", 1640));
    private static final int ROOM_BYTES = 2 * DiscoveryMessage.MAX_BYTES;

    /** Nobody gets back more than he sent, and what he gets is readable and has his nonce. */
    @FuzzTest(maxDuration = "2m")
    void request(byte[] data) {
        byte[] datagram = Arrays.copyOf(data, Math.min(data.length, DiscoveryMessage.MAX_BYTES + 1));
        Random random = new Random(7);
        AddressCookie cookies = new AddressCookie(random::nextBytes, START_NS);
        try (Region region = new Region(ROOM_BYTES);
                Replies replies = new Replies(new Counters(), new DiscoveryCounts(), cookies, 1)) {
            replies.prepare(Chain.of(List.of(new byte[1_500])).orElseThrow());
            long at = region.address();
            for (int i = 0; i < 2 * Replies.FREE_BURST; i++) { // the second half has to bring cookies
                OffHeap.fill(at, ROOM_BYTES, i % 2 == 0 ? 0 : 0xff);
                OffHeap.copy(datagram, 0, at, datagram.length);
                Replies.Reply reply = replies.to(at, datagram.length, PEER, START_NS);
                if (reply != null) {
                    assertTrue(reply.bytes() <= datagram.length, "longer than what asked for it");
                    assertTrue(DiscoveryMessage.readableReply(reply.address(), reply.bytes()));
                    assertEquals(DiscoveryMessage.nonceLow(at), DiscoveryMessage.nonceLow(reply.address()));
                    assertEquals(DiscoveryMessage.nonceHigh(at), DiscoveryMessage.nonceHigh(reply.address()));
                }
            }
        }
    }

    /**
     * Replies one after the other, each in front of it its length in 2 bytes; with the right nonce, since others are looked at by nobody.
     * A chain is whole only when its hash is the one that all its parts named.
     */
    @FuzzTest(maxDuration = "2m")
    void replies(byte[] data) {
        Random random = new Random(11);
        Fetch fetch = new Fetch(new Wanted("bonn", PEER, true), START_NS);
        try (Region asked = new Region(DiscoveryMessage.MAX_BYTES);
                Region reply = new Region(ROOM_BYTES)) {
            ByteBuffer in = ByteBuffer.wrap(data);
            long nowNs = START_NS;
            while (in.remaining() >= Short.BYTES) {
                nowNs += 64_000_000_000L;
                if (fetch.due(nowNs)) {
                    assertEquals(DiscoveryMessage.MAX_BYTES, fetch.ask(asked.address(), random::nextLong, nowNs));
                }
                byte[] bytes = new byte[Math.min(in.getShort() & 0x7ff, in.remaining())];
                in.get(bytes);
                take(fetch, asked.address(), reply.address(), bytes, nowNs);
            }
        }
    }

    private static void take(Fetch fetch, long asked, long reply, byte[] bytes, long nowNs) {
        OffHeap.fill(reply, ROOM_BYTES, 0xff);
        OffHeap.copy(bytes, 0, reply, Math.min(bytes.length, ROOM_BYTES));
        DiscoveryMessage.putNonce(reply, DiscoveryMessage.nonceHigh(asked), DiscoveryMessage.nonceLow(asked));
        if (!DiscoveryMessage.readableReply(reply, bytes.length) || !fetch.matches(reply, PEER)) {
            return;
        }
        byte[] digest = new byte[DiscoveryMessage.DIGEST_BYTES];
        OffHeap.copy(reply + DiscoveryMessage.DIGEST_OFFSET, digest, 0, digest.length);
        if (fetch.take(reply, bytes.length, nowNs) == Outcome.WHOLE) {
            byte[] chain = fetch.chain();
            assertTrue(chain.length <= DiscoveryMessage.MAX_CHAIN_BYTES);
            assertArrayEquals(digest, Chain.digest(chain));
            fetch.judged(false, nowNs);
        }
    }

    /** What is a chain is written as it came. */
    @FuzzTest(maxDuration = "2m")
    void chain(byte[] data) {
        Chain.parse(data).ifPresent(chain -> {
            assertTrue(chain.certificates().size() <= 8 && data.length <= DiscoveryMessage.MAX_CHAIN_BYTES);
            assertArrayEquals(data, Chain.of(chain.certificates()).orElseThrow().bytes());
        });
    }
}
