package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.culvert.core.config.ConfigException;
import org.culvert.core.config.ConfigFile;
import org.culvert.core.daemon.LastingTunnel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert down}: removes what outlives the daemon. */
@Command(
        name = "down",
        description = {
            "Removes the TUN and every route that `up`, or a daemon that was killed, left.",
            "From then on packets to the peers' networks take whatever way this host has for them, in clear."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:nothing of it is there any more",
            "2:wrong use or configuration",
            "3:a daemon runs with it, or the system refused"
        })
final class DownCommand implements Callable<Integer> {
    @Option(names = "--config", required = true, paramLabel = "FILE", description = "the configuration")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private Path file;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigException, IOException {
        PrintWriter out = spec.commandLine().getOut();
        out.println(LastingTunnel.down(ConfigFile.load(file)));
        out.flush();
        return 0;
    }
}
