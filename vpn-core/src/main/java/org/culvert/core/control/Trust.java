package org.culvert.core.control;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.PemFile;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.keymgmt.trust.RevocationList;
import org.culvert.keymgmt.trust.TrustStore;

/**
 * Whom this gateway believes: the CAs with their revocation lists, and for how long a list is in force. Immutable.
 *
 * @param refusesStale whether nobody is accepted once a list is past its time; else it stays in force, with a warning
 */
public record Trust(TrustStore store, boolean refusesStale) {
    /** Why a certificate of a CA's is not accepted at a moment; empty means it is good. */
    List<Problem> check(HostCertificate certificate, Instant at) {
        List<Problem> found = new ArrayList<>(store.check(certificate, at));
        if (refusesStale) {
            store.staleLists(at)
                    .forEach(line -> found.add(new Problem(Problem.Kind.CRL, line + ", and crl-stale is \"refuse\"")));
        }
        return found;
    }

    /** A host that has no CA vouches for itself; whether anybody believes it is for its peers to say. */
    public List<Problem> checkOwn(HostCertificate own, Instant at) {
        boolean vouchesForItself =
                own.x509().getIssuerX500Principal().equals(own.x509().getSubjectX500Principal());
        return vouchesForItself ? TrustStore.checkPinned(own, own.fingerprint(), at) : check(own, at);
    }

    /** The moments at which the answer may change though no certificate does. */
    List<Instant> ends() {
        return store.revocationLists().orElse(List.of()).stream()
                .flatMap(list -> list.nextUpdate().stream())
                .toList();
    }

    /**
     * A list of ours that is older than the one of the same CA that is in force: taking it would un-revoke somebody.
     *
     * @return in words, or nothing when all is newer or the same
     */
    public Optional<String> olderThan(Trust inForce) {
        for (RevocationList mine : lists()) {
            for (RevocationList known : inForce.lists()) {
                BigInteger number = mine.number().orElse(BigInteger.ZERO);
                BigInteger knownNumber = known.number().orElse(BigInteger.ZERO);
                if (Arrays.equals(mine.issuer(), known.issuer()) && number.compareTo(knownNumber) < 0) {
                    return Optional.of("the revocation list of '" + mine.issuerName() + "' is number " + number
                            + ", and number " + knownNumber + " is in force already");
                }
            }
        }
        return Optional.empty();
    }

    /** The same with a newer list; nothing where it is none, or of no CA of ours. */
    public Optional<Trust> with(RevocationList newer) {
        return store.with(newer).map(next -> new Trust(next, refusesStale));
    }

    /** The lists as a file holds them. */
    public byte[] pem() {
        ByteArrayOutputStream pem = new ByteArrayOutputStream();
        lists().forEach(list -> pem.writeBytes(PemFile.block("X509 CRL", list.der())));
        return pem.toByteArray();
    }

    /** Whether both know the same CAs and revocations. */
    public boolean sameAs(Trust other) {
        return store.authorities().stream()
                        .map(each -> each.x509())
                        .toList()
                        .equals(other.store.authorities().stream()
                                .map(each -> each.x509())
                                .toList())
                && lists().stream()
                        .map(RevocationList::x509)
                        .toList()
                        .equals(other.lists().stream().map(RevocationList::x509).toList());
    }

    List<RevocationList> lists() {
        return store.revocationLists().orElse(List.of());
    }
}
