package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.culvert.core.demo.Await;
import org.junit.jupiter.api.Test;

/** A running gateway tells programs what happens to it, and does not wait for them. */
class HooksLabTest extends TwoSiteLab {
    private static final Duration SOON = Duration.ofSeconds(40);

    private Path told;

    @Override
    void prepare() throws Exception {
        configureBoth();
        told = folder.resolve("told");
        Path tell = program("tell", """
                #!/bin/sh
                echo "$CULVERT_EVENT $CULVERT_TUN $CULVERT_PEER $CULVERT_NETWORKS $CULVERT_ENDPOINT $*" >> %s
                echo "because: $CULVERT_REASON"
                """.formatted(told));
        Path hang = program("hang", "#!/bin/sh\nsleep 600\n");
        Files.writeString(tokyo.daemon().config(), """

                [hooks]
                up        = ["%2$s"]
                down      = ["%1$s"]
                peer-up   = ["%1$s", "$(id) `id`; id", "* ~"]
                peer-down = ["%1$s"]
                """.formatted(tell, hang), StandardOpenOption.APPEND);
        startBoth();
    }

    private Path program(String name, String text) throws IOException {
        Path program = Files.writeString(folder.resolve(name), text);
        return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** All in one: a hook that hangs has its ten seconds, and what happens meanwhile waits behind it, packets excepted. */
    @Test
    void tellsInOrderThoughAProgramHangs() throws Exception {
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        birlinghoven.daemon().kill();
        assertEquals(0, tokyo.ping(birlinghoven, 1, "-W", "1").received());

        tokyo.daemon().awaitLog("hook up: " + folder.resolve("hang") + " killed, it took more than 10 s");
        awaitTold(2);
        birlinghoven.daemon().start().awaitReady();
        awaitTold(3);
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        assertEquals(0, tokyo.daemon().stop());

        String peer = " culvert0 birlinghoven 10.2.0.0/24 fd00:2::/64 198.51.100.2:1640 ";
        assertEquals(
                List.of(
                        "peer-up" + peer + "$(id) `id`; id * ~",
                        "peer-down" + peer,
                        "peer-up" + peer + "$(id) `id`; id * ~",
                        "down culvert0    "),
                Files.readAllLines(told));
        String log = tokyo.daemon().said();
        assertTrue(log.contains("hook peer-down: because: not heard for "), log);
    }

    private void awaitTold(int lines) throws Exception {
        Await.until(
                lines + " events in " + told,
                SOON,
                () -> Files.exists(told) && Files.readAllLines(told).size() == lines);
    }
}
