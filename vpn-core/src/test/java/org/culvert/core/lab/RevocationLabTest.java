package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.Test;

/** A CA takes certificates back while the gateways run. */
class RevocationLabTest extends TwoSiteLab {
    private static final Duration NOTICED = Duration.ofSeconds(10);

    @Override
    void prepare() throws Exception {
        ca("crl", "--out", "ca.crl");
        configureBoth();
        tokyo.reconfigure("listen ", "crl = \"../ca.crl\"\nlisten ");
        startBoth();
    }

    private void ca(String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(Product.CULVERT, "ca", arguments[0], "--dir", "ca"));
        command.addAll(List.of(arguments).subList(1, arguments.length));
        Programs.runIn(folder, command).succeeded();
    }

    private void revokeBirlinghoven() throws IOException {
        ca("revoke", "--reason", "key-compromise", "birlinghoven");
        ca("crl", "--out", "next.crl");
    }

    /** As `cp` and `mv` would put it there. */
    private Path put(Path list) throws IOException {
        return Files.move(list, folder.resolve("ca.crl"), StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void revokedHostIsShutOut() throws Exception {
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        Path first = Files.copy(folder.resolve("ca.crl"), folder.resolve("first.crl"));

        // Nobody asks for it.
        revokeBirlinghoven();
        put(folder.resolve("next.crl"));
        Await.until(
                "the new list is noticed", NOTICED, () -> tokyo.daemon().said().contains("is in force"));
        assertShutOut();

        // A list that is older, broken or gone leaves the one in force.
        put(first);
        assertRefused("is in force already");
        Files.writeString(folder.resolve("ca.crl"), "-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n");
        assertRefused("ca.crl");
        Files.delete(folder.resolve("ca.crl"));
        assertRefused("no such file");
        assertShutOut();
        tokyo.daemon().stop();
        assertEquals(2, tokyo.daemon().start().awaitEnd(), "no list, no start");

        // A new certificate for a new key, and that one is taken back too, this time with a reload.
        ca("crl", "--out", "ca.crl");
        Product.deleteTree(folder.resolve("birlinghoven-new"));
        Certificates.issue(folder, "birlinghoven-new", "birlinghoven", List.of("10.2.0.0/24", "fd00:2::/64"));
        for (String file : List.of("host.key", "host.crt")) {
            Files.move(
                    folder.resolve("birlinghoven-new").resolve(file),
                    folder.resolve("birlinghoven").resolve(file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        tokyo.daemon().start().awaitReady();
        assertEquals(0, birlinghoven.daemon().ask("reload").code());
        assertAllAnswered(birlinghoven.ping(tokyo, 3));
        revokeBirlinghoven();
        put(folder.resolve("next.crl"));
        assertTrafficEndsWithTheReload();
        assertShutOut();
    }

    private void assertShutOut() throws Exception {
        assertEquals(0, tokyo.ping(birlinghoven, 3, "-W", "1").received());
        String status = tokyo.daemon().ask("status").out();
        assertTrue(status.contains("was revoked at"), status);
        assertTrue(tokyo.network().contains("unreachable 10.2.0.0/24"), "closed, not open");
    }

    private void assertRefused(String cause) throws Exception {
        Finished reload = tokyo.daemon().ask("reload");
        assertEquals(2, reload.code(), reload.out() + reload.err());
        assertTrue(reload.err().contains("culvert.toml:5: "), reload.err());
        assertTrue(reload.err().contains(cause), reload.err());
    }

    private void assertTrafficEndsWithTheReload() throws Exception {
        try (UdpPlace receiver = UdpPlace.open(tokyo.host(), tokyo.site().host4());
                UdpPlace sender =
                        UdpPlace.open(birlinghoven.host(), birlinghoven.site().host4())) {
            AtomicBoolean stopping = new AtomicBoolean();
            Thread stream = new Thread(() -> sendUntil(stopping, sender, receiver.address()));
            stream.start();
            try {
                receiver.receive();
                long askedNs = System.nanoTime();
                Finished reload = tokyo.daemon().ask("reload");
                assertEquals(0, reload.code(), reload.err());
                assertTrue(reload.err().contains("was revoked at"), reload.err());
                long doneNs = System.nanoTime();
                receiver.all(); // what was delivered before; ends when nothing comes any more, though more is sent
                long endNs = System.nanoTime();
                report(
                        "reload: %d ms for the whole command; nothing of the revoked host came later than %d ms after it",
                        (doneNs - askedNs) / 1_000_000, Math.max(0, (endNs - doneNs) / 1_000_000 - UdpPlace.QUIET_MS));
            } finally {
                stopping.set(true);
                stream.join();
            }
        }
    }

    private static void sendUntil(AtomicBoolean stopping, UdpPlace sender, InetSocketAddress to) {
        byte[] datagram = new byte[100];
        while (!stopping.get()) {
            try {
                sender.send(datagram, to);
                Thread.sleep(5);
            } catch (IOException | InterruptedException e) {
                return;
            }
        }
    }
}
