package org.culvert.core.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.culvert.core.config.ConfigException;
import org.culvert.core.daemon.TrialHandler;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code culvert revert}: ends a trial at once. */
@Command(
        name = "revert",
        description = "Goes back from the configuration that `culvert apply` put on trial to the one before, now.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:the configuration before runs again",
            "2:nothing is on trial",
            "3:no daemon runs there, or you may not ask it"
        })
final class RevertCommand implements Callable<Integer> {
    @ArgGroup
    private @Nullable ControlOptions daemon;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigException, IOException {
        return Changed.ask(spec, daemon, TrialHandler.REVERT, "reverted");
    }
}
