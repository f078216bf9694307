package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Frames;
import org.culvert.core.demo.Issuing;
import org.culvert.core.demo.Programs;
import org.culvert.core.lab.Certificates;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Office;
import org.culvert.core.lab.Pings;
import org.culvert.core.lab.Product;
import org.culvert.core.lab.Status;
import org.culvert.core.lab.ThreatReport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Attacks on how gateways get each other's certificates: by somebody in between, and by somebody with many packets. */
@Tag("alone")
class DiscoveryThreatLabTest extends CrossingLab {
    private static final long SEED = 20_261_127;
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int REQUEST = 0x13;
    private static final int REPLY = 0x14;
    private static final int REQUEST_BYTES = 1_200;
    private static final int PINGS = 300;

    /** As much as an attacker's own machine could send on a line of 100 Mbit/s. */
    private static final long REQUESTS_PER_SECOND = 10_000;

    /** A peer of tokyo's whose certificate is known: what others send goes between these two. */
    private Office osaka;

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping", "faketime");
    }

    @Override
    protected void serve() throws Exception {
        osaka = new Office(sites.site("osaka", 3, "203.0.113"), folder);
        Certificates.issue(folder, "osaka", "osaka", List.of(osaka.site().network4()));
        osaka.configure(tokyo, "0.0.0.0:1640", tokyo.site().wan4() + ":" + PORT);
    }

    @AfterEach
    void fresh() throws Exception {
        stopBoth();
        osaka.daemon().close();
        Certificates.copyTo(folder);
        configureBoth();
    }

    /**
     * Tokyo knows name and endpoint of birlinghoven, and the endpoint is the impostor. He tries what he has: a nonce of his own, a
     * certificate of another CA, an expired one, a revoked one. Then he lets the truth pass, and the two are linked through him.
     */
    @Test
    void manInTheMiddle() throws Exception {
        Path stranger = Files.createDirectories(folder.resolve("stranger"));
        Certificates.make(stranger, "Big Bucks CA");
        Path expired = expired();
        Path revoked = revokedBeforeThePresentOne();
        try (Impostor impostor = Impostor.between(
                sites.wan(),
                "192.0.2.1",
                "198.51.100.1",
                new InetSocketAddress(birlinghoven.site().wan4(), PORT))) {
            tokyo.reconfigure("certificate = \"../birlinghoven/host.crt\"\n", "");
            tokyo.reconfigure("198.51.100.2:1640", "192.0.2.1:" + impostor.port());
            tokyo.reconfigure("trust       = ", "crl         = \"ca.crl\"\ntrust       = ");
            impostor.tell(
                    Impostor.wrongNonce(folder.resolve("birlinghoven/host.crt")),
                    Impostor.certificate(stranger.resolve("birlinghoven/host.crt")),
                    Impostor.certificate(folder.resolve("tokyo/host.crt")),
                    Impostor.certificate(expired),
                    Impostor.certificate(revoked));
            tokyo.befriend("osaka", "../osaka/host.crt", osaka.site().wan4() + ":" + PORT);

            osaka.daemon().start();
            startBoth();
            awaitReached(osaka, tokyo);
            try (Bystanders others = Bystanders.of(osaka, tokyo)) { // from lie to lie he is asked ever later
                Await.until("the impostor has tried everything", SOON, () -> impostor.told() == 5);
                Await.until("all of it is counted", SOON, () -> tokyo.status().dropped("discovery_refused") == 4);
                assertTrue(
                        tokyo.status().dropped("discovery_unasked") >= 1,
                        "the wrong nonce; on a slow machine an answer, too, that came twice");
                Await.until(
                        "the true certificate came",
                        SOON,
                        () -> tokyo.daemon().said().contains("peer birlinghoven: its certificate came from 192.0.2.1"));

                String said = tokyo.daemon().said();
                for (String reason :
                        List.of("does not carry", "the configuration says \"birlinghoven\"", "expired", "revoked")) {
                    assertTrue(said.contains(reason), reason + " is not in " + said);
                }
                assertEquals(4, tokyo.status().dropped("discovery_refused"));
                assertAllAnswered(tokyo.ping(birlinghoven, 10));
                ThreatReport.unharmed(
                        "man in the middle on discovery: 5 lies, discovery_unasked, discovery_refused 4, then the truth",
                        others.end());
            }
        }
    }

    private Path expired() throws Exception {
        Certificates.expired(folder, "birlinghoven");
        Files.writeString(
                folder.resolve("tokyo/both.crt"),
                Files.readString(folder.resolve("old-ca/ca.crt")) + Files.readString(folder.resolve("ca/ca.crt")));
        tokyo.reconfigure("../ca/ca.crt", "both.crt");
        return folder.resolve("old/host.crt");
    }

    /** Birlinghoven's first certificate; it has another one by now. */
    private Path revokedBeforeThePresentOne() throws Exception {
        Path present = folder.resolve("birlinghoven/host.crt");
        Path first = folder.resolve("birlinghoven/first.crt");
        Files.move(present, first, StandardCopyOption.REPLACE_EXISTING);
        String ca = folder.resolve("ca").toString();
        Programs.run(List.of(Product.CULVERT, "ca", "revoke", "--dir", ca, "birlinghoven"))
                .succeeded();
        Programs.runIn(folder, Issuing.sign(Product.CULVERT, "ca", "birlinghoven"))
                .succeeded();
        Path lists = folder.resolve("tokyo/ca.crl");
        Files.deleteIfExists(lists);
        for (String authority : List.of("ca", "old-ca")) {
            Path list = folder.resolve(authority + ".crl");
            Files.deleteIfExists(list);
            Programs.runIn(folder, List.of(Product.CULVERT, "ca", "crl", "--dir", authority, "--out", list.toString()))
                    .succeeded();
            Files.writeString(lists, (Files.exists(lists) ? Files.readString(lists) : "") + Files.readString(list));
        }
        return first;
    }

    /** From his own address and from invented ones. Each request is answered, counted, or was refused by a kernel's queue on the way. The live tunnel does not feel it. */
    @Test
    void floodOfRequests() throws Exception {
        startBoth();
        awaitReached();
        Status before = birlinghoven.status();
        long repliesBefore = replies();
        KernelCounters wanBefore = KernelCounters.of(sites.wan());
        KernelCounters gatewayBefore = KernelCounters.of(birlinghoven.gateway());
        AtomicLong sent = new AtomicLong();
        byte[] mac = Attacker.address(birlinghoven.gateway(), "wan0");
        try (Attacker attacker = Attacker.at(sites.wan(), "birlinghoven");
                Capture back = Capture.start(sites.wan(), "birlinghoven");
                Meanwhile<Long> flood = new Meanwhile<>("flood", enough -> flood(attacker, mac, sent, enough))) {
            Await.until("the flood runs", SOON, () -> flood.isDone() || sent.get() > REQUESTS_PER_SECOND / 2);

            Pings pings = pingsMeanwhile();
            flood.end();

            Await.until("each request was answered, counted or found a queue full", SOON, () -> {
                Status now = birlinghoven.status().since(before);
                long refused = now.dropped("discovery_limited") + now.dropped("discovery_busy");
                long queuesFull = KernelCounters.of(sites.wan()).since(wanBefore, "dropped by birlinghoven")
                        + KernelCounters.of(birlinghoven.gateway()).since(gatewayBefore, "UdpRcvbufErrors");
                return replies() - repliesBefore + refused + queuesFull >= sent.get();
            });
            Status refused = birlinghoven.status().since(before);
            long requests =
                    refused.inboundDrops() - refused.dropped("control_full"); // tokyo's: the control thread is busy
            assertEquals(
                    requests,
                    refused.dropped("discovery_limited") + refused.dropped("discovery_busy"),
                    refused.drops().toString());
            // As many as were sent, unless a queue was full: who found it so may also have been somebody else.
            long reached = replies() - repliesBefore + requests;
            assertTrue(reached <= sent.get(), reached + " of " + sent.get());
            List<byte[]> replies = back.stop().stream()
                    .filter(frame -> Frames.isUdp(frame, PORT))
                    .map(Frames::udpPayload)
                    .filter(payload -> payload.length > 0 && payload[0] == REPLY)
                    .toList();
            int longest = replies.stream().mapToInt(reply -> reply.length).max().orElse(0);
            long whole = replies.stream().filter(reply -> reply[1] == 1).count();
            ThreatReport.kept(
                    "flood of discovery requests: %d sent at %d a second, %d with a certificate and %d with a cookie answered, the longest of %d bytes to requests of %d: %s"
                            .formatted(
                                    sent.get(),
                                    REQUESTS_PER_SECOND,
                                    whole,
                                    replies.size() - whole,
                                    longest,
                                    REQUEST_BYTES,
                                    refused.counted()),
                    pings);
            assertTrue(pings.sent() - pings.received() <= PINGS / 100, pings.said());
            assertTrue(whole > 0, "nothing was answered: nothing was tried");
            assertTrue(longest <= REQUEST_BYTES, longest + " bytes");
            assertTrue(whole < sent.get() / 50, whole + " certificates to " + sent.get() + " requests");
            assertTrue(refused.dropped("discovery_limited") > 0, refused.drops().toString());
        }
        assertEquals("192.0.2.2:1640", birlinghoven.status().endpoint());
        assertAllAnswered(tokyo.ping(birlinghoven, 5));
    }

    /** What birlinghoven's gateway has sent to who asked: its certificate, or a cookie. */
    private long replies() throws Exception {
        JsonNode discovery = birlinghoven.statusTree().path("discovery");
        return discovery.path("answered").asLong()
                + discovery.path("challenged").asLong();
    }

    /**
     * Late ones count as answered: it is loss that is looked at. That the machine had no time for anybody for a moment says nothing, so there are
     * three tries; what the flood does to a link it does each time.
     */
    private Pings pingsMeanwhile() throws Exception {
        Pings pings = Pings.steadily(tokyo.host(), birlinghoven.site().host4(), PINGS, 10, 5);
        for (int more = 0; more < 2 && pings.sent() - pings.received() > PINGS / 100; more++) {
            pings = Pings.steadily(tokyo.host(), birlinghoven.site().host4(), PINGS, 10, 5);
        }
        return pings;
    }

    private static long flood(Attacker attacker, byte[] mac, AtomicLong sent, BooleanSupplier enough) throws Exception {
        Random random = new Random(SEED);
        long startNs = System.nanoTime();
        while (!enough.getAsBoolean()) {
            int source =
                    random.nextBoolean() ? 0xc633_6401 : 0xcb00_7100 | random.nextInt(256); // his own, or 203.0.113.x
            attacker.send(request(mac, source, 1_024 + random.nextInt(60_000), random));
            long dueNs = startNs + sent.incrementAndGet() * (1_000_000_000L / REQUESTS_PER_SECOND);
            while (System.nanoTime() - dueNs < 0) {
                LockSupport.parkNanos(dueNs - System.nanoTime());
            }
        }
        return sent.get();
    }

    /** Ethernet, IPv4 and UDP (without checksum) around a request as long as allowed. */
    private static byte[] request(byte[] mac, int source, int port, Random random) {
        ByteBuffer frame = ByteBuffer.allocate(14 + 20 + 8 + REQUEST_BYTES);
        frame.put(mac).put(new byte[] {2, 0, 0, 0, 0, 9}).putShort((short) 0x0800);
        frame.putInt(0x4500_0000 | 28 + REQUEST_BYTES)
                .putInt(random.nextInt() & 0xffff_0000)
                .putInt(0x4011_0000);
        frame.putInt(source).putInt(0xc633_6402);
        int sum = 0;
        for (int at = 14; at < 34; at += 2) {
            sum += frame.getShort(at) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        frame.putShort(14 + 10, (short) ~(sum + (sum >>> 16)));
        frame.putShort((short) port)
                .putShort((short) PORT)
                .putShort((short) (8 + REQUEST_BYTES))
                .putShort((short) 0);
        frame.put((byte) REQUEST).put(new byte[3]).putLong(random.nextLong()).putLong(random.nextLong());
        return frame.array();
    }
}
