package org.culvert.core.control;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.culvert.core.crypto.Suite;
import org.culvert.core.echo.PeerEcho;
import org.culvert.core.peer.TrafficKeyPolicy;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.issue.CertificateAuthority;
import org.culvert.keymgmt.issue.HostRequest;
import org.culvert.keymgmt.issue.KeyType;
import org.culvert.keymgmt.issue.Limits;
import org.culvert.keymgmt.issue.NewAuthority;
import org.culvert.keymgmt.issue.NewKey;
import org.culvert.keymgmt.issue.PrivateKeyFile;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.HostKey;
import org.culvert.keymgmt.trust.KeyKind;
import org.culvert.keymgmt.trust.TrustStore;

/** A real CA in a folder, real certificates from it, and a clock that a test sets. */
public final class TestSites {
    /** In the middle of an hour, not on a second. */
    static final Instant START = Instant.parse("2026-07-19T10:20:30.456Z");

    private static final long EPOCH_NS = 3_600_000_000_000L;

    final Path folder;
    Instant now = START;

    public TestSites(Path folder) throws CredentialException, IOException {
        this.folder = folder;
        CertificateAuthority.init(
                new NewAuthority(folder.resolve("ca"), "Example CA", Duration.ofDays(3650), Limits.NONE),
                NewKey.inFile(KeyType.ED25519, Optional.empty()),
                () -> now);
    }

    Trust trust() throws CredentialException {
        return new Trust(TrustStore.read(folder.resolve("ca/ca.crt")), false);
    }

    /** A gateway with a key of its own and a certificate of so many days. */
    public OwnIdentity identity(String name, int days, String... networks) throws CredentialException, IOException {
        HostKey pair = HostRequest.newKey(KeyKind.X25519);
        Path key = folder.resolve(name + ".key");
        PrivateKeyFile.create(key, pair.privateKey(), Optional.empty(), true);
        Path file = folder.resolve(name + ".crt");
        CertificateAuthority authority = CertificateAuthority.open(folder.resolve("ca"), () -> now);
        List<Prefix> prefixes = Arrays.stream(networks).map(Prefix::parse).toList();
        HostRequest request = HostRequest.create(name, prefixes, List.of(), pair);
        HostCertificate made = authority.sign(authority.draft(file, request, days, true), unasked -> {
            throw new AssertionError("asked for the passphrase of " + unasked);
        });
        CertificateAuthority.write(made, file, true);
        return new OwnIdentity(HostKey.read(key), made);
    }

    /** As another gateway would configure it. */
    PeerSetup setup(OwnIdentity identity, String... narrowed) {
        return setup(identity, Secrecy.OFF, narrowed);
    }

    PeerSetup setup(OwnIdentity identity, Secrecy secrecy, String... narrowed) {
        return new PeerSetup(
                identity.name(),
                folder.resolve(identity.name() + ".crt"),
                false,
                List.of(),
                List.of(new PeerSetup.Place("198.51.100.2", 1640)),
                List.of(Suite.AES_128_GCM, Suite.AES_256_GCM),
                Arrays.stream(narrowed).map(Prefix::parse).toList(),
                TrafficKeyPolicy.EVERY_PACKET,
                false,
                PeerEcho.Manner.USUAL,
                secrecy);
    }

    /** What a gateway is to do that allows everything its peers may, with epochs of an hour. */
    Plan plan(OwnIdentity own, Plan.PeerPlan... peers) throws CredentialException {
        return new Plan(
                OwnIdentities.of(own),
                trust(),
                false,
                OptionalInt.empty(),
                EPOCH_NS,
                List.of(peers),
                Plan.Allowed.EVERYTHING);
    }

    long ns() {
        return Duration.between(START, now).toNanos() + 9_000_000_000L;
    }

    void advance(Duration by) {
        now = now.plus(by);
    }
}
