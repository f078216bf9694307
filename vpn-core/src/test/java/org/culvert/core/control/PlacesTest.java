package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.culvert.core.control.PeerSetup.Place;
import org.culvert.core.demo.Await;
import org.culvert.core.peer.Peer;
import org.culvert.core.replay.PeerReplay;
import org.culvert.tun.Endpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The test's thread is the control thread: it runs what the threads for names hand it. */
class PlacesTest {
    private static final Place FIRST = new Place("gw.example", 1640);
    private static final Place SECOND = new Place("198.51.100.2", 1641);

    @TempDir
    private Path folder;

    private final LinkedBlockingQueue<Runnable> handed = new LinkedBlockingQueue<>();
    private final Map<String, String> names = new ConcurrentHashMap<>();
    private final AtomicInteger questions = new AtomicInteger();
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final Places places = new Places(handed::add, endpoint -> endpoint.equals(at("10.2.0.1", 1640)), this::ask);
    private Member member;

    private InetAddress[] ask(String host) throws UnknownHostException {
        questions.incrementAndGet();
        if (host.equals("hangs.example")) {
            try {
                hanging.await();
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        }
        String address = names.get(host);
        if (address == null) {
            throw new UnknownHostException(host);
        }
        return new InetAddress[] {InetAddress.ofLiteral(address)};
    }

    @BeforeEach
    void peer() throws Exception {
        member = member(FIRST, SECOND);
    }

    private Member member(Place... at) throws Exception {
        TestSites sites = new TestSites(folder.resolve(at[0].host()));
        OwnIdentity bonn = sites.identity("bonn", 30, "10.2.0.0/24");
        PeerSetup usual = sites.setup(bonn);
        PeerSetup setup = new PeerSetup(
                usual.name(),
                usual.certificate(),
                usual.fetched(),
                usual.fingerprints(),
                List.of(at),
                usual.suites(),
                usual.networks(),
                usual.trafficKey(),
                usual.compresses(),
                usual.manner(),
                Secrecy.OFF);
        Peer peer = new Peer(setup.name(), setup.suites(), setup.trafficKey(), new PeerReplay(), 7);
        return new Member(
                new Plan.PeerPlan(setup, List.of(bonn.certificate())),
                peer,
                new CertifiedPairs(peer, new KeyRing()),
                5);
    }

    @AfterEach
    void end() {
        hanging.countDown();
        places.close();
    }

    private static Endpoint at(String address, int port) {
        return Endpoint.of(new InetSocketAddress(InetAddress.ofLiteral(address), port));
    }

    private void resolve() throws InterruptedException {
        places.resolve(member);
        handed.poll(20, TimeUnit.SECONDS).run();
    }

    @Test
    void nameIsFollowedToItsNewAddress() throws Exception {
        names.put("gw.example", "198.51.100.3");
        resolve();
        assertEquals(List.of(List.of(at("198.51.100.3", 1640)), List.of(at("198.51.100.2", 1641))), places.of(member));
        assertEquals(at("198.51.100.3", 1640), member.peer().endpoint(), "nothing else was known");
        names.put("gw.example", "198.51.100.4");
        resolve();
        assertEquals(List.of(at("198.51.100.4", 1640)), places.of(member).getFirst());
        assertEquals(at("198.51.100.3", 1640), member.peer().endpoint(), "it moves when it answers there");
    }

    @Test
    void nameThatIsUnknownKeepsItsLastAddress() throws Exception {
        names.put("gw.example", "198.51.100.3");
        resolve();
        names.clear();
        resolve();
        assertEquals(List.of(at("198.51.100.3", 1640)), places.of(member).getFirst());
    }

    @Test
    void addressBehindTheTunnelItselfIsNotUsed() throws Exception {
        names.put("gw.example", "10.2.0.1");
        resolve();
        assertEquals(List.of(), places.of(member).getFirst());
        assertNull(member.peer().endpoint());
    }

    @Test
    void hangingNameHoldsNeitherUsNorOtherNamesAndIsAskedOnce() throws Exception {
        Member stuck = member(new Place("hangs.example", 1640));
        places.resolve(stuck);
        Await.until("the name is asked for", Duration.ofSeconds(20), () -> questions.get() == 1);
        places.resolve(stuck);
        names.put("gw.example", "198.51.100.3");
        resolve();
        assertEquals(2, questions.get());
        assertTrue(handed.isEmpty());
        assertEquals(List.of(List.of()), places.of(stuck));

        names.put("hangs.example", "198.51.100.9");
        hanging.countDown();
        handed.poll(20, TimeUnit.SECONDS).run();
        assertEquals(at("198.51.100.9", 1640), stuck.peer().endpoint());
    }
}
