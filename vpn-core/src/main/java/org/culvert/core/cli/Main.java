package org.culvert.core.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where {@code bin/culvert} arrives. */
@Command(
        name = "culvert",
        description = "Links LANs: a network-layer VPN daemon and its tools.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            CaCommand.class,
            HostCommand.class,
            CertCommand.class,
            CheckCommand.class,
            RunCommand.class,
            UpCommand.class,
            DownCommand.class,
            StatusCommand.class,
            PingCommand.class,
            WhyCommand.class,
            DoctorCommand.class,
            TopCommand.class,
            CaptureCommand.class,
            ReloadCommand.class,
            ApplyCommand.class,
            ConfirmCommand.class,
            RevertCommand.class,
            DemoCommand.class,
            RehearseCommand.class,
            ManualCommand.class
        })
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return Failure.handledBy(new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "missing command");
    }

    /** The version Maven wrote into the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"culvert " + (version == null ? "(unpacked classes)" : version)};
        }
    }
}
