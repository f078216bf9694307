package org.culvert.keymgmt.issue;

import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.CredentialException;

/**
 * How a CA outlives its certificate. Renewing keeps the key, so everything signed stays good under the new certificate. Rotating
 * makes a new key; ca.crt then holds the new and the old CA, hosts of both talk to each other, until the old one is retired.
 */
public final class Rotation {
    private final CaFolder folder;
    private final InstantSource clock;

    public Rotation(Path folder, InstantSource clock) {
        this.folder = new CaFolder(folder);
        this.clock = clock;
    }

    /** A new certificate for the key that signs now, same name, same limits. */
    public CaCertificate renew(int days, Passphrase.Source source) throws CredentialException, IOException {
        CaCertificate old = current();
        PrivateKey key = folder.openKey(old, source);
        try (FolderLock _ = FolderLock.take(folder.path())) {
            Instant now = CertificateAuthority.now(clock);
            byte[] der = CertificateMaker.authority(
                    Optional.empty(),
                    key,
                    old.publicKey(),
                    like(folder, old, days),
                    old.notBefore(),
                    now.plus(Duration.ofDays(days)));
            CaCertificate renewed = CaCertificate.parse(folder.certificates(), der);
            List<CaCertificate> authorities = new ArrayList<>(folder.authorities());
            authorities.set(0, renewed);
            folder.register().journal().append(now, "renew", Register.fields(renewed, renewed));
            folder.write(authorities);
            return renewed;
        }
    }

    /** A new key and a new certificate beside the old one; from now on the new one signs. */
    public CaCertificate rotate(int days, NewKey newKey) throws CredentialException, IOException {
        try (FolderLock _ = FolderLock.take(folder.path())) {
            CaCertificate old = current();
            Instant now = CertificateAuthority.now(clock);
            KeyPair keys = newKey.make();
            byte[] der = CertificateMaker.authority(
                    Optional.empty(),
                    keys.getPrivate(),
                    keys.getPublic(),
                    like(folder, old, days),
                    now.minus(CertificateAuthority.BACKDATED),
                    now.plus(Duration.ofDays(days)));
            CaCertificate made = CaCertificate.parse(folder.certificates(), der);
            newKey.keep(folder.laterKey(made), keys, false);
            List<CaCertificate> authorities = new ArrayList<>(List.of(made));
            authorities.addAll(folder.authorities());
            folder.register().journal().append(now, "rotate", Register.fields(made, made));
            folder.write(authorities);
            return made;
        }
    }

    /** What opens the key that signs now. */
    public Path keyFile() throws CredentialException {
        return folder.keyOf(current());
    }

    /** The CAs in ca.crt that no longer sign. */
    public List<CaCertificate> old() throws CredentialException {
        List<CaCertificate> authorities = folder.authorities();
        return current().selfIssued() ? authorities.subList(1, authorities.size()) : List.of();
    }

    /** What lives under CAs that no longer sign and has nothing newer: each needs a certificate from the new CA first. */
    public List<Issued> dependents() throws CredentialException {
        List<String> old = old().stream().map(CaCertificate::keyFingerprint).toList();
        List<Issued> live = folder.register().live(CertificateAuthority.now(clock));
        List<String> moved = live.stream()
                .filter(certificate -> !old.contains(certificate.issuerKey()))
                .map(Issued::name)
                .toList();
        return live.stream()
                .filter(certificate -> old.contains(certificate.issuerKey()) && !moved.contains(certificate.name()))
                .toList();
    }

    /**
     * Takes the CAs that no longer sign out of ca.crt. Their keys stay in the folder.
     *
     * @return which
     */
    public List<CaCertificate> retire() throws CredentialException, IOException {
        try (FolderLock _ = FolderLock.take(folder.path())) {
            List<CaCertificate> old = old();
            Instant now = CertificateAuthority.now(clock);
            Journal journal = folder.register().journal();
            for (CaCertificate authority : old) {
                journal = journal.append(
                        now, "retire", Map.of("name", authority.name(), "issuer", authority.keyFingerprint()));
            }
            folder.write(List.of(current()));
            return old;
        }
    }

    private CaCertificate current() throws CredentialException {
        CaCertificate current = folder.authorities().getFirst();
        if (!current.selfIssued()) {
            throw new CredentialException(
                    folder.certificates(),
                    "'" + current.name() + "' was signed by '" + current.issuerName()
                            + "' and has no new certificate or key" + " without it",
                    "where that CA is: culvert ca renew --dir " + folder.path()
                            + " --parent DIR (same key; of this folder"
                            + " only ca.crt is needed there); for a new key: culvert ca init --parent DIR");
        }
        return current;
    }

    /** The same name and limits again. */
    static NewAuthority like(CaFolder folder, CaCertificate old, int days) {
        Limits limits = new Limits(old.networks(), old.groups().orElse(List.of()), old.names(), old.pathLength());
        return new NewAuthority(folder.path(), old.name(), Duration.ofDays(days), limits);
    }
}
