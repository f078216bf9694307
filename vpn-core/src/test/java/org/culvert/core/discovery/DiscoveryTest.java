package org.culvert.core.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.culvert.core.crypto.AddressCookie;
import org.culvert.core.flow.Published;
import org.culvert.core.peer.ControlRing;
import org.culvert.core.peer.Counters;
import org.culvert.core.peer.ReceiveKey;
import org.culvert.core.peer.Snapshot;
import org.culvert.core.peer.SpiTable;
import org.culvert.core.peer.StrangeHour;
import org.culvert.core.route.RouteTable;
import org.culvert.core.wire.DiscoveryMessage;
import org.culvert.tun.Endpoint;
import org.culvert.tun.UdpLink;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;
import org.junit.jupiter.api.Test;

/** The discovery thread's work, done by the test's. */
class DiscoveryTest {
    private static final long TICK_NS = 100_000_000L;

    private final Random random = new Random(12);
    private final List<Sent> sent = new ArrayList<>();
    private final List<String> looked = new ArrayList<>();
    private final Published published = new Published(nothing());
    private final Discovery discovery =
            new Discovery(published, link(), found -> looked.add(found.peer()), new Counters(), random::nextBytes);
    private final long startNs = System.nanoTime(); // not before the last check that it counts from

    private record Sent(Endpoint to, List<Byte> request) {}

    private static Snapshot nothing() {
        RouteTable none = RouteTable.builder().build();
        return new Snapshot(
                1,
                2,
                3,
                List.of(),
                none,
                none,
                none,
                false,
                null,
                List.of(),
                List.of(),
                new SpiTable<ReceiveKey>(List.of(), ReceiveKey::spi),
                new SpiTable<StrangeHour>(List.of(), StrangeHour::spi));
    }

    /** Keeps what is sent. */
    private UdpLink link() {
        return (UdpLink) Proxy.newProxyInstance(
                UdpLink.class.getClassLoader(), new Class<?>[] {UdpLink.class}, (self, method, arguments) -> {
                    if (!method.getName().equals("sendAside")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    List<Byte> request = new ArrayList<>();
                    for (int i = 0; i < (int) arguments[2]; i++) {
                        request.add((byte) OffHeap.u8((long) arguments[1] + i));
                    }
                    sent.add(new Sent((Endpoint) arguments[0], request));
                    return request.size();
                });
    }

    private static Endpoint at(int host) {
        return Endpoint.of(new InetSocketAddress("192.0.2." + host, 1640));
    }

    /** What an honest peer answers lies in the ring, as Inbound leaves it there. */
    private void answer(Sent question, int seed) {
        try (Region region = new Region(DiscoveryMessage.MAX_BYTES);
                Replies replies = new Replies(
                        new Counters(), new DiscoveryCounts(), new AddressCookie(random::nextBytes, startNs), seed)) {
            replies.prepare(Chain.of(List.of(ChainTest.bytes(300, seed))).orElseThrow());
            for (int i = 0; i < question.request.size(); i++) {
                OffHeap.putU8(region.address() + i, question.request.get(i));
            }
            Replies.Reply reply = replies.to(region.address(), question.request.size(), at(99), startNs);
            ControlRing.Slot slot = published.discoveryReceived().claim();
            OffHeap.copy(reply.address(), slot.message, 0, reply.bytes());
            slot.messageBytes = reply.bytes();
            slot.endpoint = question.to;
            published.discoveryReceived().offer(slot);
        }
    }

    /** Checking signatures is work that strangers may order: no more of it than one a second, however many chains come. */
    @Test
    void oneChainASecondIsLookedAtWhoeverSentIt() {
        discovery.want(List.of(
                new Wanted("bonn", at(2), true), new Wanted("kyoto", at(3), true), new Wanted("lima", at(4), true)));
        discovery.tick(startNs);
        assertEquals(List.of(at(2), at(3), at(4)), sent.stream().map(Sent::to).toList());
        for (int i = 0; i < 3; i++) {
            answer(sent.get(i), i + 1);
        }
        assertEquals(3, discovery.serve(startNs));

        List<Integer> ticks = new ArrayList<>();
        for (int tick = 0; tick < 40; tick++) {
            int before = looked.size();
            discovery.tick(startNs + tick * TICK_NS);
            for (int i = before; i < looked.size(); i++) {
                ticks.add(tick);
            }
        }
        assertEquals(List.of("bonn", "kyoto", "lima"), looked);
        assertEquals(List.of(0, 10, 20), ticks, "at which tenths of a second");
    }
}
