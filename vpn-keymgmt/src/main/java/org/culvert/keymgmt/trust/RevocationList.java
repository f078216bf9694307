package org.culvert.keymgmt.trust;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.jspecify.annotations.Nullable;

/**
 * One CA's revocation list (RFC 5280 section 5). Serial numbers decide, so another encoding of a revoked certificate is as revoked.
 * Immutable. A list past its nextUpdate stays in force: a net must not die because nobody signed on time.
 */
public final class RevocationList {
    /** A list of a hundred thousand certificates has some 4 MB, and nobody who withdraws many must be left without one. */
    private static final int LARGEST_MIB = 16;

    private static final String CRL_NUMBER = "2.5.29.20";
    private static final String AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";

    private final X509CRL crl;

    private RevocationList(X509CRL crl) {
        this.crl = crl;
    }

    /** Reads every list of a PEM file; at least one. Signatures are not checked yet: that needs the CAs. */
    public static List<RevocationList> read(Path file) throws CredentialException {
        List<RevocationList> lists = new ArrayList<>();
        for (PemFile.Block block : PemFile.read(file, LARGEST_MIB)) {
            if (!block.label().equals("X509 CRL")) {
                throw new CredentialException(
                        file,
                        "holds a " + block.label() + " where only revocation lists belong",
                        "is this the right file?");
            }
            lists.add(parse(file, block.der()));
        }
        return List.copyOf(lists);
    }

    /**
     * Takes one list apart. Its signature is not checked.
     *
     * @param file where it came from, for messages
     */
    public static RevocationList parse(Path file, byte[] der) throws CredentialException {
        try {
            Der.checkAnySize(der);
            X509CRL crl = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
            // Critical on a list: delta, indirect, or only for some certificates. Taking one for a full list would
            // un-revoke.
            if (critical(crl.getCriticalExtensionOIDs())) {
                throw new CredentialException(
                        file,
                        "the revocation list has critical extensions " + crl.getCriticalExtensionOIDs(),
                        "only full lists of one CA are supported");
            }
            if (crl.getRevokedCertificates() != null) {
                for (X509CRLEntry entry : crl.getRevokedCertificates()) {
                    if (critical(entry.getCriticalExtensionOIDs())) {
                        throw new CredentialException(
                                file,
                                "the revocation list has an entry with critical extensions "
                                        + entry.getCriticalExtensionOIDs(),
                                "only full lists of one CA are supported");
                    }
                }
            }
            return new RevocationList(crl);
        } catch (Der.MalformedException e) {
            throw new CredentialException(file, "the revocation list " + e.getMessage(), "copy the file again");
        } catch (CertificateException | CRLException e) {
            throw new CredentialException(
                    file, "the revocation list cannot be read: " + e.getMessage(), "copy the file again");
        } catch (RuntimeException e) {
            throw new CredentialException(file, "the revocation list cannot be read: " + e, "copy the file again");
        }
    }

    private static boolean critical(@Nullable Set<String> oids) {
        return oids != null && !oids.isEmpty();
    }

    /** Whether this CA signed it. */
    public boolean signedBy(CaCertificate authority) {
        if (!authority.signsCrls() || !namesIssuer(authority)) {
            return false;
        }
        try {
            crl.verify(authority.publicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    boolean namesIssuer(CaCertificate authority) {
        return crl.getIssuerX500Principal().equals(authority.x509().getSubjectX500Principal());
    }

    /** The entry of a certificate of the CA that signed this list. */
    Optional<X509CRLEntry> entry(X509Certificate certificate) {
        return Optional.ofNullable(crl.getRevokedCertificate(certificate.getSerialNumber()));
    }

    /** CN of the CA; printable. */
    public String issuerName() {
        return CaCertificate.nameOf(crl.getIssuerX500Principal().getEncoded());
    }

    public Instant thisUpdate() {
        return crl.getThisUpdate().toInstant();
    }

    /** When a newer one was promised. */
    public Optional<Instant> nextUpdate() {
        return Optional.ofNullable(crl.getNextUpdate()).map(Date::toInstant);
    }

    /** Its cRLNumber. */
    public Optional<BigInteger> number() {
        byte[] value = crl.getExtensionValue(CRL_NUMBER);
        return value == null
                ? Optional.empty()
                : Optional.of(ASN1Integer.getInstance(
                                ASN1OctetString.getInstance(value).getOctets())
                        .getValue());
    }

    public int entries() {
        return crl.getRevokedCertificates() == null
                ? 0
                : crl.getRevokedCertificates().size();
    }

    /** A copy. */
    public byte[] der() {
        try {
            return crl.getEncoded();
        } catch (CRLException e) {
            throw new IllegalStateException("it was decoded from bytes", e);
        }
    }

    /** The CA's distinguished name and the identifier of its key, as they stand in the list: what tells apart the lists of a CA that changes its key. */
    public byte[] issuer() {
        byte[] name = crl.getIssuerX500Principal().getEncoded();
        byte[] key = crl.getExtensionValue(AUTHORITY_KEY_IDENTIFIER);
        if (key == null) {
            return name;
        }
        byte[] both = Arrays.copyOf(name, name.length + key.length);
        System.arraycopy(key, 0, both, name.length, key.length);
        return both;
    }

    public X509CRL x509() {
        return crl;
    }
}
