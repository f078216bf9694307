package org.culvert.keymgmt.issue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.Printable;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.keymgmt.trust.TrustStore;

/**
 * A CA in a folder: {@code ca.crt} (what hosts trust; the CA that signs now first), {@code ca.key}, {@code journal}. The journal is the
 * truth about what was issued: an entry is on the disk before the certificate leaves this class. Used by one thread; several
 * processes may work in one folder.
 */
public final class CertificateAuthority {
    /** A host whose clock is a little behind can use its certificate at once. */
    private static final Duration BACKDATED = Duration.ofMinutes(10);

    private final Path folder;
    private final InstantSource clock;
    private final List<CaCertificate> authorities;
    private Register register;

    private CertificateAuthority(Path folder, InstantSource clock, List<CaCertificate> authorities, Register register) {
        this.folder = folder;
        this.clock = clock;
        this.authorities = authorities;
        this.register = register;
    }

    /** The kinds of CA key. */
    public enum KeyType {
        ED25519,
        P256
    }

    /**
     * Makes a new CA.
     *
     * @param folder made when it is not there (0700); must not hold a CA
     * @param passphrase empty: the key is written unencrypted
     * @throws IllegalArgumentException when the name cannot be a CA's
     */
    public static CertificateAuthority init(
            Path folder,
            String name,
            int days,
            KeyType type,
            Limits limits,
            Optional<Passphrase> passphrase,
            InstantSource clock)
            throws CredentialException, IOException {
        refuseName(name);
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (FolderLock _ = FolderLock.take(folder)) {
            for (Path file : List.of(certificates(folder), key(folder), journal(folder))) {
                if (Files.exists(file)) {
                    throw new CredentialException(
                            file, "is already there", "one folder holds one CA; choose another --dir");
                }
            }
            KeyPair keys = newKey(type);
            Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
            byte[] der = CertificateMaker.authority(
                    Optional.empty(),
                    keys.getPrivate(),
                    keys.getPublic(),
                    name,
                    limits,
                    now.minus(BACKDATED),
                    now.plus(Duration.ofDays(days)),
                    CertificateMaker.newSerial());
            CaCertificate certificate = CaCertificate.parse(certificates(folder), der);
            // The key first: a folder with a key and no certificate is a failed init, the other way round a CA that
            // cannot sign.
            PrivateKeyFile.create(key(folder), keys.getPrivate(), passphrase, false);
            Journal journal =
                    Journal.read(journal(folder)).append(now, "init", Register.fields(certificate, certificate));
            SafeFile.create(certificates(folder), SafeFile.pem("CERTIFICATE", der), SafeFile.PUBLIC, false);
            return new CertificateAuthority(folder, clock, List.of(certificate), Register.of(journal));
        }
    }

    private static void refuseName(String name) {
        if (name.isBlank() || name.length() > 64 || !Printable.of(name).equals(name)) {
            throw new IllegalArgumentException("a CA's name is 1 to 64 printable ASCII characters");
        }
    }

