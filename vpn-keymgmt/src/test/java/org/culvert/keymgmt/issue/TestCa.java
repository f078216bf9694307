package org.culvert.keymgmt.issue;

import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.culvert.keymgmt.Forge;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.HostKey;

/** A CA in a folder with a clock that a test sets. */
final class TestCa {
    static final Passphrase.Source NOBODY_ASKS = file -> {
        throw new AssertionError("asked for the passphrase of " + file);
    };

    final Path folder;
    Instant now = Forge.NOW;
    final InstantSource clock = () -> now;

    TestCa(Path folder) throws CredentialException, IOException {
        this(folder, Limits.NONE);
    }

    TestCa(Path folder, Limits limits) throws CredentialException, IOException {
        this.folder = folder;
        CertificateAuthority.init(
                wanted(folder, 3650, limits), NewKey.inFile(KeyType.ED25519, Optional.empty()), clock);
    }

    static NewAuthority wanted(Path folder, int days, Limits limits) {
        return new NewAuthority(folder, "Example CA", Duration.ofDays(days), limits);
    }

    CertificateAuthority open() throws CredentialException {
        return CertificateAuthority.open(folder, clock);
    }

    static HostRequest request(String name, KeyPair key, String... networks) {
        return HostRequest.create(name, Forge.prefixes(networks), List.of(), HostKey.of(key));
    }

    HostCertificate sign(HostRequest request, int days) throws CredentialException, IOException {
        CertificateAuthority authority = open();
        Path file = Path.of(request.name() + ".csr");
        return authority.sign(authority.draft(file, request, days, false), NOBODY_ASKS);
    }

    HostCertificate sign(String name, String... networks) throws CredentialException, IOException {
        return sign(request(name, Forge.key("X25519"), networks), 365);
    }
}
