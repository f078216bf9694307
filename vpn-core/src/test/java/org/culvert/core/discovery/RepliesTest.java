package org.culvert.core.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import org.culvert.core.crypto.AddressCookie;
import org.culvert.core.peer.Counters;
import org.culvert.core.wire.DiscoveryMessage;
import org.culvert.core.wire.DropReason;
import org.culvert.tun.Endpoint;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

class RepliesTest {
    private static final long START_NS = 91_000_000_000L;
    private static final long SECOND_NS = 1_000_000_000L;

    private final Random random = new Random(7);
    private final Counters drops = new Counters();
    private final DiscoveryCounts counts = new DiscoveryCounts();
    private final Replies replies =
            new Replies(drops, counts, new AddressCookie(random::nextBytes, START_NS), 0x5a17_c0de_1234_9876L);
    private final Region request = new Region(DiscoveryMessage.MAX_BYTES + 1);
    private final Chain chain = Chain.of(List.of(ChainTest.bytes(1_500, 1))).orElseThrow(); // two parts

    private static Endpoint at(String address) {
        return Endpoint.of(new InetSocketAddress(address, 40_001));
    }

    private Replies.Reply ask(String from, int part, int bytes, byte[] cookie, long nowNs) {
        OffHeap.fill(request.address(), request.bytes(), 0);
        DiscoveryMessage.write(request.address(), DiscoveryMessage.TYPE_REQUEST, 0, part, 0);
        DiscoveryMessage.putNonce(request.address(), 0x1122, part + 1);
        OffHeap.copy(cookie, 0, request.address() + DiscoveryMessage.COOKIE_OFFSET, cookie.length);
        return replies.to(request.address(), bytes, at(from), nowNs);
    }

    private Replies.Reply ask(String from, long nowNs) {
        return ask(from, 0, DiscoveryMessage.MAX_BYTES, new byte[16], nowNs);
    }

    @Test
    void nothingIsHandedOutUnlessAllowed() {
        assertNull(ask("192.0.2.2", START_NS));
        assertEquals(1, drops.dropped(DropReason.DISCOVERY_OFF));
        replies.prepare(chain);
        assertNotNull(ask("192.0.2.2", START_NS));
        replies.prepare(null);
        assertNull(ask("192.0.2.2", START_NS));
    }

    @Test
    void replyHasTheNonceAndIsReadable() {
        replies.prepare(chain);
        Replies.Reply reply = ask("192.0.2.2", 1, DiscoveryMessage.MAX_BYTES, new byte[16], START_NS);
        assertTrue(DiscoveryMessage.readableReply(reply.address(), reply.bytes()));
        assertEquals(2, DiscoveryMessage.nonceLow(reply.address()));
        assertEquals(0x1122, DiscoveryMessage.nonceHigh(reply.address()));
        assertEquals(1, DiscoveryMessage.part(reply.address()));
    }

    /** Else a small packet with a false source would bring somebody else a large one. */
    @Test
    void requestShorterThanItsReplyIsNotAnswered() {
        replies.prepare(chain);
        assertNotNull(ask("192.0.2.2", 1, 1502 - 1160 + 40, new byte[16], START_NS), "exactly as long");
        assertNull(ask("192.0.2.2", 1, 1502 - 1160 + 39, new byte[16], START_NS));
        assertNull(ask("192.0.2.2", 0, 1199, new byte[16], START_NS));
        assertNull(ask("192.0.2.2", 0, 20, new byte[16], START_NS));
        assertEquals(3, drops.dropped(DropReason.DISCOVERY_MALFORMED));
    }

    @Test
    void partThatIsNotThereIsNotAnswered() {
        replies.prepare(chain);
        assertNull(ask("192.0.2.2", 2, DiscoveryMessage.MAX_BYTES, new byte[16], START_NS));
        assertEquals(1, drops.dropped(DropReason.DISCOVERY_MALFORMED));
    }

