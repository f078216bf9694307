package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.NewPreSharedKey;
import org.culvert.keymgmt.trust.CredentialException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert host psk}. */
@Command(
        name = "psk",
        description = "Makes a secret that this gateway shares with one peer.",
        footer = "The same file goes to the peer, by a way that nobody else can read. `wg genpsk` makes the like.",
        mixinStandardHelpOptions = true)
final class HostPskCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "Where it is written, readable by its owner only.")
    @SuppressWarnings("NullAway.Init") // required
    private Path file;

    @Option(names = "--force", description = "Overwrite one that is there already.")
    private boolean force;

    @Override
    public Integer call() throws CredentialException, IOException {
        if (!force && Files.exists(file)) {
            throw new CredentialException(
                    file,
                    "is already there",
                    "--force replaces it; peers that have the old one are then not understood");
        }
        NewPreSharedKey.write(file, force);
        PrintWriter out = spec.commandLine().getOut();
        new Sheet(out).row("written", file + " (its owner only)");
        out.println("next: take it to the peer secretly, and write on both gateways, under their [[peer]]:");
        out.println("  pre-shared-key = \"" + file + "\"");
        out.flush();
        return 0;
    }
}
