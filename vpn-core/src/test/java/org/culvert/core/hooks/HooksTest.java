package org.culvert.core.hooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.culvert.core.config.HooksConfig;
import org.culvert.core.demo.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class HooksTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private final Logger logger = (Logger) LoggerFactory.getLogger("org.culvert.core.hooks");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.list = new CopyOnWriteArrayList<>(); // written by two threads while we look
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
    }

    @Test
    void tellsAProgramByItsEnvironmentAndNothingElse() throws Exception {
        Hooks hooks = hooks(LONG);
        hooks.run(
                "peer-up",
                sh(
                        "printf '%s|' \"$@\" > " + folder + "/arguments; env > " + folder + "/new; mv " + folder
                                + "/new " + folder + "/environment",
                        "a b",
                        "$(id)",
                        "a b"),
                Map.of("CULVERT_PEER", "osaka"));
        Await.until("the program ran", SOON, () -> Files.exists(folder.resolve("environment")));

        assertEquals("a b|$(id)|a b|", Files.readString(folder.resolve("arguments")));
        List<String> environment = Files.readAllLines(folder.resolve("environment")).stream()
                .filter(line -> !line.matches("(PWD|_|SHLVL|OLDPWD)=.*"))
                .sorted()
                .toList();
        assertEquals(
                List.of(
                        "CULVERT_EVENT=peer-up",
                        "CULVERT_PEER=osaka",
                        "CULVERT_TUN=culvert7",
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
                environment);
        hooks.close();
    }

    /** With the one it started, which would hold its output open. */
    @Test
    void killsAProgramThatHangs() throws Exception {
        Hooks hooks = hooks(Duration.ofSeconds(2)); // enough to write the child's number
        hooks.run("up", sh("sleep 600 & echo $! > " + folder + "/child; sleep 600"), Map.of());
        awaitLog("hook up: /bin/sh killed, it took more than 2 s");

        long child = Long.parseLong(Files.readString(folder.resolve("child")).strip());
        Await.until(
                "the child is gone",
                SOON,
                () -> ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
        hooks.run("up", sh("echo next"), Map.of());
        awaitLog("hook up: next");
        hooks.close();
    }

    @Test
    void logsWhatAProgramSaysAndThatItFailed() throws Exception {
        Hooks hooks = hooks(LONG);
        hooks.run("peer-up", sh("echo one; echo two >&2; printf three; exit 7"), Map.of());
        awaitLog("hook peer-up: /bin/sh failed with exit code 7");
        awaitLog("hook peer-up: three");
        awaitLog("hook peer-up: two");
        hooks.run("peer-up", List.of("/nonexistent/program"), Map.of());
        awaitLog("hook peer-up: /nonexistent/program did not start");
        hooks.close();
    }

    @Test
    void cutsALineThatDoesNotEnd() throws Exception {
        Hooks hooks = hooks(LONG);
        hooks.run("up", sh("head -c 1000000 /dev/zero | tr '\\0' x; echo; echo end"), Map.of());
        awaitLog("hook up: end");
        assertTrue(said().stream().allMatch(line -> line.length() < 2_100));
        hooks.close();
    }

    /** A reason may quote a stranger's certificate. */
    @Test
    void escapesHostileValues() throws Exception {
        Hooks hooks = hooks(LONG);
        hooks.run(
                "peer-down",
                sh("printf %s \"$CULVERT_REASON\" > " + folder + "/new; mv " + folder + "/new " + folder + "/reason"),
                Map.of("CULVERT_REASON", "evil\nLD_PRELOAD=x\u001b[2J\0\u202e"));
        Await.until("the program ran", SOON, () -> Files.exists(folder.resolve("reason")));
        assertEquals("evil\\nLD_PRELOAD=x\\u{1b}[2J\\u{0}\\u{202e}", Files.readString(folder.resolve("reason")));
        hooks.close();
    }

    @Test
    void leavesOutWhatWouldWaitTooLong() throws Exception {
        Hooks hooks = hooks(LONG);
        Path gate = folder.resolve("started");
        hooks.run("up", sh("touch " + gate + "; sleep 600"), Map.of());
        Await.until("the first runs", SOON, () -> Files.exists(gate));
        for (int i = 0; i <= Hooks.QUEUE; i++) {
            hooks.run("peer-up", sh("true"), Map.of());
        }
        awaitLog("hook peer-up was left out: 64 wait already");
        hooks.close();
    }

    @Test
    void runsTheLastOneBeforeItEnds() throws Exception {
        Path ran = folder.resolve("ran");
        HooksConfig config = new HooksConfig(List.of(), sh("touch " + ran + "; sleep 600"), List.of(), List.of());
        Hooks hooks = new Hooks(() -> config, "culvert7", LONG);

        hooks.close();

        assertTrue(Files.exists(ran));
        assertFalse(said().isEmpty());
        assertTrue(said().getFirst().startsWith("hook down: /bin/sh killed, it took more than 1 s"), said().toString());
    }

    private static Hooks hooks(Duration limit) {
        return new Hooks(() -> HooksConfig.NONE, "culvert7", limit);
    }

    private static List<String> sh(String script, String... arguments) {
        return Stream.concat(Stream.of("/bin/sh", "-c", script, "hook"), Stream.of(arguments))
                .toList();
    }

    private void awaitLog(String start) throws Exception {
        Await.until(start, SOON, () -> said().stream().anyMatch(line -> line.startsWith(start)));
    }

    private List<String> said() {
        return List.copyOf(log.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }
}
