package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.junit.jupiter.api.Test;

/** {@code culvert top} on a terminal, which is tmux, and without one. */
class TopLabTest extends TwoSiteLab {
    private static final Duration LONGEST = Duration.ofSeconds(20);

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "tmux"};
    }

    @Test
    void showsTrafficLiveAndEndsWithQ() throws Exception {
        tmux(
                        "new-session",
                        "-d",
                        "-x",
                        "110",
                        "-y",
                        "20",
                        "sh",
                        "-c",
                        "TERM=screen " + top() + "; echo ended with $?; sleep 100")
                .succeeded();
        Await.until("the table", LONGEST, () -> screen().contains("birlinghoven         up"));
        Await.until("traffic in the table", LONGEST, () -> {
            assertAllAnswered(tokyo.ping(birlinghoven, 20, "-i", "0.01"));
            return screen().lines()
                    .anyMatch(line -> line.matches("birlinghoven +up +[0-9.]+ k?b/s +[0-9.]+ k?b/s +[1-9].*"));
        });
        tmux("send-keys", "q").succeeded();
        Await.until("the end", LONGEST, () -> screen().contains("ended with 0"));
        assertTrue(
                screen().lines().noneMatch(line -> line.contains("birlinghoven")),
                "the screen is given back: " + screen());
        tmux("kill-server");
    }

    @Test
    void printsTablesWhereThereIsNoTerminal() throws Exception {
        Finished top =
                tokyo.daemon().ask("top", "--count", "2", "--interval", "1s").succeeded();
        assertEquals(
                2, top.out().lines().filter(line -> line.startsWith("PEER ")).count(), top.out());
        assertEquals(
                2,
                top.out()
                        .lines()
                        .filter(line -> line.startsWith("birlinghoven "))
                        .count(),
                top.out());
        assertTrue(top.out().chars().noneMatch(c -> c == 0x1b), "no escape sequence into a pipe");
    }

    @Test
    void dumbTerminalGetsTablesOneBelowTheOther() throws Exception {
        tmux("new-session", "-d", "-x", "110", "-y", "30", "sh", "-c", "TERM=dumb " + top() + " --count 2; sleep 100")
                .succeeded();
        Await.until(
                "two tables",
                LONGEST,
                () -> screen().lines().filter(line -> line.startsWith("PEER ")).count() == 2);
        tmux("kill-server");
    }

    private String top() {
        return Product.CULVERT + " top --config " + tokyo.daemon().config();
    }

    private Finished tmux(String... words) throws Exception {
        Path socket = Path.of("/tmp", sites.prefix() + "-tmux");
        List<String> command = new ArrayList<>(List.of("tmux", "-S", socket.toString(), "-f", "/dev/null"));
        command.addAll(List.of(words));
        return tokyo.gateway().run(command);
    }

    private String screen() throws Exception {
        return tmux("capture-pane", "-p").out();
    }
}
