package org.culvert.core.cli;

import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code culvert ca}: what is done where the CA's key is. */
@Command(
        name = "ca",
        description = "Runs a certificate authority in a folder.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            CaInitCommand.class,
            CaSignCommand.class,
            CaListCommand.class,
            CaRevokeCommand.class,
            CaCrlCommand.class,
            CaRenewCommand.class,
            CaRotateCommand.class,
            CaRetireCommand.class,
            CaLogCommand.class
        })
final class CaCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "missing command");
    }

    /** The folder that all of these work in. */
    static final class Folder {
        @Option(names = "--dir", paramLabel = "DIR", required = true, description = "The CA's folder.")
        @SuppressWarnings("NullAway.Init") // required
        Path dir;
    }
}
