package org.culvert.core.daemon;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.culvert.core.control.WholeFile;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.PemFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where certificates lie that were fetched from a peer: in {@code NAME.crt} the one that it was heard with last, in {@code NAME.crt.next} one
 * that came since (or the first) and that it was not heard with. Two files, since anybody on the path can hand out a certificate that
 * the CA issued and nobody uses: it may not take the place of the one in use, and least of all at the next start. Stateless.
 */
final class FetchedCertificates {
    private static final Logger LOG = LoggerFactory.getLogger(FetchedCertificates.class);

    private FetchedCertificates() {}

    /** Where the certificate lies that a peer was not heard with. No host name ends like this. */
    static Path next(Path heard) {
        return heard.resolveSibling(heard.getFileName() + ".next");
    }

    /** What earlier runs left, the one that counts first. What is not there, or cannot be read, is fetched again. */
    static List<HostCertificate> read(Path heard) {
        List<HostCertificate> all = new ArrayList<>();
        read(heard, all);
        read(next(heard), all);
        return all;
    }

    private static void read(Path file, List<HostCertificate> all) {
        if (!Files.exists(file)) {
            return;
        }
        try {
            HostCertificate certificate = HostCertificate.read(file);
            if (all.stream().noneMatch(each -> each.keyFingerprint().equals(certificate.keyFingerprint()))) {
                all.add(certificate);
            }
        } catch (CredentialException e) {
            LOG.warn("{}: {}; it will be fetched again", e.file(), e.reason());
        }
    }

    /**
     * The next start has it at once, also when the peer cannot be reached then.
     *
     * @return false when it could not be written
     */
    static boolean keep(HostCertificate certificate) {
        Path file = certificate.file();
        ByteArrayOutputStream pem = new ByteArrayOutputStream();
        pem.writeBytes(pem(certificate.der()));
        certificate.intermediates().forEach(each -> pem.writeBytes(pem(each.der())));
        try {
            WholeFile.write(file, pem.toByteArray());
            return true;
        } catch (IOException e) {
            LOG.warn(
                    "{}: cannot be written: {}; the certificate is fetched again at the next start",
                    file,
                    e.toString());
            return false;
        }
    }

    private static byte[] pem(byte[] der) {
        return PemFile.block("CERTIFICATE", der);
    }

    /** The peer was heard with it: from here on it is kept as the one that counts. */
    static void keepHeard(HostCertificate certificate) {
        if (!keep(certificate)) {
            return; // where it was not heard yet it lies whole
        }
        try {
            Files.deleteIfExists(next(certificate.file()));
        } catch (IOException e) {
            LOG.warn("{}: cannot be deleted: {}", next(certificate.file()), e.toString());
        }
    }

    /** The same certificate as it lies in another file. */
    static HostCertificate as(Path file, HostCertificate certificate) throws CredentialException {
        return HostCertificate.parse(file, certificate.der(), certificate.intermediates());
    }

    /** Among a peer's certificates the one that it was heard with last. */
    static Optional<HostCertificate> heard(Path file, List<HostCertificate> all) {
        return all.stream().filter(each -> each.file().equals(file)).findFirst();
    }
}
