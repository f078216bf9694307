package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Gateway;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The last release without epoch keys, live, against the one under test. It is built from the history, once, into target/old-release, or
 * taken from where {@code -Dlab.old=DIR} says. What CI runs each time in its place is OldReleaseTest.
 */
@Tag("nightly")
class OldReleaseLabTest extends TwoSiteLab {
    /** The last commit before control messages for epochs. */
    private static final String COMMIT = "b77dd05";

    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final Duration LONGEST_BUILD = Duration.ofMinutes(10);
    private static final Duration SOON = Duration.ofSeconds(20);

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "git", "tar"};
    }

    @Override
    void prepare() throws Exception {
        Path old = oldRelease();
        report(
                "old release: %s",
                Programs.run(List.of(old.toString(), "--version")).out().strip());
        birlinghoven = new Office(
                birlinghoven.site(),
                new Gateway(old.toString(), birlinghoven.gateway(), folder.resolve(birlinghoven.name())));
    }

    /** Its program. */
    private static Path oldRelease() throws IOException {
        String given = System.getProperty("lab.old", "");
        Path dist = given.isEmpty() ? builtFromHistory() : Path.of(given).toAbsolutePath();
        Path program = dist.resolve("bin/culvert");
        assertTrue(Files.isExecutable(program), program + " is not there");
        return program;
    }

    private static Path builtFromHistory() throws IOException {
        Path source = Path.of("target", "old-release", COMMIT).toAbsolutePath();
        Path dist = source.resolve("vpn-core/target/dist");
        if (!Files.exists(dist.resolve("bin/culvert"))) {
            Product.deleteTree(source);
            Files.createDirectories(source);
            Path tar = source.resolveSibling(COMMIT + ".tar");
            Finished archive = Programs.runIn(TOP, List.of("git", "archive", "-o", tar.toString(), COMMIT));
            assertEquals(0, archive.code(), archive.err() + "the history is needed: git fetch --unshallow");
            Programs.runIn(source, List.of("tar", "xf", tar.toString())).succeeded();
            Programs.runIn(source, List.of("./mvnw", "-B", "-q", "-DskipTests", "package"), LONGEST_BUILD)
                    .succeeded();
        }
        return dist;
    }

    @AfterEach
    void stop() throws Exception {
        tokyo.daemon().kill();
        birlinghoven.daemon().kill();
    }

    private void start(String mode) throws Exception {
        configureBoth();
        tokyo.reconfigure("[[peer]]\n", "[[peer]]\nforward-secrecy = \"" + mode + "\"\n");
        startBoth();
    }

    private String remark() throws IOException {
        return tokyo.peerStatus().path("keys").path("remark").asText("");
    }

    private void awaitNamed() throws Exception {
        Await.until("tokyo names the older release", SOON, () -> remark().contains("a release without epoch keys"));
        Await.until(
                "the log says it", SOON, () -> tokyo.daemon().said().contains("it runs a release without epoch keys"));
        Finished status = tokyo.daemon().ask("status");
        assertTrue(status.out().replaceAll("\\s+", " ").contains("it runs a release without epoch keys"), status.out());
    }

    @Test
    void offWorksBothWays() throws Exception {
        start("off");
        assertAllAnswered(tokyo.ping(birlinghoven, 20, "-i", "0.1"));
        assertAllAnswered(birlinghoven.ping(tokyo, 20, "-i", "0.1"));
        assertAllAnswered(birlinghoven.ping6(tokyo, 3));
        assertEquals("static", tokyo.peerStatus().path("keys").path("kind").asText());
        assertEquals("", remark());
        figures("off");
    }

    @Test
    void preferredWorksAndNamesIt() throws Exception {
        start("preferred");
        assertAllAnswered(tokyo.ping(birlinghoven, 20, "-i", "0.1"));
        assertAllAnswered(birlinghoven.ping(tokyo, 20, "-i", "0.1"));
        awaitNamed();
        assertEquals("static", tokyo.peerStatus().path("keys").path("kind").asText());
        figures("preferred");
    }

    @Test
    void requiredRefusesItAndNamesIt() throws Exception {
        start("required");
        assertEquals(0, birlinghoven.ping(tokyo, 5, "-i", "0.2", "-W", "1").received());
        assertEquals(0, tokyo.ping(birlinghoven, 5, "-i", "0.2", "-W", "1").received());
        awaitNamed();
        assertTrue(remark().contains("no packet passes"), remark());
        assertTrue(
                tokyo.status().dropped("no_forward_secrecy") >= 5,
                tokyo.status().toString());
        assertEquals(0, tokyo.status().sentPackets(), "nothing leaves under static keys");
        figures("required");
    }

    private void figures(String mode) throws Exception {
        Status here = tokyo.status();
        Status there = birlinghoven.status();
        report(
                "old against new, %s: new sent %d, received %d, dropped %s; old sent %d, received %d, dropped %s; \"%s\"",
                mode,
                here.sentPackets(),
                here.receivedPackets(),
                some(here),
                there.sentPackets(),
                there.receivedPackets(),
                some(there),
                remark());
    }

    private static String some(Status status) {
        return status.drops().entrySet().stream()
                .filter(drop -> drop.getValue() != 0)
                .toList()
                .toString();
    }
}
