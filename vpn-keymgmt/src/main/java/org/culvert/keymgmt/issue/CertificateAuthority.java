package org.culvert.keymgmt.issue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.PrivateKey;
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
import org.culvert.keymgmt.trust.PemFile;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.keymgmt.trust.TrustStore;

/**
 * A CA in a folder ({@link CaFolder}) and what it signs. The journal is the truth about what was issued: an entry is on the disk before
 * the certificate leaves this class. Used by one thread; several processes may work in one folder.
 */
public final class CertificateAuthority {
    /** A host whose clock is a little behind can use its certificate at once. */
    static final Duration BACKDATED = Duration.ofMinutes(10);

    private final CaFolder folder;
    private final InstantSource clock;
    private final List<CaCertificate> authorities;
    private Register register;

    private CertificateAuthority(
            CaFolder folder, InstantSource clock, List<CaCertificate> authorities, Register register) {
        this.folder = folder;
        this.clock = clock;
        this.authorities = authorities;
        this.register = register;
    }

    /** Makes a new CA that signs itself. */
    public static CertificateAuthority init(NewAuthority wanted, NewKey newKey, InstantSource clock)
            throws CredentialException, IOException {
        CaFolder folder = prepare(wanted);
        try (FolderLock _ = FolderLock.take(folder.path())) {
            refuseIfTaken(folder);
            KeyPair keys = newKey.make();
            Instant now = now(clock);
            byte[] der = CertificateMaker.authority(
                    Optional.empty(),
                    keys.getPrivate(),
                    keys.getPublic(),
                    wanted,
                    now.minus(BACKDATED),
                    now.plus(wanted.life()));
            CaCertificate own = CaCertificate.parse(folder.certificates(), der);
            return settle(folder, newKey, keys, own, List.of(own), clock);
        }
    }

    /**
     * Makes a new CA that this one signs, within its own limits.
     *
     * @param source of the passphrase of this CA's key
     */
    public CertificateAuthority initBelow(NewAuthority wanted, NewKey newKey, Passphrase.Source source)
            throws CredentialException, IOException {
        Instant now = now(clock);
        refuseBeyond(certificate(), now, wanted.life());
        PrivateKey key = folder.openKey(certificate(), source);
        CaFolder below = prepare(wanted);
        try (FolderLock _ = FolderLock.take(folder.path());
                FolderLock _ = FolderLock.take(below.path())) {
            refuseIfTaken(below);
            KeyPair keys = newKey.make();
            byte[] der = CertificateMaker.authority(
                    Optional.of(certificate()),
                    key,
                    keys.getPublic(),
                    wanted,
                    now.minus(BACKDATED),
                    now.plus(wanted.life()));
            CaCertificate made = CaCertificate.parse(below.certificates(), der);
            refuseWiderLimits(below, made);
            register = Register.of(
                    folder.register().journal().append(now, "authority", Register.fields(made, certificate())));
            return settle(below, newKey, keys, made, above(made), clock);
        }
    }

    /** For the ca.crt of a CA below this one: itself, then the way up. */
    private List<CaCertificate> above(CaCertificate made) {
        List<CaCertificate> all = new ArrayList<>(List.of(made));
        all.addAll(chain());
        all.addAll(authorities.stream().filter(CaCertificate::selfIssued).toList());
        return all;
    }

    /**
     * Gives a CA below this one, whose ca.crt is in that folder, a new certificate for its old key, with the same limits. Needs this CA's key
     * and nothing secret of the other.
     */
    public CaCertificate renewBelow(Path path, int days, Passphrase.Source source)
            throws CredentialException, IOException {
        CaFolder below = new CaFolder(path);
        CaCertificate old = below.authorities().getFirst();
        Instant now = now(clock);
        refuseUnlessGoodBelow(below, old);
        refuseBeyond(certificate(), now, Duration.ofDays(days));
        PrivateKey key = folder.openKey(certificate(), source);
        try (FolderLock _ = FolderLock.take(folder.path());
                FolderLock _ = FolderLock.take(below.path())) {
            register = folder.register(); // another command may have revoked it meanwhile
            refuseUnlessGoodBelow(below, old);
            byte[] der = CertificateMaker.authority(
                    Optional.of(certificate()),
                    key,
                    old.publicKey(),
                    Rotation.like(below, old, days),
                    old.notBefore(),
                    now.plus(Duration.ofDays(days)));
            CaCertificate renewed = CaCertificate.parse(below.certificates(), der);
            refuseWiderLimits(below, renewed);
            Journal there = Journal.read(below.journal());
            register =
                    Register.of(register.journal().append(now, "authority", Register.fields(renewed, certificate())));
            there.append(now, "renew", Register.fields(renewed, certificate()));
            below.write(above(renewed));
            return renewed;
        }
    }

