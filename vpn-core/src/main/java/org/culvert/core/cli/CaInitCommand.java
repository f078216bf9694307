package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.CertificateAuthority;
import org.culvert.keymgmt.issue.Limits;
import org.culvert.keymgmt.issue.Passphrase;
import org.culvert.keymgmt.trust.CredentialException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert ca init}. */
@Command(
        name = "init",
        description = "Makes a new CA: its key, its certificate, its journal.",
        footer = "Writes ca.crt, which every host gets as `trust`, and ca.key, which nobody else gets.",
        mixinStandardHelpOptions = true)
final class CaInitCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Mixin
    private final CaCommand.Folder folder = new CaCommand.Folder();

    @Option(names = "--name", paramLabel = "NAME", required = true, description = "What people see: \"Example CA\".")
    @SuppressWarnings("NullAway.Init") // required
    private String name;

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "3650",
            description = "Valid for so long (${DEFAULT-VALUE}).")
    private int days;

    @Option(names = "--key", paramLabel = "TYPE", defaultValue = "ed25519", description = "ed25519 (default) or p256.")
    @SuppressWarnings("NullAway.Init") // has a default
    private String key;

    @ArgGroup
    private @Nullable Protection protection;

    private static final class Protection {
        @Option(
                names = "--passphrase-file",
                paramLabel = "FILE",
                description = "Encrypt the key; the passphrase is the first line.")
        private @Nullable Path passphraseFile;

        @Option(names = "--no-passphrase", description = "Leave the key unencrypted.")
        private boolean none;
    }

    @Override
    public Integer call() throws CredentialException, IOException {
        Options.atLeastOneDay(days);
        CertificateAuthority.KeyType type = Options.caKeyType(key);
        Path keyFile = folder.dir.resolve("ca.key");
        try (Passphrase passphrase = passphrase(keyFile)) {
            CertificateAuthority authority = CertificateAuthority.init(
                    folder.dir, name, days, type, Limits.NONE, Optional.ofNullable(passphrase), InstantSource.system());
            PrintWriter out = spec.commandLine().getOut();
            out.println("CA '" + name + "' until " + authority.certificate().notAfter());
            out.println("  " + folder.dir.resolve("ca.crt") + "  goes to every host as its trust file");
            out.println(
                    "  " + keyFile + "  stays here" + (passphrase == null ? "" : ", encrypted with the passphrase"));
            if (passphrase == null) {
                spec.commandLine()
                        .getErr()
                        .println("culvert: warning: " + keyFile
                                + " is not encrypted: whoever reads it can certify anybody");
            }
            out.println("next, on each host: culvert host request --dir DIR --name NAME --network PREFIX");
            return 0;
        }
    }

    private @Nullable Passphrase passphrase(Path keyFile) throws CredentialException {
        if (protection != null && protection.none) {
            return null;
        }
        Path file = protection == null ? null : protection.passphraseFile;
        return file == null ? Terminal.newPassphrase(keyFile) : Passphrase.read(file);
    }
}
