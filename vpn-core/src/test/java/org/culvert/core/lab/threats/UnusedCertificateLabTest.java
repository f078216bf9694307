package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Issuing;
import org.culvert.core.demo.Programs;
import org.culvert.core.lab.Certificates;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Product;
import org.culvert.core.lab.ThreatReport;
import org.culvert.core.lab.UdpPlace;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.HostKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Somebody on the path hands out certificates that the CA issued for birlinghoven and that birlinghoven does not use: newer than the one in use, with
 * other keys, for fewer networks. They pass every check, and must change nothing for as long as nobody was heard with them.
 */
class UnusedCertificateLabTest extends CrossingLab {
    private static final Duration SOON = Duration.ofSeconds(20);

    /** Until a peer that was not heard is asked for its certificate again, and then some. */
    private static final Duration UNHEARD = Duration.ofSeconds(60);

    private static final List<String> NARROWER = List.of("10.2.0.128/25");

    private Impostor impostor;
    private Path used;
    private int issued;

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping", "faketime");
    }

    /** Tokyo knows the name and endpoint of birlinghoven, whose certificate is in the last third of its life: it is asked for at each start. */
    @BeforeEach
    void linkedThroughTheImpostor() throws Exception {
        Certificates.copyTo(folder);
        configureBoth();
        used = inTheLastThirdOfItsLife();
        Files.writeString(
                folder.resolve("both.crt"),
                Files.readString(folder.resolve("old-ca/ca.crt")) + Files.readString(folder.resolve("ca/ca.crt")));
        tokyo.reconfigure("../ca/ca.crt", "../both.crt");
        birlinghoven.reconfigure("../ca/ca.crt", "../both.crt");
        impostor = Impostor.between(
                sites.wan(),
                "192.0.2.1",
                "198.51.100.1",
                new InetSocketAddress(birlinghoven.site().wan4(), PORT));
        tokyo.reconfigure("certificate = \"../birlinghoven/host.crt\"\n", "");
        tokyo.reconfigure("198.51.100.2:1640", "192.0.2.1:" + impostor.port());
    }

    @AfterEach
    void fresh() throws Exception {
        stopBoth();
        impostor.close();
        for (String place : List.of("old-ca", "old", "older", "tokyo/culvert.fetched")) {
            Product.deleteTree(folder.resolve(place));
        }
    }

    private Path inTheLastThirdOfItsLife() throws Exception {
        var make = new ArrayList<>(List.of("faketime", "-f", "-3d"));
        make.addAll(Issuing.makeAuthority(Product.CULVERT, "old-ca", "Old Bucks CA"));
        Programs.runIn(folder, make).succeeded();
        Path old = Files.createDirectories(folder.resolve("old"));
        Files.copy(folder.resolve("birlinghoven/host.csr"), old.resolve("host.csr"));
        return Files.copy(
                signBefore("-20h", "old"),
                folder.resolve("birlinghoven/host.crt"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** For a day. */
    private Path signBefore(String then, String place) throws Exception {
        var sign = new ArrayList<>(List.of("faketime", "-f", then));
        sign.addAll(Issuing.sign(Product.CULVERT, "old-ca", place));
        sign.add("--days=1");
        Programs.runIn(folder, sign).succeeded();
        return folder.resolve(place).resolve("host.crt");
    }

    /** With another key, and good still. */
    private Path older() throws Exception {
        Programs.runIn(folder, Issuing.request(Product.CULVERT, "older", "birlinghoven", List.of("10.2.0.0/24")))
                .succeeded();
        return signBefore("-22h", "older");
    }

    /** Also with another key each. */
    private Path issue(List<String> networks) throws Exception {
        String place = "issued" + ++issued;
        Certificates.issue(folder, place, "birlinghoven", networks);
        return folder.resolve(place).resolve("host.crt");
    }

    @Test
    void changesNothingUntilSomebodyIsHeardWithIt() throws Exception {
        Path older = older();
        startBoth();
        awaitHeardWith(used, SOON);

        for (int i = 0; i < 2; i++) {
            Path unused = issue(NARROWER);
            impostor.tell(Impostor.certificate(older), Impostor.certificate(unused));
            restartTokyo();
            awaitKept("birlinghoven.crt.next", unused);
            thiefOfTokyosKeySpeaksWith(unused);
            assertLinked();
            assertTrue(
                    tokyo.daemon().said().contains("sent is refused: it begins at "),
                    "an older one came and was not refused");
        }
        assertEquals(4, impostor.told());
        assertEquals(fingerprint(used), fingerprint(kept("birlinghoven.crt")));
        ThreatReport.kept(
                "newer certificates that the CA issued and nobody uses, handed out by somebody on the path: 2, kept aside, a restart between, and what the thief of our own key says with them",
                tokyo.ping(birlinghoven, 10));

        Path changed = issue(List.of("10.2.0.0/24", "fd00:2::/64", "10.22.0.0/24"));
        String place = "../issued" + issued;
        birlinghoven.reconfigure("\"host.key\"", "[\"host.key\", \"" + place + "/host.key\"]");
        birlinghoven.reconfigure("\"host.crt\"", "[\"host.crt\", \"" + place + "/host.crt\"]");
        birlinghoven.daemon().ask("reload").succeeded();
        restartTokyo();
        awaitHeardWith(changed, SOON);
        Await.until(
                "tokyo routes what the new certificate names",
                SOON,
                () -> tokyo.network().contains("10.22.0.0/24 dev culvert0"));
        assertLinked();
    }

    /** Not even at first, when nothing else is known: what was kept of it does not keep the true one out, which is older. */
    @Test
    @Tag("nightly")
    void keepsNobodyOutWhenItComesFirst() throws Exception {
        Path unused = issue(List.of("10.2.0.0/24"));
        impostor.tell(Impostor.certificate(unused));
        startBoth();
        awaitKept("birlinghoven.crt.next", unused);
        assertEquals(0, tokyo.ping(birlinghoven, 1).received());

        tokyo.daemon().stop();
        tokyo.daemon().start().awaitReady();
        awaitHeardWith(used, UNHEARD);
        assertLinked();
    }

    /**
     * He needs no key of birlinghoven's for the static pair of tokyo's key and this certificate, and none for what he announces under it. That
     * tokyo has taken it in shows in its answer.
     */
    private void thiefOfTokyosKeySpeaksWith(Path unused) throws Exception {
        HostKey stolen = HostKey.read(folder.resolve("tokyo/host.key"));
        byte[] spki = HostCertificate.read(unused).spki();
        Thief thief = new Thief("tokyo", stolen, "birlinghoven", spki);
        byte[] core = Thief.lure().core();
        try (UdpPlace place = UdpPlace.open(sites.wan(), "192.0.2.1")) {
            Await.until("tokyo answers the thief", SOON, () -> {
                place.send(
                        thief.asPeer.seal(StolenPair.CONTROL, Thief.first(core, 4711)),
                        new InetSocketAddress(tokyo.site().wan4(), PORT));
                for (byte[] datagram : place.all()) {
                    Optional<byte[]> opened = thief.asPeer.open(datagram);
                    if (opened.isPresent() && Thief.announced(opened.get()).isPresent()) {
                        return true;
                    }
                }
                return false;
            });
        }
    }

    private void restartTokyo() throws Exception {
        tokyo.daemon().stop();
        tokyo.daemon().start().awaitReady();
    }

    private void assertLinked() throws Exception {
        awaitReached();
        assertAllAnswered(tokyo.ping(birlinghoven, 5));
        assertAllAnswered(birlinghoven.ping(tokyo, 5));
        assertTrue(tokyo.network().contains("10.2.0.0/24 dev culvert0"), tokyo.network());
    }

    private Path kept(String file) {
        return folder.resolve("tokyo/culvert.fetched").resolve(file);
    }

    private static String fingerprint(Path certificate) throws Exception {
        return HostCertificate.read(certificate).fingerprint();
    }

    /** First it is kept as the one that counts, and a moment later it stands no more beside. */
    private void awaitHeardWith(Path certificate, Duration atMost) throws Exception {
        Await.until(
                "tokyo has heard birlinghoven with " + certificate,
                atMost,
                () -> Files.exists(kept("birlinghoven.crt"))
                        && fingerprint(kept("birlinghoven.crt")).equals(fingerprint(certificate))
                        && !Files.exists(kept("birlinghoven.crt.next")));
    }

    private void awaitKept(String file, Path certificate) throws Exception {
        Await.until(
                "tokyo keeps " + certificate + " in " + file,
                SOON,
                () -> Files.exists(kept(file)) && fingerprint(kept(file)).equals(fingerprint(certificate)));
    }
}
