package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.FutureTask;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Gateway;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.issue.CertificateAuthority;
import org.culvert.keymgmt.issue.Draft;
import org.culvert.keymgmt.issue.HostRequest;
import org.culvert.keymgmt.trust.KeyKind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A gateway with a thousand peers, 999 of which are silent, against the same gateway with one. Prints time to start, memory, and the rate
 * between two hosts; asserts only that everything works. It prints its figures. {@code -Dlab.peers=10000} for more.
 */
@Tag("nightly")
class ManyPeersLabTest extends TwoSiteLab {
    private static final int PEERS = Integer.getInteger("lab.peers", 1_000);
    private static final int SECONDS = Integer.getInteger("lab.seconds", 6);
    private static final int ROUNDS = 3;
    private static final Duration LONG = Duration.ofSeconds(60);

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "iperf3"};
    }

    @Override
    void prepare() throws Exception {
        configureBoth();
        certifySilentPeers();
    }

    @Test
    void oneOfThousandIsServedLikeTheOnlyOne() throws Exception {
        String one = Files.readString(tokyo.daemon().config());
        measure("1 peer");
        double alone = rate();
        stopBoth();

        for (int i = 1; i < PEERS; i++) {
            Files.writeString(tokyo.daemon().config(), peer(i), StandardOpenOption.APPEND);
        }
        measure(PEERS + " peers");
        JsonNode status = new ObjectMapper()
                .readTree(tokyo.daemon().ask("status", "--json").succeeded().out());
        assertEquals(PEERS, status.path("peers").size());
        for (JsonNode peer : status.path("peers")) {
            assertEquals("up", peer.path("state").asText(), peer.path("reason").asText());
        }
        reloads();
        double among = rate();
        report("rate among %d: %.0f %% of alone", PEERS, 100 * among / alone);
        stopBoth();
        Files.writeString(tokyo.daemon().config(), one);
    }

    private void measure(String what) throws Exception {
        birlinghoven.daemon().start().awaitReady();
        long startNs = System.nanoTime();
        tokyo.daemon().start().awaitReady();
        long readyMs = (System.nanoTime() - startNs) / 1_000_000;
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        long firstMs = (System.nanoTime() - startNs) / 1_000_000;
        long routes = tokyo.gateway()
                .run("ip", "-4", "route", "show", "proto", "148")
                .succeeded()
                .out()
                .lines()
                .count();
        report(
                "%s: ready after %d ms, 3 pings after %d ms, %d routes, RSS %d MB",
                what, readyMs, firstMs, routes, rssMb(tokyo.daemon()));
        Await.until(
                "the control thread is done with the hours far away",
                LONG,
                () -> tokyo.daemon().ask("status").code() == 0);
        report("%s: status answers %d ms after the start", what, (System.nanoTime() - startNs) / 1_000_000);
        long askedNs = System.nanoTime();
        tokyo.status();
        report("%s: status in %d ms", what, (System.nanoTime() - askedNs) / 1_000_000);
    }

    /** F16, six reloads for a thousand: one silent peer comes and goes while another's packets pass, and none of those is lost. */
    private void reloads() throws Exception {
        Path config = tokyo.daemon().config();
        String all = Files.readString(config);
        String without = all.replace(peer(PEERS - 1), "");
        var pings = new FutureTask<>(
                () -> Pings.steadily(tokyo.host(), birlinghoven.site().host4(), 500, 20, 10));
        Thread.ofPlatform().daemon().start(pings);
        StringBuilder took = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            Files.writeString(config, i % 2 == 0 ? without : all);
            long startNs = System.nanoTime();
            Finished reload = tokyo.daemon().ask("reload");
            assertEquals(0, reload.code(), reload.err());
            took.append(' ').append((System.nanoTime() - startNs) / 1_000_000);
        }
        report("reloads of %d peers in ms:%s", PEERS, took);
        assertAllAnswered(pings.get());
    }

    /** One TCP stream from host to host, Gbit/s: the best of a few, since the machine is not ours alone. */
    private double rate() throws Exception {
        double best = 0;
        for (int i = 0; i < ROUNDS; i++) {
            Process once = birlinghoven
                    .host()
                    .start(
                            List.of(
                                    "iperf3",
                                    "-s",
                                    "-1",
                                    "-B",
                                    birlinghoven.site().host4()),
                            folder.resolve("iperf3"));
            try {
                Await.until(
                        "iperf3 listens",
                        LONG,
                        () -> birlinghoven
                                .host()
                                .run("ss", "-Hltn", "sport", "=", ":5201")
                                .out()
                                .contains("5201"));
                String json = tokyo.host()
                        .run("iperf3", "-c", birlinghoven.site().host4(), "-t", Integer.toString(SECONDS), "-J")
                        .succeeded()
                        .out();
                double bits = new ObjectMapper()
                        .readTree(json)
                        .path("end")
                        .path("sum_received")
                        .path("bits_per_second")
                        .asDouble();
                best = Math.max(best, bits / 1e9);
            } finally {
                once.destroy();
            }
        }
        report("rate %.2f Gbit/s, RSS after it %d MB", best, rssMb(tokyo.daemon()));
        assertTrue(best > 0, "nothing was carried");
        return best;
    }

    private void stopBoth() throws IOException {
        long startNs = System.nanoTime();
        tokyo.daemon().stop();
        report("stopped after %d ms", (System.nanoTime() - startNs) / 1_000_000);
        birlinghoven.daemon().stop();
    }

    private static long rssMb(Gateway daemon) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(daemon.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
                .sum();
    }

    /** Each with a /24 of its own out of 10.64.0.0/10, and an address that drops what it is sent. */
    private void certifySilentPeers() throws Exception {
        CertificateAuthority authority = CertificateAuthority.open(folder.resolve("ca"), InstantSource.system());
        Path peers = Files.createDirectories(folder.resolve("peers"));
        for (int i = 1; i < PEERS; i++) {
            HostRequest request =
                    HostRequest.create(name(i), List.of(network(i)), List.of(), HostRequest.newKey(KeyKind.X25519));
            Path file = peers.resolve(name(i) + ".crt");
            Draft draft = authority.draft(file, request, 30, false);
            CertificateAuthority.write(
                    authority.sign(draft, key -> {
                        throw new IllegalStateException("the key needs no passphrase");
                    }),
                    file,
                    false);
        }
    }

    private static String name(int i) {
        return String.format(Locale.ROOT, "site%05d", i);
    }

    private static Prefix network(int i) {
        return Prefix.parse("10." + (64 + i / 256) + "." + i % 256 + ".0/24");
    }

    private String peer(int i) {
        return """

                [[peer]]
                name        = "%s"
                certificate = "../peers/%s.crt"
                endpoint    = "198.51.100.%d:%d"
                """.formatted(name(i), name(i), 100 + i % 100, 20_000 + i);
    }
}
