package org.culvert.keymgmt.issue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.culvert.keymgmt.Forge;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.KeyKind;

/**
 * A process of its own that signs and revokes in a CA's folder until it is killed or the disk is full. Every serial number is printed the moment
 * its certificate is handed out, so whoever reads the output knows what the journal must know.
 */
final class SignLoop {
    private SignLoop() {}

    /** Arguments: the folder, a prefix for host names that is this process's own. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        System.out.println("ready");
        try {
            for (int i = 0; ; i++) {
                String name = arguments[1] + i;
                HostCertificate made = sign(folder, name);
                System.out.println("signed " + made.serial().toString(16));
                CertificateAuthority.write(made, folder.resolve(name + ".crt"), false);
                if (i % 2 == 0) {
                    new Revocations(folder, Instant::now).revoke(name, Reason.SUPERSEDED);
                    System.out.println("revoked " + made.serial().toString(16));
                }
            }
        } catch (IOException e) {
            System.out.println("refused " + e.getMessage());
        } catch (CredentialException e) {
            System.out.println("BROKEN " + e.getMessage());
        }
    }

    private static HostCertificate sign(Path folder, String name) throws CredentialException, IOException {
        CertificateAuthority authority = CertificateAuthority.open(folder, Instant::now);
        HostRequest request =
                HostRequest.create(name, Forge.prefixes("10.0.0.0/8"), List.of(), HostRequest.newKey(KeyKind.X25519));
        Draft draft = authority.draft(Path.of(name + ".csr"), request, 30, true);
        return authority.sign(draft, file -> {
            throw new CredentialException(file, "asked for a passphrase", "");
        });
    }
}
