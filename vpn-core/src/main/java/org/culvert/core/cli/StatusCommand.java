package org.culvert.core.cli;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.culvert.core.config.ConfigException;
import org.culvert.core.control.socket.Reply;
import org.culvert.core.control.socket.StatusHandler;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert status}: what the running daemon says about itself. */
@Command(
        name = "status",
        description = "Shows the gateway and its peers as the running daemon sees them.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the daemon answered; with PEER: and that peer is up",
            "1:that peer is down",
            "2:wrong use or configuration, no such peer",
            "3:no daemon runs there, it does not answer, or you may not ask it"
        })
final class StatusCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "PEER", description = "This peer only.")
    private @Nullable String peer;

    @Option(names = "--json", description = "For programs: schema culvert.status/1, stable.")
    private boolean json;

    @ArgGroup
    private @Nullable ControlOptions daemon;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigException, IOException {
        Path socket = ControlOptions.socket(daemon);
        String target = StatusHandler.PATH + "?format=" + (json ? "json" : "text")
                + (peer == null ? "" : "&peer=" + URLEncoder.encode(peer, StandardCharsets.UTF_8));
        Reply reply = Asking.get(socket, target);
        Asking.print(spec, reply);
        return reply.header(StatusHandler.STATE_HEADER).filter("down"::equals).isPresent() ? Failure.NO : 0;
    }
}
