package org.culvert.keymgmt.issue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Optional;
import java.util.function.Supplier;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.KeyKind;
import org.culvert.keymgmt.trust.Token;
import org.culvert.keymgmt.trust.TokenUri;
import org.jspecify.annotations.Nullable;

/** A private key about to be made, and where it will stay. Used once: {@code make}, then {@code keep}. */
public sealed interface NewKey {
    /** Makes it; nothing is kept yet. */
    KeyPair make() throws CredentialException;

    /** Keeps it where it belongs and leaves in a file, 0600, what opens it later. */
    void keep(Path file, KeyPair keys, boolean force) throws CredentialException, IOException;

    /** A CA's key in a file; no passphrase: unencrypted. */
    static NewKey inFile(KeyType type, Optional<Passphrase> passphrase) {
        return new InFile(type::generate, passphrase);
    }

    /** A host's key in a file. */
    static NewKey inFile(KeyKind kind) {
        return new InFile(() -> HostRequest.newPair(kind), Optional.empty());
    }

    /** A P-256 key in a token. */
    static NewKey inToken(TokenUri uri, Passphrase.Source pin) {
        return new InToken(uri, pin);
    }

    /** The file holds the key itself. */
    record InFile(Supplier<KeyPair> generator, Optional<Passphrase> passphrase) implements NewKey {
        @Override
        public KeyPair make() {
            return generator.get();
        }

        @Override
        public void keep(Path file, KeyPair keys, boolean force) throws IOException {
            try {
                PrivateKeyFile.create(file, keys.getPrivate(), passphrase, force);
            } finally {
                passphrase.ifPresent(Passphrase::close);
            }
        }
    }

    /** The file holds the URI. */
    final class InToken implements NewKey {
        private final TokenUri uri;
        private final Passphrase.Source pin;
        private @Nullable Token token;

        private InToken(TokenUri uri, Passphrase.Source pin) {
            this.uri = uri;
            this.pin = pin;
        }

        @Override
        public KeyPair make() throws CredentialException {
            token = PrivateKeyFile.open(Path.of(uri.toString()), uri, pin);
            return token.make();
        }

        @Override
        public void keep(Path file, KeyPair keys, boolean force) throws CredentialException, IOException {
            if (token == null) {
                throw new IllegalStateException("nothing was made");
            }
            SafeFile.refuseIfUnwritable(file, force);
            token.keep(keys.getPrivate(), CertificateMaker.placeholder(uri.object(), keys));
            String text = "# The key is in a token (PKCS#11). This says where; it is no secret.\n" + uri.text() + "\n";
            SafeFile.create(file, text.getBytes(StandardCharsets.UTF_8), SafeFile.PRIVATE, force);
        }
    }
}
