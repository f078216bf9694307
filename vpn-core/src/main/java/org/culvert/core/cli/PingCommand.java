package org.culvert.core.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.culvert.core.config.ConfigException;
import org.culvert.core.control.socket.ControlClient;
import org.culvert.core.daemon.PingHandler;
import org.culvert.core.ping.PingEvent;
import org.culvert.core.ping.PingSummary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert ping}: which hop of the way answers. */
@Command(
        name = "ping",
        description = {
            "Asks a peer by an echo in the tunnel, or the host at ADDRESS and the gateways before it, and says which of them answer.",
            "  culvert ping birlinghoven",
            "  culvert ping 10.2.0.12"
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:what was asked for has answered at least once",
            "1:it has not",
            "2:wrong use or configuration",
            "3:no daemon runs there, it does not answer, or you may not ask it"
        })
final class PingCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "PEER|ADDRESS", description = "name of a peer, or an address")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private String target;

    @Option(
            names = {"-c", "--count"},
            paramLabel = "N",
            description = "Ask so many times (default: " + PingHandler.DEFAULT_COUNT + ").")
    private @Nullable Long count;

    @Option(
            names = {"-i", "--interval"},
            paramLabel = "SECONDS",
            description = "Between two questions, 0.02 to 3600 (default: 1).",
            defaultValue = "1")
    private double intervalSeconds;

    @Option(names = "--json", description = "For programs: a line for each event, schema culvert.ping/1, stable.")
    private boolean json;

    @ArgGroup
    private @Nullable ControlOptions daemon;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final PingSummary summary = new PingSummary();
    private final AtomicBoolean summedUp = new AtomicBoolean();

    @Override
    public Integer call() throws ConfigException, IOException {
        Path socket = ControlOptions.socket(daemon);
        String query = "?target=" + URLEncoder.encode(target, StandardCharsets.UTF_8) + "&interval_ms="
                + Math.round(1_000 * intervalSeconds) + (count == null ? "" : "&count=" + count);
        new ControlClient(socket, Asking.TIME_LIMIT).stream(PingHandler.PATH + query, this::follow);
        sumUp();
        return summary.reached() ? 0 : Failure.NO;
    }

    private void follow(InputStream events) throws IOException {
        // Also when interrupted, as everybody is used to from ping.
        Runtime.getRuntime().addShutdownHook(new Thread(this::sumUp, "summary"));
        PrintWriter out = spec.commandLine().getOut();
        var lines = new BufferedReader(new InputStreamReader(events, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String text;
            synchronized (summary) {
                text = summary.add(PingEvent.parse(line));
            }
            if (json || !text.isEmpty()) {
                out.println(json ? line : text);
                out.flush();
            }
        }
    }

    private void sumUp() {
        if (!summedUp.compareAndSet(false, true)) {
            return;
        }
        PrintWriter out = spec.commandLine().getOut();
        synchronized (summary) {
            out.println(json ? summary.json() : String.join(System.lineSeparator(), summary.lines()));
        }
        out.flush();
    }
}
