package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.culvert.core.config.ConfigFile;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.daemon.Daemon;
import org.culvert.core.demo.Await;
import org.junit.jupiter.api.Test;

/** The daemon inside this very process, on a thread in tokyo's namespace: what a start opens, a stop closes. */
class DaemonCyclesLabTest extends TwoSiteLab {
    private static final int CYCLES = 20;
    private static final Duration SOON =
            Duration.ofSeconds(5); // Netty's shared thread ends after a second without work

    @Override
    void prepare() throws Exception {
        configureBoth();
        birlinghoven.daemon().start().awaitReady();
    }

    @Test
    void twentyStartsAndStopsLeaveNoInterfaceRouteThreadOrDescriptor() throws Exception {
        GatewayConfig config = ConfigFile.load(tokyo.daemon().config());
        String network = tokyo.network();
        cycle(config); // classes and libraries that stay
        List<String> descriptors = descriptors();
        Set<Thread> threads = threads();
        long startNs = System.nanoTime();

        for (int i = 0; i < CYCLES; i++) {
            cycle(config);
        }

        report("start, ping, stop: %d ms each", (System.nanoTime() - startNs) / 1_000_000 / CYCLES);
        assertEquals(network, tokyo.network());
        assertEquals(descriptors, descriptors());
        Await.until("no thread left of " + threads() + " but " + threads, SOON, () -> threads.containsAll(threads()));
    }

    private void cycle(GatewayConfig config) throws Exception {
        try (Daemon daemon = tokyo.gateway().inside(() -> Daemon.start(config))) {
            awaitReached();
            daemon.stop();
            assertEquals(0, daemon.await());
        }
    }

    /** What each open descriptor leads to, without the numbers that change with every opening. */
    private static List<String> descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.map(DaemonCyclesLabTest::target).sorted().toList();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().replaceAll("\\d+", "N");
        } catch (IOException e) {
            return "/proc/N/fd"; // the one that lists them
        }
    }

    /** All but those of the JVM that come and go with the programs a test calls. */
    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("process reaper"))
                .collect(Collectors.toSet());
    }
}
