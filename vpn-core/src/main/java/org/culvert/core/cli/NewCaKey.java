package org.culvert.core.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.culvert.keymgmt.issue.KeyType;
import org.culvert.keymgmt.issue.NewKey;
import org.culvert.keymgmt.issue.Passphrase;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.TokenUri;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/**
 * The key that a CA is made with, or rotated to: its type or its token, and how it is protected, by a passphrase from a file, none, or, when
 * neither is said, one asked for twice.
 */
final class NewCaKey {
    @Option(
            names = "--key",
            paramLabel = "TYPE",
            defaultValue = "ed25519",
            description = {
                "ed25519 (default), p256, or a token:",
                "pkcs11:token=NAME;object=NAME[?pin-source=file:/PATH][&module-path=/PATH] makes a P-256 key in it."
            })
    @SuppressWarnings("NullAway.Init") // has a default
    private String key;

    @ArgGroup
    private @Nullable Protection protection;

    private static final class Protection {
        @Option(
                names = "--passphrase-file",
                paramLabel = "FILE",
                description = "Encrypt the key; the passphrase is the first line. For a token: its PIN.")
        private @Nullable Path passphraseFile;

        @Option(names = "--no-passphrase", description = "Leave the key unencrypted.")
        private boolean none;
    }

    /** What was asked for; asks for a passphrase if it has to. */
    NewKey chosen(Path keyFile) throws CredentialException {
        if (TokenUri.is(key)) {
            if (protection != null && protection.none) {
                throw new IllegalArgumentException("--no-passphrase: a token has its PIN; use pin-source in the URI");
            }
            return NewKey.inToken(TokenUri.parse(Path.of("--key"), key), this::pin);
        }
        KeyType type = switch (key) {
            case "ed25519" -> KeyType.ED25519;
            case "p256" -> KeyType.P256;
            default ->
                throw new IllegalArgumentException("--key " + key + " is neither ed25519 nor p256 nor a pkcs11: URI");
        };
        if (protection != null && protection.none) {
            return NewKey.inFile(type, Optional.empty());
        }
        Path file = protection == null ? null : protection.passphraseFile;
        return NewKey.inFile(type, Optional.of(file == null ? Terminal.newPassphrase(keyFile) : Passphrase.read(file)));
    }

    private Passphrase pin(Path file) throws CredentialException {
        Path chosen = protection == null ? null : protection.passphraseFile;
        return chosen == null ? Terminal.askPassphrase(file) : Passphrase.read(chosen);
    }

    /** Says where the key is, and aloud when anybody who reads the file has it. */
    void report(CommandSpec spec, Path keyFile) {
        boolean open = protection != null && protection.none;
        String how =
                TokenUri.is(key) ? ", says where the token has the key" : open ? "" : ", encrypted with the passphrase";
        spec.commandLine().getOut().println("  " + keyFile + "  stays here" + how);
        if (open) {
            Failure.warn(
                    spec,
                    keyFile + " is not encrypted: whoever reads this file, or a backup of it, can certify anybody");
        }
    }
}
