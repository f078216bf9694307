package org.culvert.core.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.culvert.core.config.ConfigException;
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
    @ArgGroup
    private @Nullable ControlOptions daemon;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigException, IOException {
        return Changed.ask(spec, daemon, ReloadHandler.PATH, "reloaded");
    }
}