    private static KeyPair newKey(KeyType type) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(type == KeyType.P256 ? "EC" : "Ed25519");
            if (type == KeyType.P256) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has Ed25519 and P-256", e);
        }
    }

    /** Opens the CA of a folder; the key stays closed until something is signed. */
    public static CertificateAuthority open(Path folder, InstantSource clock) throws CredentialException {
        if (!Files.exists(certificates(folder))) {
            throw new CredentialException(
                    folder, "holds no CA (no ca.crt)", "make one with: culvert ca init --dir " + folder);
        }
        List<CaCertificate> authorities = CaCertificate.read(certificates(folder));
        return new CertificateAuthority(folder, clock, authorities, Register.of(Journal.read(journal(folder))));
    }

    static Path certificates(Path folder) {
        return folder.resolve("ca.crt");
    }

    static Path key(Path folder) {
        return folder.resolve("ca.key");
    }

    static Path journal(Path folder) {
        return folder.resolve("journal");
    }

    /** The CA that signs now. */
    public CaCertificate certificate() {
        return authorities.getFirst();
    }

    /** All that hosts are to trust: during a rotation the old one too. */
    public List<CaCertificate> authorities() {
        return authorities;
    }

    public Register register() {
        return register;
    }

    /**
     * Looks at a request and says what would be signed.
     *
     * @param request as read from {@code file}
     * @throws CredentialException when this CA must not sign it
     */
    public Draft draft(Path file, HostRequest request, int days, boolean allowOverlap) throws CredentialException {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        CaCertificate issuer = certificate();
        Instant notBefore = now.minus(BACKDATED);
        Instant notAfter = now.plus(Duration.ofDays(days));
        if (notAfter.isAfter(issuer.notAfter())) {
            long most = Duration.between(now, issuer.notAfter()).toDays();
            throw new CredentialException(
                    issuer.file(),
                    days + " days would end at " + notAfter + ", after the CA itself at " + issuer.notAfter(),
                    most > 0
                            ? "ask for at most --days " + most + ", or renew the CA"
                            : "renew the CA with: culvert ca renew");
        }
        List<String> notes = new ArrayList<>();
        for (Issued other : register.live(now)) {
            if (other.authority()) {
                continue;
            }
            if (other.keyFingerprint().equals(request.keyFingerprint())
                    && !other.name().equals(request.name())) {
                throw new CredentialException(
                        file,
                        "its key already belongs to " + other.name() + " (serial " + other.serialText() + ")",
                        "each host makes its own key: culvert host request");
            }
            if (other.name().equals(request.name())) {
                notes.add((other.keyFingerprint().equals(request.keyFingerprint()) ? "renews" : "new key; also valid:")
                        + " serial " + other.serialText() + ", until " + other.notAfter());
            } else {
                refuseOverlap(file, request, other, allowOverlap, notes);
            }
        }
        return new Draft(request, notBefore, notAfter, List.copyOf(notes), allowOverlap);
    }

    private static void refuseOverlap(Path file, HostRequest request, Issued other, boolean allowed, List<String> notes)
            throws CredentialException {
        for (Prefix wanted : request.networks()) {
            for (Prefix taken : other.networks()) {
                if (wanted.overlaps(taken)) {
                    String what = wanted + " overlaps " + taken + " of " + other.name() + " (serial "
                            + other.serialText() + ")";
                    if (!allowed) {
                        throw new CredentialException(
                                file, what, "revoke the other, or say --allow-overlap if both are meant to have it");
                    }
                    notes.add(what);
                }
            }
        }
    }

    /**
     * Signs what was drafted and writes it into the journal.
     *
     * @param file where the request came from, for messages
     * @return the certificate; its {@code intermediates()} are what must be sent with it
     */
    public HostCertificate sign(Path file, Draft draft, Passphrase.Source source)
            throws CredentialException, IOException {
        PrivateKey key = openKey(source);
        try (FolderLock _ = FolderLock.take(folder)) {
            Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
            // Another command may have signed while this one waited for its answer.
            register = Register.of(Journal.read(journal(folder)));
            draft(file, draft.request(), 1, draft.allowOverlap());
            BigInteger serial = CertificateMaker.newSerial();
            byte[] der = CertificateMaker.host(certificate(), key, draft, serial);
            HostCertificate made = HostCertificate.parse(file, der, List.of());
            refuseWhatNobodyWouldAccept(file, made, now);
            register = Register.of(register.journal().append(now, "sign", Register.fields(made, certificate())));
            return made;
        }
    }

    /** Writes a certificate with the intermediates that hosts need to check it. */
    public void write(HostCertificate made, Path file, boolean force) throws IOException {
        ByteArrayOutputStream pem = new ByteArrayOutputStream();
        pem.write(SafeFile.pem("CERTIFICATE", made.der()));
        for (CaCertificate between : made.intermediates()) {
            pem.write(SafeFile.pem("CERTIFICATE", between.der()));
        }
        SafeFile.create(file, pem.toByteArray(), SafeFile.PUBLIC, force);
    }

    /** The CA's own limits need no second implementation: what the trust side refuses is not issued. */
    private void refuseWhatNobodyWouldAccept(Path file, HostCertificate made, Instant now) throws CredentialException {
        List<Problem> problems = TrustStore.of(authorities).check(made, now);
        if (!problems.isEmpty()) {
            throw new CredentialException(
                    file,
                    String.join(", ", problems.stream().map(Problem::message).toList()),
                    "this CA cannot sign that");
        }
    }

    private PrivateKey openKey(Passphrase.Source source) throws CredentialException {
        PrivateKey key = PrivateKeyFile.read(key(folder), source);
        byte[] probe = {'c', 'u', 'l', 'v', 'e', 'r', 't'};
        try {
            Signature signature = Signature.getInstance(key instanceof ECPrivateKey ? "SHA256withECDSA" : "Ed25519");
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certificate().publicKey());
            signature.update(probe);
            if (signature.verify(signed)) {
                return key;
            }
        } catch (GeneralSecurityException e) {
            throw new CredentialException(key(folder), "the key cannot sign: " + e.getMessage(), "", e);
        }
        throw new CredentialException(
                key(folder),
                "is not the key of " + certificates(folder),
                "the first certificate in ca.crt is the one that signs");
    }
}
