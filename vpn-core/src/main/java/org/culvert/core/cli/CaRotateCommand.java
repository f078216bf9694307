package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.Passphrase;
import org.culvert.keymgmt.issue.Rotation;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.CredentialException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert ca rotate}. */
@Command(
        name = "rotate",
        description = "Makes a new CA key beside the old one; the new one signs from now on.",
        footer = "ca.crt then holds both: hosts of the old and the new CA talk to each other until `ca retire`.",
        mixinStandardHelpOptions = true)
final class CaRotateCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Mixin
    private final CaCommand.Folder folder = new CaCommand.Folder();

    @ArgGroup
    private @Nullable NewKeyProtection protection;

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "3650",
            description = "Valid for so long (${DEFAULT-VALUE}).")
    private int days;

    @Option(names = "--key", paramLabel = "TYPE", defaultValue = "ed25519", description = "ed25519 (default) or p256.")
    @SuppressWarnings("NullAway.Init") // has a default
    private String key;

    @Override
    public Integer call() throws CredentialException, IOException {
        Options.atLeastOneDay(days);
        Optional<Passphrase> passphrase = NewKeyProtection.passphrase(protection, folder.dir);
        CaCertificate made =
                new Rotation(folder.dir, InstantSource.system()).rotate(days, Options.caKeyType(key), passphrase);
        passphrase.ifPresent(Passphrase::close);
        PrintWriter out = spec.commandLine().getOut();
        out.println("CA '" + made.name() + "' until " + made.notAfter() + ", new key " + made.keyFingerprint());
        if (passphrase.isEmpty()) {
            Failure.warn(spec, "the new key is not encrypted: whoever reads it can certify anybody");
        }
        out.println("next: 1. copy " + folder.dir.resolve("ca.crt")
                + " (it holds the new and the old CA) to EVERY host and reload");
        out.println("      2. sign every host again: culvert ca sign");
        out.println("      3. culvert ca retire --dir " + folder.dir + ", and copy ca.crt once more");
        out.flush();
        return 0;
    }
}
