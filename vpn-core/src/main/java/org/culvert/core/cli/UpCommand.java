package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.culvert.core.config.ConfigException;
import org.culvert.core.config.ConfigFile;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.daemon.LastingTunnel;
import org.culvert.tun.ProcessGuard;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert up}: makes what outlives the daemon. */
@Command(
        name = "up",
        description = {
            "Makes the persistent TUN and the routes to the peers' networks, and closes these networks to every other way.",
            "Needs [tun] persistent = true. May be run again at any time; `culvert down` removes it all."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:all of it is there",
            "2:wrong use or configuration; nothing was touched",
            "3:the system refused"
        })
final class UpCommand implements Callable<Integer> {
    @Option(names = "--config", required = true, paramLabel = "FILE", description = "the configuration")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private Path file;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "who the daemon runs as, and so may open the TUN; default: the owner of the host key")
    private @Nullable String user;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigException, IOException {
        GatewayConfig config = ConfigFile.load(file);
        PrintWriter out = spec.commandLine().getOut();
        LastingTunnel.up(config, () -> userId(config)).forEach(out::println);
        out.flush();
        return 0;
    }

    private int userId(GatewayConfig config) throws IOException {
        if (user == null) {
            return (Integer) Files.getAttribute(config.keys().getFirst(), "unix:uid");
        }
        return ProcessGuard.userId(user)
                .orElseThrow(() -> new IllegalArgumentException("--user: there is no user `" + user + "`"));
    }
}