    /** It must be one that this CA signed, and did not take back. */
    private void refuseUnlessGoodBelow(CaFolder below, CaCertificate old) throws CredentialException {
        List<Issued> known = register.issued().stream()
                .filter(issued -> issued.authority() && issued.keyFingerprint().equals(old.keyFingerprint()))
                .toList();
        if (known.isEmpty()) {
            throw new CredentialException(
                    below.certificates(),
                    "'" + old.name() + "' is no CA that '" + certificate().name() + "' signed",
                    "it names '" + old.issuerName() + "' as the one that did");
        }
        if (known.stream().allMatch(issued -> issued.revocation().isPresent())) {
            throw new CredentialException(
                    below.certificates(),
                    "'" + old.name() + "' was revoked",
                    "make another, with a new key: culvert ca init --parent " + folder.path());
        }
    }

    /**
     * A certificate out of the journal, as {@link #sign} gave it, with the intermediates of now.
     *
     * @param nameOrSerial a serial number, or a name, which means the newest live one
     */
    public HostCertificate issued(String nameOrSerial) throws CredentialException {
        String serial = Issued.serialText(nameOrSerial);
        List<Issued> found = register.issued().stream()
                .filter(one -> !one.authority())
                .filter(one -> one.serialText().equals(serial) || (one.name().equals(nameOrSerial) && one.live(now())))
                .toList();
        if (found.isEmpty()) {
            throw new CredentialException(
                    folder.journal(),
                    "no certificate of a host has the serial number " + nameOrSerial + ", and no live one the name",
                    "see culvert ca list --all");
        }
        return HostCertificate.parse(folder.journal(), register.certificate(found.getLast()), chain());
    }

