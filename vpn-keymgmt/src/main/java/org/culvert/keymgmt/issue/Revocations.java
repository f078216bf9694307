package org.culvert.keymgmt.issue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.PemFile;

/** Taking certificates back: the journal says at once what is revoked, a signed list tells the hosts. */
public final class Revocations {
    /** An expired certificate stays listed a little longer: clocks differ. */
    private static final Duration AFTER_EXPIRY = Duration.ofDays(7);

    private final CaFolder folder;
    private final InstantSource clock;

    public Revocations(Path folder, InstantSource clock) {
        this.folder = new CaFolder(folder);
        this.clock = clock;
    }

    /**
     * Revokes what a serial number or a name stands for; a name means all that is live under it, since a lost host has lost all its
     * keys. Needs no key: the list does.
     *
     * @return what was revoked, at least one
     */
    public List<Issued> revoke(String nameOrSerial, Reason reason) throws CredentialException, IOException {
        folder.authorities();
        try (FolderLock _ = FolderLock.take(folder.path())) {
            Instant now = CertificateAuthority.now(clock);
            Register register = folder.register();
            List<Issued> wanted = find(register, nameOrSerial, now);
            Journal journal = register.journal();
            for (Issued certificate : wanted) {
                Map<String, String> fields = new LinkedHashMap<>();
                fields.put("serial", certificate.serialText());
                fields.put("name", certificate.name());
                fields.put("reason", reason.label());
                journal = journal.append(now, "revoke", fields);
            }
            return wanted;
        }
    }

    private List<Issued> find(Register register, String nameOrSerial, Instant now) throws CredentialException {
        String serial = Issued.serialText(nameOrSerial);
        List<Issued> bySerial = register.issued().stream()
                .filter(c -> c.serialText().equals(serial))
                .toList();
        List<Issued> byName = register.live(now).stream()
                .filter(c -> c.name().equals(nameOrSerial))
                .toList();
        if (!bySerial.isEmpty() && !byName.isEmpty()) {
            throw new CredentialException(
                    folder.journal(),
                    nameOrSerial + " is a name and a serial number",
                    "write the serial number with colons");
        }
        if (bySerial.stream().anyMatch(c -> c.revocation().isPresent())) {
            throw new CredentialException(folder.journal(), "serial " + serial + " is revoked already", "");
        }
        if (bySerial.isEmpty() && byName.isEmpty()) {
            throw new CredentialException(
                    folder.journal(),
                    "no live certificate has the name or serial number " + nameOrSerial,
                    "see culvert ca list");
        }
        return bySerial.isEmpty() ? byName : bySerial;
    }

    /**
     * Signs a new list for every CA whose key lies in the folder: during a rotation two.
     *
     * @param days until the next list is due
     * @return PEM, one block per CA
     */
    public byte[] list(int days, Passphrase.Source source) throws CredentialException, IOException {
        List<CaCertificate> authorities = folder.authorities();
        // Below another CA only the first certificate's key is here; those above sign their own lists.
        List<CaCertificate> signers = authorities.getFirst().selfIssued() ? authorities : authorities.subList(0, 1);
        Map<CaCertificate, PrivateKey> keys = new LinkedHashMap<>();
        for (CaCertificate signer : signers) {
            keys.put(signer, folder.openKey(signer, source));
        }
        try (FolderLock _ = FolderLock.take(folder.path())) {
            Register register = folder.register();
            ByteArrayOutputStream pem = new ByteArrayOutputStream();
            Instant now = CertificateAuthority.now(clock);
            long number = register.lastListNumber() + 1;
            for (Map.Entry<CaCertificate, PrivateKey> signer : keys.entrySet()) {
                byte[] list = sign(signer.getKey(), signer.getValue(), register, now, days, number);
                pem.write(PemFile.block("X509 CRL", list));
            }
            register.journal().append(now, "crl", Map.of("number", Long.toString(number)));
            return pem.toByteArray();
        }
    }

    @SuppressWarnings("JavaUtilDate") // what Bouncy Castle takes
    private static byte[] sign(
            CaCertificate authority, PrivateKey key, Register register, Instant now, int days, long number)
            throws IOException {
        X509v2CRLBuilder builder = new X509v2CRLBuilder(CertificateMaker.issuerName(authority), Date.from(now));
        builder.setNextUpdate(Date.from(now.plus(Duration.ofDays(days))));
        for (Issued certificate : register.issued()) {
            boolean ours = certificate.issuerKey().equals(authority.keyFingerprint());
            if (ours
                    && certificate.revocation().isPresent()
                    && certificate.notAfter().plus(AFTER_EXPIRY).isAfter(now)) {
                Issued.Revocation revocation = certificate.revocation().get();
                builder.addCRLEntry(
                        certificate.serial(),
                        Date.from(revocation.time()),
                        revocation.reason().code());
            }
        }
        builder.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(number)));
        builder.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                new AuthorityKeyIdentifier(CertificateMaker.keyId(authority.publicKey())));
        return builder.build(CertificateMaker.signer(key)).getEncoded();
    }
}
