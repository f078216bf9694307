package org.culvert.core.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import org.culvert.core.config.ConfigException;
import org.culvert.core.control.socket.ControlClient;
import org.culvert.core.control.socket.Reply;
import org.culvert.core.daemon.TrialHandler;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code culvert confirm}: what is on trial stays, and becomes the daemon's configuration file. */
@Command(
        name = "confirm",
        description =
                "Keeps the configuration that `culvert apply` put on trial: it takes the place of the daemon's file, whose former"
                        + " text is kept beside it with .before.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:confirmed and written",
            "2:nothing is on trial, perhaps since its time is over",
            "3:no daemon runs there, you may not ask it, or the file cannot be written"
        })
final class ConfirmCommand implements Callable<Integer> {
    @ArgGroup
    private @Nullable ControlOptions daemon;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigException, IOException {
        Path socket = ControlOptions.socket(daemon);
        Reply reply = new ControlClient(socket, Changed.TIME_LIMIT).ask("POST", TrialHandler.CONFIRM);
        if (!reply.isGood()) {
            return Changed.refused(spec, socket, reply);
        }
        Path file = Path.of(reply.header(TrialHandler.FILE_HEADER)
                .orElseThrow(() -> new IOException(socket + ": the daemon does not say where its configuration is")));
        replace(file, reply.body());
        Changed.print(spec, "confirmed; written to " + file);
        return 0;
    }

    /** Owner and mode stay those of the file; a crash leaves one of the two whole. */
    private static void replace(Path file, String text) throws IOException {
        Path before = file.resolveSibling(file.getFileName() + ".before");
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        Files.copy(file, before, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(file, beside, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        Files.writeString(beside, text);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
