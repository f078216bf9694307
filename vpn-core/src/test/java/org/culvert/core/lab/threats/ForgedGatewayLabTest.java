package org.culvert.core.lab.threats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.demo.Issuing;
import org.culvert.core.demo.Programs;
import org.culvert.core.lab.Certificates;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Pings;
import org.culvert.core.lab.Product;
import org.culvert.core.lab.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * False authentication: tokyo's gateway is a forged one. It runs the true program and believes in itself, so it does send;
 * birlinghoven must not let a packet of it in, and says why when it starts. Each test first shows that the same gateway was
 * heard before.
 */
class ForgedGatewayLabTest extends CrossingLab {
    private static final int PACKETS = 10;

    @Override
    protected List<String> needs() {
        return List.of("ping/iputils-ping", "faketime");
    }

    @AfterEach
    void fresh() throws Exception {
        stopBoth();
        Certificates.copyTo(folder);
        Files.deleteIfExists(folder.resolve("birlinghoven/ca.crl"));
        configureBoth();
    }

    /** So that packets are sent at once: with epoch keys who is not let in gets none, and nothing but announcements would come. */
    @BeforeEach
    void withStaticKeys() throws Exception {
        withMode("off");
    }

    /** Its certificate names tokyo and tokyo's networks, and is signed by a CA of the same name, but another key. */
    @Test
    @Tag("nightly")
    void certificateOfAnotherAuthority() throws Exception {
        heardUntilNow();
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Certificates.make(elsewhere, "Big Bucks CA");
        for (String file : List.of("host.key", "host.crt")) {
            copy(
                    elsewhere.resolve("tokyo").resolve(file),
                    folder.resolve("tokyo").resolve(file));
        }
        // The forger believes both authorities: his own certificate and birlinghoven's are good to him.
        Files.writeString(
                folder.resolve("tokyo/both.crt"),
                Files.readString(elsewhere.resolve("ca/ca.crt")) + Files.readString(folder.resolve("ca/ca.crt")));
        tokyo.reconfigure("../ca/ca.crt", "both.crt");

        assertNotLetIn("certificate of another CA", "");
    }

    /** Both know the same key; the certificate that birlinghoven has for it ended a day ago. */
    @Test
    void expiredCertificate() throws Exception {
        heardUntilNow();
        Path old = Files.createDirectories(folder.resolve("old"));
        copy(folder.resolve("tokyo/host.csr"), old.resolve("host.csr"));
        var sign = new ArrayList<>(List.of("faketime", "-f", "-2d"));
        sign.addAll(Issuing.sign(Product.CULVERT, "old-ca", "old"));
        sign.add("--days=1");
        var make = new ArrayList<>(List.of("faketime", "-f", "-3d"));
        make.addAll(Issuing.makeAuthority(Product.CULVERT, "old-ca", "Big Bucks CA"));
        Programs.runIn(folder, make).succeeded();
        Programs.runIn(folder, sign).succeeded();
        Files.writeString(
                folder.resolve("birlinghoven/both.crt"),
                Files.readString(folder.resolve("old-ca/ca.crt")) + Files.readString(folder.resolve("ca/ca.crt")));
        birlinghoven.reconfigure("../ca/ca.crt", "both.crt");
        birlinghoven.reconfigure("../tokyo/host.crt", "../old/host.crt");

        assertNotLetIn("expired certificate", "expired");
    }

    @Test
    void revokedCertificate() throws Exception {
        heardUntilNow();
        String ca = folder.resolve("ca").toString();
        Programs.run(List.of(Product.CULVERT, "ca", "revoke", "--dir", ca, "tokyo"))
                .succeeded();
        Programs.run(List.of(
                        Product.CULVERT,
                        "ca",
                        "crl",
                        "--dir",
                        ca,
                        "--out",
                        folder.resolve("birlinghoven/ca.crl").toString()))
                .succeeded();
        birlinghoven.reconfigure("trust       = ", "crl         = \"ca.crl\"\ntrust       = ");

        assertNotLetIn("revoked certificate", "revoked");
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }

    private void heardUntilNow() throws Exception {
        startBoth();
        assertAllAnswered(tokyo.ping(birlinghoven, PACKETS));
        stopBoth();
    }

    private void assertNotLetIn(String what, String reason) throws Exception {
        startBoth();
        Status before = birlinghoven.status();

        Pings pings = tokyo.ping(birlinghoven, PACKETS);

        assertEquals(0, pings.received(), pings.said());
        Status refused = birlinghoven.status().since(before);
        long strangers = refused.dropped("unknown_spi"); // the forged gateway may also speak for itself
        assertTrue(strangers >= PACKETS, refused.drops().toString());
        assertEquals(strangers, refused.inboundDrops(), refused.drops().toString());
        assertEquals(0, refused.receivedPackets());
        String said = birlinghoven.daemon().said();
        assertTrue(said.contains("peer tokyo is down: "), said);
        assertTrue(said.contains(reason), said);
        report("%s: %d pings, %d packets counted unknown_spi, none let in", what, PACKETS, strangers);
    }
}
