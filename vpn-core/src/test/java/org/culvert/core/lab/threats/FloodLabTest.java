package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Frames;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Furnished;
import org.culvert.core.lab.Pings;
import org.culvert.core.lab.Status;
import org.culvert.core.lab.TcpFrame;
import org.culvert.core.lab.UdpPlace;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Denial of service: as many packets as the attacker's program can send, while two people go on working. What gets lost of
 * their traffic is printed, not asserted: attacker, gateways and hosts share this machine's cores.
 */
class FloodLabTest extends CrossingLab {
    private static final long SEED = 20_261_127;
    private static final int KINDS = 2_000;
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String PAGE = "still here";

    private Furnished far;

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping", "lighttpd", "curl", "openssl");
    }

    @Override
    protected void serve() throws Exception {
        far = Furnished.create(birlinghoven.host(), folder.resolve("far"));
        far.write("index.html", PAGE);
        far.serve(80, "lighttpd", "-D", "-f", far.write("lighttpd.conf", """
                        server.document-root = "/run"
                        server.bind = "%s"
                        server.port = 80
                        index-file.names = ("index.html")
                        """.formatted(
                        birlinghoven.site().host4())));
    }

    @BeforeEach
    void linkWorks() throws Exception {
        startBoth();
        assertAllAnswered(tokyo.ping(birlinghoven, 1));
    }

    /** None of it gets past the first look at version, type, SPI and length. */
    @Test
    void garbage() throws Exception {
        Random random = new Random(SEED);
        List<byte[]> garbage = new ArrayList<>();
        for (int i = 0; i < KINDS; i++) {
            byte[] datagram = new byte[1 + random.nextInt(1_400)];
            random.nextBytes(datagram);
            garbage.add(datagram);
        }
        Status refused = flood("garbage", garbage);
        assertEquals(0, refused.dropped("auth"), refused.drops().toString());
        assertEquals(
                refused.inboundDrops(),
                refused.dropped("short")
                        + refused.dropped("version")
                        + refused.dropped("type")
                        + refused.dropped("discovery_busy")
                        + refused.dropped("discovery_malformed")
                        + refused.dropped("unknown_spi"),
                refused.drops().toString());
    }

    /** A packet that is good but for its tag costs the gateway a whole decryption, and still nothing more. */
    @Test
    void badTags() throws Exception {
        Random random = new Random(SEED);
        byte[] good = neverDelivered();
        List<byte[]> bad = new ArrayList<>();
        for (int i = 0; i < KINDS; i++) {
            byte[] datagram = good.clone();
            datagram[datagram.length - 1 - random.nextInt(16)] ^= (byte) (1 + random.nextInt(255));
            bad.add(datagram);
        }
        Status refused = flood("bad tags", bad);
        assertEquals(
                refused.inboundDrops(), refused.dropped("auth"), refused.drops().toString());
    }

    /**
     * From inside tokyo's LAN, with all its addresses, at birlinghoven's web server. Culvert carries them as it carries
     * whatever is allowed; the same flood without Culvert, for comparison.
     */
    @Test
    void synsThroughTheTunnel() throws Exception {
        Status before = birlinghoven.status();
        String sent = synFlood("with Culvert");
        Status carried = birlinghoven.status().since(before);
        report(
                "of %s SYNs sent the tunnel carried %d packets, %s dropped",
                sent, carried.receivedPackets(), counted(carried));
        assertTrue(carried.receivedPackets() > KINDS, carried.toString());
        assertAllAnswered(tokyo.ping(birlinghoven, 5));
        stopBoth();
        synFlood("without");
    }

    private String synFlood(String how) throws Exception {
        try (Attacker insider = Attacker.at(tokyo.host(), "eth0")) {
            fetch();
            TcpFrame syn = insider.await(segment -> segment.destinationPort() == 80);
            AtomicLong sent = new AtomicLong();
            AtomicBoolean enough = new AtomicBoolean();
            FutureTask<Void> flood = new FutureTask<>(() -> {
                Random random = new Random(SEED);
                while (!enough.get()) {
                    insider.send(from(syn, random.nextInt(100, 250), random.nextInt(1_024, 65_536))
                            .forged(random.nextInt(), 0, TcpFrame.SYN, new byte[0]));
                    sent.incrementAndGet();
                }
                return null;
            });
            Thread.ofPlatform().start(flood);
            Await.until("the flood runs", SOON, () -> sent.get() > 10 * KINDS);

            Pings pings = tokyo.ping(birlinghoven, 200, "-l", "1", "-i", "0.01");
            fetch();
            enough.set(true);

            flood.get();
            ThreatReport.kept("flood of TCP SYNs between the LANs %s: %s sent".formatted(how, sent), pings);
            return sent.toString();
        }
    }

    private static TcpFrame from(TcpFrame syn, int host, int port) {
        byte[] frame = syn.frame().clone();
        frame[14 + 15] = (byte) host;
        ByteBuffer.wrap(frame).putShort(syn.tcpStart(), (short) port);
        return new TcpFrame(frame, syn.tcpStart(), syn.end());
    }

    private void fetch() throws Exception {
        Finished page = tokyo.host()
                .run(
                        "curl",
                        "-sS",
                        "--max-time",
                        "30",
                        "http://" + birlinghoven.site().host4() + "/")
                .succeeded();
        assertEquals(PAGE, page.out());
    }

    private Status flood(String what, List<byte[]> datagrams) throws Exception {
        Status before = birlinghoven.status();
        AtomicBoolean enough = new AtomicBoolean();
        FutureTask<Long> flood = new FutureTask<>(() -> {
            long sent = 0;
            try (UdpPlace attacker = UdpPlace.open(sites.wan(), "198.51.100.1")) {
                while (!enough.get()) {
                    attacker.sendAll(
                            datagrams, new InetSocketAddress(birlinghoven.site().wan4(), PORT));
                    sent += datagrams.size();
                }
            }
            return sent;
        });
        Thread.ofPlatform().start(flood);
        Await.until(
                "the flood arrives",
                SOON,
                () -> birlinghoven.status().since(before).inboundDrops() > datagrams.size());

        Pings pings = tokyo.ping(birlinghoven, 200, "-l", "1", "-i", "0.01");
        fetch();
        enough.set(true);

        long sent = flood.get();
        Status refused = birlinghoven.status().since(before);
        assertTrue(refused.inboundDrops() <= sent, refused.drops() + " of " + sent);
        assertEquals("192.0.2.2:1640", birlinghoven.status().endpoint());
        ThreatReport.kept(
                "flood of %s: %d sent, %d reached the daemon: %s"
                        .formatted(what, sent, refused.inboundDrops(), counted(refused)),
                pings);
        assertAllAnswered(tokyo.ping(birlinghoven, 5));
        return refused;
    }

    private static Map<String, Long> counted(Status refused) {
        Map<String, Long> counted = new TreeMap<>(refused.drops());
        counted.values().removeIf(count -> count == 0);
        return counted;
    }

    /** A datagram of tokyo's that did not reach birlinghoven: its number is still free. */
    private byte[] neverDelivered() throws Exception {
        sites.wan().ip("route add blackhole 198.51.100.2/32");
        try (Capture capture = Capture.start(sites.wan(), "tokyo");
                UdpPlace sender = UdpPlace.open(tokyo.host(), tokyo.site().host4())) {
            sender.send(new byte[500], new InetSocketAddress(birlinghoven.site().host4(), 9));
            return Frames.udpPayload(capture.await(
                            1, frame -> Frames.isUdp(frame, PORT) && Frames.udpPayload(frame).length > 500)
                    .getFirst());
        } finally {
            sites.wan().ip("route delete blackhole 198.51.100.2/32");
        }
    }
}
