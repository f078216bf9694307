package org.culvert.core.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.culvert.core.config.ConfigException;
import org.culvert.core.config.ConfigFile;
import org.culvert.core.config.Finding;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.daemon.Credentials;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert check}: all that can be known without touching the system. */
@Command(
        name = "check",
        description =
                "Validates a configuration with its keys and certificates; changes nothing. Exit code 0: good, 2: not.",
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    @Option(names = "--config", required = true, paramLabel = "FILE", description = "the configuration")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private Path file;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigException {
        GatewayConfig config = ConfigFile.load(file);
        Credentials credentials = Credentials.load(config);
        List<Finding> findings = credentials.findingsAt(Instant.now());
        if (!findings.isEmpty()) {
            throw new ConfigException(findings);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(file + ": good");
        new ConfigSummary(config).lines().forEach(line -> out.println("  " + line));
        credentials
                .toBeFetched()
                .forEach(peer -> out.println("  peer " + peer + ": no certificate yet; the daemon will ask for it"));
        out.flush();
        PrintWriter err = spec.commandLine().getErr();
        credentials.warnings().forEach(warning -> err.println("culvert: warning: " + warning));
        err.flush();
        return 0;
    }
}
