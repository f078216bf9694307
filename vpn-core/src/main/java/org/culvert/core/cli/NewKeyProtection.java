package org.culvert.core.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.culvert.keymgmt.issue.Passphrase;
import org.culvert.keymgmt.trust.CredentialException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a new CA key is protected: a passphrase from a file, none, or, when neither is said, asked for twice. */
final class NewKeyProtection {
    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "Encrypt the key; the passphrase is the first line.")
    private @Nullable Path passphraseFile;

    @Option(names = "--no-passphrase", description = "Leave the key unencrypted.")
    private boolean none;

    static Optional<Passphrase> passphrase(@Nullable NewKeyProtection chosen, Path folder) throws CredentialException {
        if (chosen != null && chosen.none) {
            return Optional.empty();
        }
        Path file = chosen == null ? null : chosen.passphraseFile;
        return Optional.of(file == null ? Terminal.newPassphrase(folder) : Passphrase.read(file));
    }
}
