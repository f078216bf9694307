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
            CaShowCommand.class,
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

        /** What opens the CA's first key, or where a new one is asked for. */
        Path keyFile() {
            return dir.resolve("ca.key");
        }
    }

    /** How long a certificate of the CA itself is valid. */
    static final class Life {
        @Option(
                names = "--days",
                paramLabel = "N",
                defaultValue = "3650",
                description = "Valid for so long from now (${DEFAULT-VALUE}).")
        private int days;

        int days() {
            Options.atLeastOneDay(days);
            return days;
        }
    }
}
