package org.culvert.core.discovery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import org.culvert.core.crypto.AddressCookie;
import org.culvert.core.discovery.Fetch.Outcome;
import org.culvert.core.peer.Counters;
import org.culvert.core.wire.DataHeader;
import org.culvert.core.wire.DiscoveryMessage;
import org.culvert.tun.Endpoint;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

class FetchTest {
    private static final long START_NS = 91_000_000_000L;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final Endpoint PEER = Endpoint.of(new InetSocketAddress("192.0.2.2", 1640));
    private static final Endpoint OTHER_PORT = Endpoint.of(new InetSocketAddress("192.0.2.2", 1641));

    private final Random random = new Random(11);
    private final Region datagram = new Region(DiscoveryMessage.MAX_BYTES);
    private final Chain chain = Chain.of(List.of(ChainTest.bytes(1_500, 1))).orElseThrow();
    private final Fetch fetch = new Fetch(new Wanted("bonn", PEER, true), START_NS);

    /** What an honest peer answers to the request that lies in the memory. */
    private Replies.Reply honest(Chain theirs, long nowNs) {
        Replies replies = new Replies(
                new Counters(), new DiscoveryCounts(), new AddressCookie(random::nextBytes, nowNs), random.nextLong());
        replies.prepare(theirs);
        return replies.to(datagram.address(), DiscoveryMessage.MAX_BYTES, PEER, nowNs);
    }

    private void ask(long nowNs) {
        assertTrue(fetch.due(nowNs));
        assertEquals(DiscoveryMessage.MAX_BYTES, fetch.ask(datagram.address(), random::nextLong, nowNs));
        assertEquals(DiscoveryMessage.TYPE_REQUEST, DataHeader.type(datagram.address()));
    }

    private Outcome take(Replies.Reply reply, long nowNs) {
        assertTrue(DiscoveryMessage.readableReply(reply.address(), reply.bytes()));
        return fetch.matches(reply.address(), PEER)
                ? fetch.take(reply.address(), reply.bytes(), nowNs)
                : Outcome.UNASKED;
    }

    @Test
    void partsBecomeTheChain() {
        ask(START_NS);
        assertEquals(Outcome.MORE, take(honest(chain, START_NS), START_NS));
        ask(START_NS);
        assertEquals(1, DiscoveryMessage.part(datagram.address()));
        assertEquals(Outcome.WHOLE, take(honest(chain, START_NS), START_NS));
        assertArrayEquals(chain.bytes(), fetch.chain());
        assertFalse(fetch.due(START_NS + 3_600 * SECOND_NS), "nothing is asked while somebody looks at it");
    }

    @Test
    void onlyTheNonceAndTheSourceOfTheRequestAreAnAnswer() {
        ask(START_NS);
        Replies.Reply reply = honest(chain, START_NS);
        assertFalse(fetch.matches(reply.address(), OTHER_PORT));
        long high = DiscoveryMessage.nonceHigh(reply.address());
        long low = DiscoveryMessage.nonceLow(reply.address());
        DiscoveryMessage.putNonce(reply.address(), high, low ^ 1);
        assertFalse(fetch.matches(reply.address(), PEER));
        DiscoveryMessage.putNonce(reply.address(), high ^ (1L << 63), low);
        assertFalse(fetch.matches(reply.address(), PEER));
        DiscoveryMessage.putNonce(reply.address(), high, low);
        assertTrue(fetch.matches(reply.address(), PEER));
    }

    @Test
    void theFirstReplyEndsItsRequest() {
        ask(START_NS);
        Replies.Reply reply = honest(chain, START_NS);
        assertEquals(Outcome.MORE, take(reply, START_NS));
        assertEquals(Outcome.UNASKED, take(reply, START_NS), "the same once more");
    }

    @Test
    void nothingMatchesBeforeAnythingWasAsked() {
        OffHeap.fill(datagram.address(), datagram.bytes(), 0);
        assertFalse(fetch.matches(datagram.address(), PEER), "a nonce of zeros");
    }

    @Test
    void unansweredRequestsAreRepeatedWithTheSameNonceLessAndLess() {
        long nowNs = START_NS;
        ask(nowNs);
        long nonce = DiscoveryMessage.nonceLow(datagram.address());
        for (long wait : new long[] {1, 2, 4, 8, 16, 32, 64, 64}) {
            assertFalse(fetch.due(nowNs + wait * SECOND_NS - 1), "after less than " + wait + " s");
            nowNs += wait * SECOND_NS;
            ask(nowNs);
            assertEquals(nonce, DiscoveryMessage.nonceLow(datagram.address()));
        }
    }

