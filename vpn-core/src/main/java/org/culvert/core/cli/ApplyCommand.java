package org.culvert.core.cli;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.culvert.core.config.ConfigException;
import org.culvert.core.control.socket.ControlClient;
import org.culvert.core.control.socket.Reply;
import org.culvert.core.daemon.TrialHandler;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert apply FILE --confirm 60s}: tries a configuration, and the daemon goes back by itself unless it is confirmed. */
@Command(
        name = "apply",
        description = {
            "Has the running daemon try another configuration. Unless `culvert confirm` follows within the time given, it goes back"
                    + " by itself, also when this terminal is gone; `culvert revert` goes back at once.",
            "FILE is read as if it stood where the daemon's configuration stands; nothing is written before it is confirmed."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the daemon runs with it now, on trial",
            "2:refused, with file, line, cause and hint: nothing has changed",
            "3:no daemon runs there, you may not ask it, or the system refused: nothing has changed"
        })
final class ApplyCommand implements Callable<Integer> {
    private static final Pattern TIME = Pattern.compile("([1-9][0-9]{0,4})(s|min)");

    @Parameters(paramLabel = "FILE", description = "The configuration to try.")
    @SuppressWarnings("NullAway.Init") // required
    private Path file;

    @Option(
            names = "--confirm",
            paramLabel = "TIME",
            required = true,
            description = "How long to wait for `culvert confirm`: 60s, 5min; at most an hour.")
    @SuppressWarnings("NullAway.Init") // required
    private String time;

    @ArgGroup
    private @Nullable ControlOptions daemon;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigException, IOException {
        int seconds = seconds();
        Path socket = ControlOptions.socket(daemon);
        String name = URLEncoder.encode(String.valueOf(file.getFileName()), StandardCharsets.UTF_8);
        Reply reply = new ControlClient(socket, Changed.TIME_LIMIT)
                .ask("POST", TrialHandler.APPLY + "?seconds=" + seconds + "&name=" + name, Files.readString(file));
        return Changed.show(spec, socket, reply, "on trial for " + seconds + " s; keep it with: culvert confirm");
    }

    private int seconds() {
        Matcher matcher = TIME.matcher(time);
        int seconds = matcher.matches()
                ? Integer.parseInt(matcher.group(1)) * (matcher.group(2).equals("s") ? 1 : 60)
                : 0;
        if (seconds < 1 || seconds > TrialHandler.LONGEST_SECONDS) {
            throw new IllegalArgumentException("--confirm " + time + ": write a time of up to an hour, as 60s or 5min");
        }
        return seconds;
    }
}
