package org.culvert.core.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.culvert.core.config.ConfigException;
import org.culvert.core.control.socket.StatusHandler;
import org.culvert.core.status.StatusTree;
import org.culvert.core.status.TopText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert top}: what goes through, peer by peer, as it goes. */
@Command(
        name = "top",
        description =
                "Shows each peer's traffic as it changes, the busiest first; q ends it. Where the screen cannot be used it prints"
                        + " one table after the other.",
        mixinStandardHelpOptions = true)
final class TopCommand implements Callable<Integer> {
    @Option(
            names = "--interval",
            paramLabel = "TIME",
            description = "between two looks (default: 1s)",
            defaultValue = "1s")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private String interval;

    @Option(names = "--count", paramLabel = "N", description = "End after so many tables.")
    private @Nullable Long count;

    @ArgGroup
    private @Nullable ControlOptions daemon;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigException, IOException, InterruptedException {
        long intervalMs = Options.duration(interval).toMillis();
        if (intervalMs <= 0) {
            throw new IllegalArgumentException("--interval " + interval + " is no time at all");
        }
        Path socket = ControlOptions.socket(daemon);
        StatusTree before = status(socket); // without a daemon the screen stays as it is
        long beforeNs = System.nanoTime();
        try (Screen screen = Screen.open(spec.commandLine().getOut())) {
            Runtime.getRuntime().addShutdownHook(new Thread(screen::close, "screen"));
            for (long shown = 0; count == null || shown < count; shown++) {
                if (screen.pause(intervalMs)) {
                    return 0;
                }
                StatusTree now = status(socket);
                long nowNs = System.nanoTime();
                screen.show(TopText.of(before, now, (nowNs - beforeNs) / 1e9, screen.lines()));
                before = now;
                beforeNs = nowNs;
            }
        }
        return 0;
    }

    private static StatusTree status(Path socket) throws IOException {
        return StatusTree.parse(Asking.get(socket, StatusHandler.PATH).body());
    }
}
