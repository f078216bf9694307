package org.culvert.core.cli;

import java.nio.file.Path;
import org.culvert.core.config.ConfigException;
import org.culvert.core.config.ConfigFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which daemon a command talks to: {@code --config} or {@code --control}, or neither for the only one of a host. */
final class ControlOptions {
    @Option(names = "--config", paramLabel = "FILE", description = "The daemon that runs with this configuration.")
    private @Nullable Path config;

    @Option(
            names = "--control",
            paramLabel = "SOCKET",
            description = "The daemon with this control socket (default: /run/culvert/culvert.sock).")
    private @Nullable Path control;

    /** The control socket that is meant; {@code options} is null when neither was given. */
    static Path socket(@Nullable ControlOptions options) throws ConfigException {
        if (options != null && options.control != null) {
            return options.control;
        }
        return options != null && options.config != null
                ? ConfigFile.control(options.config)
                : ConfigFile.DEFAULT_CONTROL;
    }
}