    @Test
    void oneSourceGetsSixteenAndThenCookiesAndThenNothing() {
        replies.prepare(chain);
        int parts = 0;
        int cookies = 0;
        int none = 0;
        for (int i = 0; i < 200; i++) {
            Replies.Reply reply = ask("192.0.2.2", START_NS);
            parts += reply != null && reply.bytes() > 36 ? 1 : 0;
            cookies += reply != null && reply.bytes() == 36 ? 1 : 0;
            none += reply == null ? 1 : 0;
        }
        assertEquals(Replies.SOURCE_BURST, parts);
        assertEquals(Replies.COOKIES_PER_SOURCE, cookies);
        assertEquals(200 - parts - cookies, none);
        assertEquals(none, drops.dropped(DropReason.DISCOVERY_LIMITED));
        assertEquals(parts, counts.answered());
        assertEquals(cookies, counts.challenged());
    }

    /** However many sources an attacker invents: whoever shows that he receives at his address is answered. */
    @Test
    void underLoadACookieIsDemandedAndIsEnough() {
        replies.prepare(chain);
        for (int i = 0; i < 400; i++) {
            ask("198.51.100." + i % 250, START_NS);
        }
        assertTrue(counts.answered() <= Replies.FREE_BURST, counts.answered() + " were answered without a cookie");
        Replies.Reply challenge = ask("192.0.2.2", START_NS);
        assertEquals(DiscoveryMessage.SHORT_BYTES, challenge.bytes());
        byte[] cookie = new byte[DiscoveryMessage.COOKIE_BYTES];
        OffHeap.copy(challenge.address() + DiscoveryMessage.COOKIE_OFFSET, cookie, 0, cookie.length);

        Replies.Reply part = ask("192.0.2.2", 0, DiscoveryMessage.MAX_BYTES, cookie, START_NS);
        assertEquals(DiscoveryMessage.MAX_BYTES, part.bytes());
        Replies.Reply elsewhere = ask("192.0.2.3", 0, DiscoveryMessage.MAX_BYTES, cookie, START_NS);
        assertEquals(DiscoveryMessage.SHORT_BYTES, elsewhere.bytes(), "a cookie is good for its address only");
    }

    @Test
    void aProvenSourceIsLimitedToo() {
        replies.prepare(chain);
        for (int i = 0; i < 400; i++) {
            ask("198.51.100." + i % 250, START_NS);
        }
        byte[] cookie = new byte[DiscoveryMessage.COOKIE_BYTES];
        Replies.Reply challenge = ask("192.0.2.2", START_NS);
        OffHeap.copy(challenge.address() + DiscoveryMessage.COOKIE_OFFSET, cookie, 0, cookie.length);
        int answered = 0;
        for (int i = 0; i < 100; i++) {
            answered += ask("192.0.2.2", 0, DiscoveryMessage.MAX_BYTES, cookie, START_NS) == null ? 0 : 1;
        }
        assertEquals(Replies.SOURCE_BURST, answered);
        for (int i = 0; i < 100; i++) {
            answered += ask("192.0.2.2", 0, DiscoveryMessage.MAX_BYTES, cookie, START_NS + SECOND_NS) == null ? 0 : 1;
        }
        assertEquals(Replies.SOURCE_BURST + Replies.PER_SOURCE, answered);
    }

    @Test
    void noReplyToGarbageIsLongerThanTheGarbage() {
        replies.prepare(chain);
        for (int i = 0; i < 100_000; i++) {
            byte[] garbage = new byte[random.nextInt(DiscoveryMessage.MAX_BYTES + 1)];
            random.nextBytes(garbage);
            if (garbage.length > 3 && random.nextBoolean()) {
                garbage[1] = 0;
                garbage[2] = (byte) random.nextInt(3);
            }
            OffHeap.copy(garbage, 0, request.address(), garbage.length);
            Endpoint from = at("198.51.100." + random.nextInt(250));
            Replies.Reply reply = replies.to(request.address(), garbage.length, from, START_NS + i * 1_000_000L);
            assertTrue(reply == null || reply.bytes() <= garbage.length);
        }
        assertTrue(counts.answered() > 0 && counts.challenged() > 0, "nothing was answered: nothing was tried");
    }
}
