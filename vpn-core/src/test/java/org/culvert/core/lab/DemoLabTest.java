package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code culvert demo}: its verdict, its exit codes, and that it removes everything, also when it is ended. */
@Tag("lab")
class DemoLabTest {
    private static final Path TMP = Path.of("/tmp");
    private static final Pattern MAKER = Pattern.compile("cv\\D?(\\d+)");

    @BeforeAll
    static void machine() throws IOException {
        LabMachine.require("setpriv/util-linux", "ping/iputils-ping");
    }

    @Test
    void showsThatAllHoldsAndLeavesNothing() throws Exception {
        List<String> before = traces();

        Finished demo = Programs.run(List.of(Product.CULVERT, "demo"));

        assertEquals(0, demo.code(), demo.out() + demo.err());
        assertEquals("", demo.err());
        assertTrue(demo.out().contains("All of it held."), demo.out());
        assertTrue(demo.out().contains("on the internet 0 of "), demo.out());
        assertFalse(demo.out().contains("FAIL"), demo.out());
        assertEquals(before, traces());
    }

    @Test
    void keepsItUpWhenToldAndRemovesItLater() throws Exception {
        List<String> before = traces();

        Finished demo = Programs.run(List.of(Product.CULVERT, "demo", "--keep"));

        Matcher remove = Pattern.compile("demo --remove (cv\\d+)").matcher(demo.out());
        assertTrue(remove.find(), demo.out());
        String id = remove.group(1);
        try {
            assertEquals(0, demo.code(), demo.out());
            Finished ping = Programs.run(
                    List.of("ip", "netns", "exec", id + "-tokyo-lan", "ping", "-c", "3", "-i", "0.01", "10.2.0.12"));
            assertEquals(0, ping.code(), ping.out());
        } finally {
            Programs.run(List.of(Product.CULVERT, "demo", "--remove", id)).succeeded();
        }
        assertEquals(before, traces());
    }

    @Test
    void leavesNothingWhenItIsEnded() throws Exception {
        List<String> before = traces();
        Path out = Path.of("target/lab-demo-ended").toAbsolutePath();
        Process demo = new ProcessBuilder(Product.CULVERT, "demo")
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        Await.until(
                "the daemons are started",
                Duration.ofSeconds(30),
                () -> Files.readString(out).contains("culvert run")
                        || Files.readString(out).contains(" run --config"));

        demo.destroy();

        assertTrue(demo.waitFor(20, java.util.concurrent.TimeUnit.SECONDS));
        assertEquals(before, traces());
    }

    @Test
    void refusesWrongUseWithTwo() throws Exception {
        assertEquals(2, Programs.run(List.of(Product.CULVERT, "demo", "--kep")).code());
        assertEquals(
                2,
                Programs.run(List.of(Product.CULVERT, "demo", "--remove", "../etc"))
                        .code());
        assertEquals(
                2,
                Programs.run(List.of(Product.CULVERT, "demo", "--keep", "--remove", "cv1"))
                        .code());
    }

    /** The capability only lets nobody read the product wherever the checkout lies. */
    @Test
    void saysWhoMayRunIt() throws Exception {
        String read = "dac_read_search";
        Finished demo = Programs.run(List.of(
                "setpriv",
                "--reuid=65534",
                "--clear-groups",
                "--inh-caps=-all,+" + read,
                "--ambient-caps=-all,+" + read,
                Product.CULVERT,
                "demo"));

        assertEquals(3, demo.code(), demo.out() + demo.err());
        assertTrue(demo.err().contains("not root"), demo.err());
        assertEquals("", demo.out());
    }

    /** Namespaces and folders of demos that have ended; other tests may run beside this one. */
    private static List<String> traces() throws IOException {
        Path namespaces = Path.of("/run/netns");
        try (Stream<Path> tmp = Files.list(TMP);
                Stream<Path> netns = Files.exists(namespaces) ? Files.list(namespaces) : Stream.of()) {
            return Stream.concat(
                            tmp.filter(path -> path.getFileName().toString().startsWith("culvert-demo-")),
                            netns.filter(path -> path.getFileName().toString().startsWith("cv")))
                    .map(Path::toString)
                    .filter(DemoLabTest::makerEnded)
                    .sorted()
                    .toList();
        }
    }

    private static boolean makerEnded(String trace) {
        Matcher maker = MAKER.matcher(trace);
        return !maker.find() || ProcessHandle.of(Long.parseLong(maker.group(1))).isEmpty();
    }
}
