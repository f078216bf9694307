package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.culvert.core.demo.Await;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Office;
import org.culvert.core.lab.Pings;
import org.culvert.core.lab.Status;
import org.culvert.core.lab.ThreatReport;
import org.culvert.core.lab.UdpPlace;
import org.culvert.keymgmt.trust.HostKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * birlinghoven's host key is stolen. That its thief can be birlinghoven is what an identity means. Here he tries what must not follow:
 * to be tokyo for birlinghoven, to part the two, or to have either send elsewhere. He is off the way, but sends with whatever source he likes.
 */
class ThiefLabTest extends CrossingLab {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int PINGS = 600;
    private static final String HIS_ADDRESS = "198.51.100.1";

    private Thief thief;

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping");
    }

    @BeforeEach
    void steal() throws Exception {
        HostKey stolen = HostKey.read(folder.resolve("birlinghoven/host.key"));
        try (InputStream certificate = Files.newInputStream(folder.resolve("tokyo/host.crt"))) {
            byte[] tokyos = CertificateFactory.getInstance("X.509")
                    .generateCertificate(certificate)
                    .getPublicKey()
                    .getEncoded();
            thief = new Thief("birlinghoven", stolen, "tokyo", tokyos);
        }
    }

    @AfterEach
    void end() throws Exception {
        stopBoth();
        Files.deleteIfExists(folder.resolve("tokyo/culvert.state"));
        Files.deleteIfExists(folder.resolve("birlinghoven/culvert.state"));
    }

    /** The same thief, the same code, where there are no epoch keys: birlinghoven takes his packet for tokyo's and answers to him. */
    @Test
    void isTokyoForBirlinghovenInModeOff() throws Exception {
        configure("off", "");
        start(birlinghoven);
        Await.until("he is answered", SOON, () -> isAnswered(thief.asPeer));
        assertEquals(HIS_ADDRESS, endpointOf(birlinghoven));
    }

    /** Until a pair was agreed once, preferred is off; after it, restarts included, it is required. */
    @Test
    void isTokyoForBirlinghovenInModePreferredOnlyBeforeTheFirstAgreement() throws Exception {
        configure("preferred", "");
        start(birlinghoven);
        Await.until("he is answered", SOON, () -> isAnswered(thief.asPeer));
        birlinghoven.daemon().stop();
        startBoth();
        Await.until("agreed", SOON, () -> keys(birlinghoven).equals("epoch"));
        stopBoth();
        start(birlinghoven);
        Status before = birlinghoven.status();
        assertFalse(isAnswered(thief.asPeer));
        assertEquals(1, birlinghoven.status().since(before).dropped("no_forward_secrecy"));
        assertEquals("192.0.2.2", endpointOf(birlinghoven));
    }

    /**
     * He announces an epoch key of his own in tokyo's name. birlinghoven answers and computes a candidate; what he would need to have it too
     * is tokyo's host key. With that key, which only the last lines have, the same code is let in.
     */
    @Test
    void isNotTokyoForBirlinghovenInModeRequired() throws Exception {
        configure("required", "");
        start(birlinghoven);
        Status before = birlinghoven.status();
        assertFalse(isAnswered(thief.asPeer), "under the static pair");
        assertEquals(1, birlinghoven.status().since(before).dropped("no_forward_secrecy"));

        try (UdpPlace place = UdpPlace.open(sites.wan(), HIS_ADDRESS)) {
            Thief.Lure lure = Thief.lure();
            Thief.Heard answer = answerTo(place, lure);
            int tried = 0;
            for (byte[] guess : thief.guesses(lure, answer)) {
                StolenPair pair = thief.pair(lure, answer, guess);
                assertFalse(Arrays.equals(pair.proof(false), answer.proof()), "he has birlinghoven's master secret");
                place.send(pair.seal(StolenPair.CONTROL, Thief.confirm()), gateway());
                place.send(pair.seal(StolenPair.IPV4, echoRequest()), gateway());
                tried += 2;
            }
            int all = tried;
            Await.until(
                    "all refused",
                    SOON,
                    () -> birlinghoven.status().since(before).dropped("unknown_spi") == all);

            // Whoever waits for tokyo sends nothing to him, although he answers each announcement.
            Pings waiting = birlinghoven.ping(tokyo, 3, "-W", "1");
            assertEquals(0, waiting.received());
            Status after = birlinghoven.status().since(before);
            assertEquals(0, after.sentPackets(), "data was sent under his keys");
            assertEquals(0, after.receivedPackets(), "data was taken under his keys");
            assertEquals("none", keys(birlinghoven));
            assertEquals("192.0.2.2", endpointOf(birlinghoven));
            report("thief of i's key as j: %d packets under guessed masters refused, 0 taken, 0 sent", all);

            HostKey both = HostKey.read(folder.resolve("tokyo/host.key"));
            StolenPair pair = thief.pair(lure, answer, StolenPair.dh(both.privateKey(), answer.key()));
            assertArrayEquals(pair.proof(false), answer.proof(), "with both host keys it is the right one");
            place.send(pair.seal(StolenPair.CONTROL, Thief.confirm()), gateway());
            Await.until("agreed", SOON, () -> keys(birlinghoven).equals("epoch"));
            Await.until("he is answered", SOON, () -> isAnswered(pair));
        }
    }

    /** He sits at tokyo's own address while tokyo is down, hears what birlinghoven announces, and answers with proofs. */
    @Test
    void noProofOfHisIsBelievedEvenAtTokyosAddress() throws Exception {
        configure("required", "");
        start(birlinghoven);
        try (UdpPlace place = UdpPlace.open(tokyo.gateway(), tokyo.site().wan4(), PORT)) {
            Thief.Lure lure = Thief.lure();
            for (int i = 0; i < 4; i++) { // one a second is looked at
                assertEquals(0, birlinghoven.ping(tokyo, 1, "-W", "1").received());
                Thief.Heard first = announcementAt(place);
                byte[] guess = thief.guesses(lure, first)[i];
                byte[] proof = thief.pair(lure, first, guess).proof(true);
                byte[] said = Thief.answer(lure.core(), first, proof);
                place.send(thief.asPeer.seal(StolenPair.CONTROL, said), gateway());
            }
            assertEquals(0, birlinghoven.ping(tokyo, 1, "-W", "1").received());
            assertEquals("none", keys(birlinghoven));
            assertEquals(0, birlinghoven.status().sentPackets());
        }
    }

    /** While the two talk he says to each, in the other's name and from its address, all that a static pair may carry. */
    @Test
    void neitherPartsTheTwoNorHasThemSendElsewhere() throws Exception {
        configure("required", "");
        harass(1);
    }

    /** The same through two changes of epoch. */
    @Test
    @Tag("nightly")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void neitherPartsTheTwoWhileEpochsChange() throws Exception {
        configure("required", "epoch = \"1m\"\n");
        harass(25);
    }

    private void harass(int runs) throws Exception {
        startBoth();
        Await.until("agreed", SOON, () -> tokyo.ping(birlinghoven, 1, "-W", "1").received() == 1);
        Status before = birlinghoven.status();
        AtomicBoolean over = new AtomicBoolean();
        var harassment = new Harassment(thief, sites, tokyo, birlinghoven);
        var said = new FutureTask<>(() -> harassment.until(over));
        Thread.ofPlatform().daemon().name("thief").start(said);
        try {
            for (int i = 0; i < runs; i++) {
                Pings kept = Pings.steadily(tokyo.host(), birlinghoven.site().host4(), PINGS, 10);
                ThreatReport.unharmed("thief of a host key", kept);
                assertAllAnswered(kept);
            }
        } finally {
            over.set(true);
        }
        report("the thief said %d datagrams", said.get());
        Status after = birlinghoven.status().since(before);
        assertTrue(after.dropped("no_forward_secrecy") > 0, "nothing of his arrived: " + after.drops());
        for (Office office : List.of(tokyo, birlinghoven)) {
            assertEquals("epoch", keys(office));
        }
        assertEquals("192.0.2.2", endpointOf(birlinghoven));
        assertEquals("198.51.100.2", endpointOf(tokyo));
    }

    private void configure(String mode, String more) throws Exception {
        stopBoth();
        configureBoth();
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure("[[peer]]\n", more + "\n[[peer]]\nforward-secrecy = \"" + mode + "\"\n");
        }
    }

    private static void start(Office office) throws Exception {
        office.daemon().start().awaitReady();
    }

    private InetSocketAddress gateway() {
        return new InetSocketAddress(birlinghoven.site().wan4(), PORT);
    }

    private Optional<Thief.Heard> heard(byte[] datagram) throws Exception {
        Optional<byte[]> opened = thief.asPeer.open(datagram);
        return opened.isPresent() ? Thief.announced(opened.get()) : Optional.empty();
    }

    /** birlinghoven's answer to his announcement: with the proof that it has made the pair. */
    private Thief.Heard answerTo(UdpPlace place, Thief.Lure lure) throws Exception {
        long end = System.nanoTime() + SOON.toNanos();
        while (System.nanoTime() - end < 0) {
            place.send(thief.asPeer.seal(StolenPair.CONTROL, Thief.first(lure.core(), 4711)), gateway());
            for (byte[] datagram : place.all()) {
                Optional<Thief.Heard> said = heard(datagram);
                if (said.isPresent() && said.get().proof().length > 0) {
                    return said.get();
                }
            }
        }
        throw new AssertionError("birlinghoven did not answer: his announcements are wrong");
    }

    private Thief.Heard announcementAt(UdpPlace place) throws Exception {
        while (true) {
            Optional<Thief.Heard> first = heard(place.receive());
            if (first.isPresent() && first.get().answers() == 0) {
                return first.get();
            }
        }
    }

    /** Whether birlinghoven's LAN takes an echo request of his for tokyo's, and the answer comes to him. */
    private boolean isAnswered(StolenPair pair) throws Exception {
        try (UdpPlace place = UdpPlace.open(sites.wan(), HIS_ADDRESS)) {
            place.send(pair.seal(StolenPair.IPV4, echoRequest()), gateway());
            for (byte[] datagram : place.all()) {
                Optional<byte[]> opened = pair.open(datagram);
                if (opened.isPresent() && (opened.get()[3] & 15) == StolenPair.IPV4) {
                    assertEquals(0, opened.get()[4 + 20], "an echo reply");
                    return true;
                }
            }
            return false;
        }
    }

    /** From tokyo's LAN to birlinghoven's. */
    private byte[] echoRequest() throws Exception {
        byte[] packet = Harassment.ipv4(
                1,
                InetAddress.getByName(tokyo.site().host4()),
                InetAddress.getByName(birlinghoven.site().host4()),
                8);
        ByteBuffer.wrap(packet).putShort(20, (short) 0x0800).putShort(22, (short) ~0x0800);
        return packet;
    }

    private static String keys(Office office) throws Exception {
        return peer(office).path("keys").path("kind").asText();
    }

    private static String endpointOf(Office office) throws Exception {
        String endpoint = peer(office).path("endpoint").asText();
        return endpoint.substring(0, endpoint.lastIndexOf(':'));
    }

    private static JsonNode peer(Office office) throws Exception {
        return office.statusTree().path("peers").path(0);
    }
}
