package org.culvert.core.cli;

import java.nio.file.Path;
import org.culvert.keymgmt.issue.Passphrase;
import org.culvert.keymgmt.trust.CredentialException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The CA above the one that a command is about, where there is one. */
final class ParentCa implements Passphrase.Source {
    @Option(
            names = "--parent",
            paramLabel = "DIR",
            description = "For an intermediate CA: let the CA in this folder sign it.")
    @Nullable
    Path folder;

    @Option(
            names = "--parent-passphrase-file",
            paramLabel = "FILE",
            description =
                    "First line: passphrase of the parent's key. Asked for at the terminal if missing and needed.")
    private @Nullable Path passphraseFile;

    @Override
    public Passphrase ask(Path keyFile) throws CredentialException {
        return passphraseFile == null ? Terminal.askPassphrase(keyFile) : Passphrase.read(passphraseFile);
    }
}
