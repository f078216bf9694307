package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Frames;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A peer that may be at several places, of which the first has a name: found at a lesser place when nobody is at the first, taken to the first
 * when it is there, found again when that fails, and followed when the name has another address. The second place has a name, too, that no name server ever answers for.
 */
@Tag("nightly")
class PlacesLabTest extends TwoSiteLab {
    private static final String LESSER = "198.51.100.2";
    private static final String FIRST = "198.51.100.3";
    private static final String NEXT = "198.51.100.4";
    private static final String NAME_SERVER = "203.0.113.53";
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private Path etc;

    @Override
    void prepare() throws Exception {
        etc = Path.of("/etc/netns", tokyo.gateway().name()); // ip netns exec puts it over /etc
        Files.createDirectories(etc);
        Files.writeString(etc.resolve("resolv.conf"), "nameserver " + NAME_SERVER + "\n");
        Files.writeString(etc.resolve("nsswitch.conf"), "hosts: files dns\n");
        nameIsAt(FIRST);
        sites.wan().ip("route add blackhole " + NAME_SERVER);
        configureBoth();
        birlinghoven.reconfigure("endpoint    = \"192.0.2.2:1640\"\n", ""); // it waits to be found
        tokyo.reconfigure(
                "\"" + LESSER + ":1640\"", "[\"gw.example:1640\", \"hangs.example:1640\", \"" + LESSER + ":1640\"]");
    }

    private void nameIsAt(String address) throws IOException {
        Files.writeString(etc.resolve("hosts"), address + " gw.example\n");
    }

    @AfterAll
    void removeNames() throws IOException {
        if (etc != null) {
            Product.deleteTree(etc);
        }
    }

    @Test
    void peerIsFoundAtItsPlacesAndTakenToTheBestOne() throws Exception {
        InetAddress nameServer = InetAddress.getByName(NAME_SERVER);
        try (Capture capture = Capture.start(sites.wan(), "tokyo")) {
            startBoth();
            report("at a lesser place, the first being dead, after %d ms", millisUntilAt(LESSER));
            assertAllAnswered(birlinghoven.ping(tokyo, 3));
            capture.await(1, frame -> Frames.touches(frame, nameServer, 32));
        }

        Traffic both = new Traffic();
        birlinghoven.gateway().ip("address add " + FIRST + "/24 dev wan0");
        report("back at its first place after %d ms", millisUntilAt(FIRST));
        both.assertNothingLost();
        assertEquals(FIRST + ":1640", tokyo.status().endpoint(), "it stays there");

        sites.wan().ip("""
                route add blackhole %s
                rule add from %s blackhole
                """.formatted(FIRST, FIRST));
        nameIsAt(NEXT); // where nobody is yet
        report("at the lesser place after %d ms", millisUntilAt(LESSER));
        assertAllAnswered(tokyo.ping(birlinghoven, 3));

        birlinghoven.gateway().ip("address add " + NEXT + "/24 dev wan0");
        report("its name followed to another address after %d ms", millisUntilAt(NEXT));
        assertAllAnswered(birlinghoven.ping(tokyo, 3));
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        assertTrue(
                tokyo.daemon().said().contains("gw.example is at [" + NEXT + ":1640] now"),
                tokyo.daemon().said());
    }

    /** Both sides send all the time, each where it last heard the other: that must not lead them back. */
    private final class Traffic {
        private final FutureTask<Pings> there = start(() -> steadily(tokyo, birlinghoven));
        private final FutureTask<Pings> back = start(() -> steadily(birlinghoven, tokyo));

        private static Pings steadily(Office from, Office to) throws IOException {
            return Pings.steadily(from.host(), to.site().host4(), 300, 20);
        }

        private static FutureTask<Pings> start(Callable<Pings> pings) {
            var task = new FutureTask<>(pings);
            Thread.ofPlatform().daemon().start(task);
            return task;
        }

        void assertNothingLost() throws Exception {
            assertAllAnswered(there.get());
            assertAllAnswered(back.get());
        }
    }

    private long millisUntilAt(String address) throws Exception {
        long began = System.nanoTime();
        Await.until(
                "tokyo finds birlinghoven at " + address,
                LONGEST,
                () -> (address + ":1640").equals(tokyo.status().endpoint()));
        return (System.nanoTime() - began) / 1_000_000;
    }
}
