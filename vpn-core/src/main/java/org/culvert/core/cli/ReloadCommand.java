package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.culvert.core.config.ConfigException;
import org.culvert.core.control.socket.ControlClient;
import org.culvert.core.control.socket.Reply;
import org.culvert.core.daemon.ReloadHandler;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code culvert reload}: the running daemon takes up what its files say now. */
@Command(
        name = "reload",
        description =
                "Has the running daemon read its configuration, keys, certificates and revocation list anew. All is validated"
                        + " first; peers that did not change lose nothing.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:reloaded; warnings name certificates that are not good now",
            "2:refused, with file, line, cause and hint: nothing has changed",
            "3:no daemon runs there, you may not ask it, or the system refused: nothing has changed"
        })
final class ReloadCommand implements Callable<Integer> {
    /** The daemon answers within 9 s or says that it is busy. */
    static final Duration TIME_LIMIT = Duration.ofSeconds(12);

    @ArgGroup
    private @Nullable ControlOptions daemon;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigException, IOException {
        Path socket = ControlOptions.socket(daemon);
        Reply reply = new ControlClient(socket, TIME_LIMIT).ask("POST", ReloadHandler.PATH);
        int code = Changed.show(spec, socket, reply);
        if (code == 0) {
            PrintWriter out = spec.commandLine().getOut();
            out.println("reloaded");
            out.flush();
        }
        return code;
    }
}
