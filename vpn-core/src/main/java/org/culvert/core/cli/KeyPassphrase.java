package org.culvert.core.cli;

import java.nio.file.Path;
import org.culvert.keymgmt.issue.Passphrase;
import org.culvert.keymgmt.trust.CredentialException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a command that signs opens the CA's key. Never a passphrase as an argument: everybody on the machine sees those. */
final class KeyPassphrase implements Passphrase.Source {
    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "First line: passphrase of the CA's key. Asked for at the terminal if missing and needed.")
    private @Nullable Path passphraseFile;

    @Override
    public Passphrase ask(Path keyFile) throws CredentialException {
        return passphraseFile == null ? Terminal.askPassphrase(keyFile) : Passphrase.read(passphraseFile);
    }
}