    @Test
    void partsOfAnotherChainBeginAnew() {
        ask(START_NS);
        take(honest(chain, START_NS), START_NS);
        ask(START_NS);
        Chain other = Chain.of(List.of(ChainTest.bytes(1_500, 2))).orElseThrow();
        assertEquals(Outcome.OTHER_CHAIN, take(honest(other, START_NS), START_NS));
        assertFalse(fetch.due(START_NS), "not at once: who mixes chains would be asked without end");
        ask(START_NS + SECOND_NS);
        assertEquals(0, DiscoveryMessage.part(datagram.address()));
    }

    @Test
    void bytesThatTheirHashDoesNotNameAreRefused() {
        Chain small = Chain.of(List.of(ChainTest.bytes(300, 3))).orElseThrow();
        ask(START_NS);
        Replies.Reply reply = honest(small, START_NS);
        OffHeap.putU8(reply.address() + 200, OffHeap.u8(reply.address() + 200) ^ 1);
        assertEquals(Outcome.OTHER_CHAIN, take(reply, START_NS));
    }

    @Test
    void aPartThatWasNotAskedForIsNoAnswer() {
        ask(START_NS);
        DiscoveryMessage.write(datagram.address(), DiscoveryMessage.TYPE_REQUEST, 0, 1, 0);
        Replies.Reply second = honest(chain, START_NS);
        assertEquals(Outcome.UNASKED, take(second, START_NS));
    }

    /** Two that know each other's addresses must not keep each other busy. */
    @Test
    void aCookieIsBroughtBackAtOnceButOnlyOnce() {
        ask(START_NS);
        Outcome first = takeCookie((byte) 0x5c);
        assertEquals(Outcome.MORE, first);
        ask(START_NS);
        byte[] brought = new byte[DiscoveryMessage.COOKIE_BYTES];
        OffHeap.copy(datagram.address() + DiscoveryMessage.COOKIE_OFFSET, brought, 0, brought.length);
        assertEquals(0x5c, brought[15]);
        assertEquals(Outcome.UNASKED, takeCookie((byte) 0x5d));
        assertFalse(fetch.due(START_NS));
        ask(START_NS + 2 * SECOND_NS);
        assertEquals(Outcome.MORE, takeCookie((byte) 0x5e), "with the next try again");
    }

    private Outcome takeCookie(byte filled) {
        Region reply = new Region(DiscoveryMessage.SHORT_BYTES);
        DiscoveryMessage.write(reply.address(), DiscoveryMessage.TYPE_REPLY, DiscoveryMessage.KIND_COOKIE, 0, 0);
        DiscoveryMessage.putNonce(
                reply.address(),
                DiscoveryMessage.nonceHigh(datagram.address()),
                DiscoveryMessage.nonceLow(datagram.address()));
        OffHeap.fill(reply.address() + DiscoveryMessage.COOKIE_OFFSET, DiscoveryMessage.COOKIE_BYTES, filled);
        return take(new Replies.Reply(reply.address(), DiscoveryMessage.SHORT_BYTES), START_NS);
    }

    @Test
    void aChainOfNoUseIsAskedForAgainLessAndLess() {
        Chain small = Chain.of(List.of(ChainTest.bytes(300, 3))).orElseThrow();
        long nowNs = START_NS;
        for (long wait : new long[] {1, 2, 4, 8, 16, 32, 64, 64}) {
            ask(nowNs);
            assertEquals(Outcome.WHOLE, take(honest(small, nowNs), nowNs));
            assertArrayEquals(small.bytes(), fetch.chain());
            fetch.judged(false, nowNs);
            assertFalse(fetch.due(nowNs + wait * SECOND_NS - 1), "after less than " + wait + " s");
            nowNs += wait * SECOND_NS;
        }
    }

    /** The CA may have signed it, and the peer not use it: the true one must not have to wait for an hour. */
    @Test
    void aGoodChainIsAskedForAgainWhileThePeerIsNotHeard() {
        Chain small = Chain.of(List.of(ChainTest.bytes(300, 3))).orElseThrow();
        ask(START_NS);
        assertEquals(Outcome.WHOLE, take(honest(small, START_NS), START_NS));
        fetch.chain();
        fetch.judged(true, START_NS);
        assertTrue(fetch.due(START_NS + SECOND_NS));
        fetch.follow(new Wanted("bonn", PEER, false), START_NS);
        fetch.judged(true, START_NS);
        assertFalse(fetch.due(START_NS + 3_599 * SECOND_NS), "there is time");
        assertTrue(fetch.due(START_NS + 3_600 * SECOND_NS));
    }

    @Test
    void anotherEndpointIsAskedAtOnce() {
        ask(START_NS);
        Replies.Reply reply = honest(chain, START_NS);
        fetch.follow(new Wanted("bonn", OTHER_PORT, true), START_NS);
        assertEquals(Outcome.UNASKED, take(reply, START_NS), "the answer of the old one");
        assertTrue(fetch.due(START_NS));
    }
}