    private static CaFolder prepare(NewAuthority wanted) throws IOException {
        Files.createDirectories(
                wanted.folder(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new CaFolder(wanted.folder());
    }

    private static void refuseIfTaken(CaFolder folder) throws CredentialException {
        for (Path file : List.of(folder.certificates(), folder.firstKey(), folder.journal())) {
            if (Files.exists(file)) {
                throw new CredentialException(
                        file, "is already there", "one folder holds one CA; choose another --dir");
            }
        }
    }

    /** The key first and ca.crt last: a folder without ca.crt is a failed init, never a CA that cannot sign. */
    private static CertificateAuthority settle(
            CaFolder folder,
            NewKey newKey,
            KeyPair keys,
            CaCertificate own,
            List<CaCertificate> authorities,
            InstantSource clock)
            throws CredentialException, IOException {
        newKey.keep(folder.firstKey(), keys, false);
        Journal journal = Journal.read(folder.journal())
                .append(now(clock), "init", Register.fields(own, authorities.size() == 1 ? own : authorities.get(1)));
        folder.write(authorities);
        return new CertificateAuthority(folder, clock, List.copyOf(authorities), Register.of(journal));
    }

    private void refuseWiderLimits(CaFolder below, CaCertificate made) throws CredentialException {
        List<Prefix> outside = certificate().outside(made.networks());
        if (!outside.isEmpty()) {
            throw new CredentialException(
                    below.path(),
                    outside + " is outside what '" + certificate().name() + "' may certify",
                    "narrow it with --network");
        }
        Optional<Integer> above = certificate().pathLength();
        if (above.isPresent() && (above.get() == 0 || made.pathLength().orElse(Integer.MAX_VALUE) >= above.get())) {
            throw new CredentialException(
                    below.path(),
                    "'" + certificate().name() + "' allows " + above.get() + " CAs below itself",
                    above.get() == 0 ? "make it below another CA" : "say --path-length " + (above.get() - 1));
        }
    }

    /** Opens the CA of a folder; the key stays closed until something is signed. */
    public static CertificateAuthority open(Path path, InstantSource clock) throws CredentialException {
        CaFolder folder = new CaFolder(path);
        return new CertificateAuthority(folder, clock, folder.authorities(), folder.register());
    }

    static Instant now(InstantSource clock) {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    /** The CA that signs now. */
    public CaCertificate certificate() {
        return authorities.getFirst();
    }

    /** All in ca.crt: for a CA that signs itself what hosts are to trust, below another one the way up to that. */
    public List<CaCertificate> authorities() {
        return authorities;
    }

    /** What a host sends with its certificate: this CA and those above it, but no self-signed one. */
    private List<CaCertificate> chain() {
        return authorities.stream().filter(authority -> !authority.selfIssued()).toList();
    }

    public Register register() {
        return register;
    }

    /** Now, in whole seconds, as this CA sees it. */
    public Instant now() {
        return now(clock);
    }

    /**
     * Looks at a request and says what would be signed.
     *
     * @param file where the request came from, for messages
     * @throws CredentialException when this CA must not sign it
     */
    public Draft draft(Path file, HostRequest request, int days, boolean allowOverlap) throws CredentialException {
        Instant now = now(clock);
        refuseBeyond(certificate(), now, Duration.ofDays(days));
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
                boolean sameKey = other.keyFingerprint().equals(request.keyFingerprint());
                notes.add((sameKey ? "renews" : "new key; also valid:") + " serial " + other.serialText() + ", until "
                        + other.notAfter());
            } else {
                refuseOverlap(file, request, other, allowOverlap, notes);
            }
        }
        return new Draft(
                file, request, now.minus(BACKDATED), now.plus(Duration.ofDays(days)), List.copyOf(notes), allowOverlap);
    }

    private static void refuseBeyond(CaCertificate issuer, Instant now, Duration life) throws CredentialException {
        Instant end = now.plus(life);
        if (end.isAfter(issuer.notAfter())) {
            long most = Duration.between(now, issuer.notAfter()).toDays();
            String renew = "renew the CA with: culvert ca renew";
            throw new CredentialException(
                    issuer.file(),
                    life.toDays() + " days would end at " + end + ", after the CA itself at " + issuer.notAfter(),
                    most > 0 ? "ask for at most --days " + most + ", or " + renew : renew);
        }
    }

    private static void refuseOverlap(Path file, HostRequest request, Issued other, boolean allowed, List<String> notes)
            throws CredentialException {
        for (Prefix wanted : request.networks()) {
            for (Prefix taken : other.networks()) {
                if (!wanted.overlaps(taken)) {
                    continue;
                }
                String what =
                        wanted + " overlaps " + taken + " of " + other.name() + " (serial " + other.serialText() + ")";
                if (!allowed) {
                    throw new CredentialException(
                            file, what, "revoke the other, or say --allow-overlap if both are meant to have it");
                }
                notes.add(what);
            }
        }
    }

    /**
     * Signs what was drafted and writes it into the journal.
     *
     * @return the certificate with the intermediates that must be sent with it
     */
    public HostCertificate sign(Draft draft, Passphrase.Source source) throws CredentialException, IOException {
        return signAll(List.of(draft), source).getFirst();
    }

    /**
     * The same for several drafts: the journal gets all of them at once, or, when one is refused, none.
     *
     * @return in the order of the drafts
     */
    public List<HostCertificate> signAll(List<Draft> drafts, Passphrase.Source source)
            throws CredentialException, IOException {
        PrivateKey key = folder.openKey(certificate(), source);
        try (FolderLock _ = FolderLock.take(folder.path())) {
            Instant now = now(clock);
            // Another command may have signed, revoked or rotated while this one waited for its answer.
            register = folder.register();
            if (!folder.authorities().getFirst().x509().equals(certificate().x509())) {
                throw new CredentialException(
                        folder.certificates(), "changed in the meantime", "run the command again");
            }
            List<HostCertificate> made = new ArrayList<>();
            List<Journal.Event> events = new ArrayList<>();
            for (Draft draft : drafts) {
                draft(draft.file(), draft.request(), 1, draft.allowOverlap());
                byte[] der = CertificateMaker.host(certificate(), key, draft, CertificateMaker.newSerial());
                HostCertificate signed = HostCertificate.parse(draft.file(), der, chain());
                refuseWhatNobodyWouldAccept(draft.file(), signed, now);
                made.add(signed);
                events.add(new Journal.Event("sign", Register.fields(signed, certificate())));
            }
            register = Register.of(register.journal().append(now, events));
            return List.copyOf(made);
        }
    }

    /** Writes a certificate with the intermediates that hosts need to check it. */
    public static void write(HostCertificate made, Path file, boolean force) throws IOException {
        ByteArrayOutputStream pem = new ByteArrayOutputStream();
        pem.write(PemFile.block("CERTIFICATE", made.der()));
        pem.write(CaFolder.pem(made.intermediates()));
        SafeFile.create(file, pem.toByteArray(), SafeFile.PUBLIC, force);
    }

    /** The CA's own limits need no second implementation: what the trust side refuses is not issued. */
    private void refuseWhatNobodyWouldAccept(Path file, HostCertificate made, Instant now) throws CredentialException {
        List<Problem> problems = TrustStore.of(
                        authorities.stream().filter(CaCertificate::selfIssued).toList())
                .check(made, now);
        if (!problems.isEmpty()) {
            String all =
                    String.join(", ", problems.stream().map(Problem::message).toList());
            throw new CredentialException(file, all, "this CA cannot sign that");
        }
    }
}
