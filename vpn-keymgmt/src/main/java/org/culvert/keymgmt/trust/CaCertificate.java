package org.culvert.keymgmt.trust;

import java.math.BigInteger;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.culvert.keymgmt.Prefix;
import org.jspecify.annotations.Nullable;

/** The certificate of a CA, trusted itself or between a host and a trusted one. Immutable. */
public final class CaCertificate {
    /** Bits of keyUsage. A CA certificate without that extension may do everything: {@code openssl req -x509} makes such. */
    private static final int KEY_CERT_SIGN = 5;

    private static final int CRL_SIGN = 6;

    private final Path file;
    private final X509Certificate x509;
    private final AddressBlocks blocks;
    private final @Nullable List<String> groups;

    private CaCertificate(Path file, X509Certificate x509, AddressBlocks blocks, @Nullable List<String> groups) {
        this.file = file;
        this.x509 = x509;
        this.blocks = blocks;
        this.groups = groups;
    }

    /** Reads every certificate of a PEM file; at least one. */
    public static List<CaCertificate> read(Path file) throws CredentialException {
        List<CaCertificate> authorities = new ArrayList<>();
        for (PemFile.Block block : PemFile.read(file)) {
            if (!block.label().equals("CERTIFICATE")) {
                throw new CredentialException(
                        file,
                        "holds a " + block.label() + " where only CA certificates belong",
                        "is this the right file?");
            }
            authorities.add(parse(file, block.der()));
        }
        return List.copyOf(authorities);
    }

    /** Whether the first certificate of a PEM file is a CA's. */
    public static boolean startsWithOne(Path file) throws CredentialException {
        byte[] der = PemFile.read(file).getFirst().der();
        return CertificateDer.parse(file, der).x509().getBasicConstraints() >= 0;
    }

    /**
     * Takes one certificate apart and checks what needs no trust.
     *
     * @param file where it came from, for messages
     */
    public static CaCertificate parse(Path file, byte[] der) throws CredentialException {
        CertificateDer parsed = CertificateDer.parse(file, der);
        X509Certificate x509 = parsed.x509();
        boolean[] usage = x509.getKeyUsage();
        if (x509.getBasicConstraints() < 0) {
            parsed.fault("it is not a CA certificate (CA:TRUE is missing)");
        } else if (usage != null && !usage[KEY_CERT_SIGN]) {
            parsed.fault("its key usage does not include Certificate Sign");
        }
        if (!strong(x509.getPublicKey())) {
            parsed.fault("its key is neither Ed25519 nor P-256 or P-384 nor RSA of at least 2048 bits");
        }
        AddressBlocks blocks = parsed.networks();
        List<String> groups = parsed.groups();
        parsed.refuseIfFaulty("this is no CA certificate for culvert");
        return new CaCertificate(file, x509, Objects.requireNonNull(blocks, "no fault, so there are networks"), groups);
    }

    private static boolean strong(PublicKey key) {
        return switch (key) {
            case EdECPublicKey edwards -> edwards.getParams().getName().equals("Ed25519");
            case ECPublicKey curve -> curve.getParams().getOrder().bitLength() >= 256;
            case RSAPublicKey rsa -> rsa.getModulus().bitLength() >= 2048;
            default -> false;
        };
    }

    public Path file() {
        return file;
    }

    /** The subject's CN, or the whole subject when it has none; printable. */
    public String name() {
        return nameOf(x509.getSubjectX500Principal().getEncoded());
    }

    static String nameOf(byte[] subject) {
        X500Name name = X500Name.getInstance(subject);
        List<String> common = CertificateDer.commonNames(name);
        return Printable.of(common.size() == 1 ? common.getFirst() : name.toString());
    }

    /** What it may certify; empty when it inherits all from its issuer. */
    public List<Prefix> networks() {
        return blocks.networks();
    }

    /** Those of the given networks that it may not certify. */
    public List<Prefix> outside(List<Prefix> wanted) {
        return blocks.outside(wanted);
    }

    /** What of the networks RFC 3779 made a range in the certificate: "10.1.0.0-10.1.2.255". */
    public List<String> networkRanges() {
        return blocks.ranges();
    }

    /** The only groups it may certify, or empty when any. */
    public Optional<List<String>> groups() {
        return Optional.ofNullable(groups);
    }

    /** How many CAs may lie below it; empty: any number. */
    public Optional<Integer> pathLength() {
        int length = x509.getBasicConstraints();
        return length == Integer.MAX_VALUE ? Optional.empty() : Optional.of(length);
    }

    /** Whether its key may sign revocation lists. */
    public boolean signsCrls() {
        boolean[] usage = x509.getKeyUsage();
        return usage == null || usage[CRL_SIGN];
    }

    public boolean selfIssued() {
        return x509.getSubjectX500Principal().equals(x509.getIssuerX500Principal());
    }

    public PublicKey publicKey() {
        return x509.getPublicKey();
    }

    public Instant notBefore() {
        return x509.getNotBefore().toInstant();
    }

    /** The last second it is valid in. */
    public Instant notAfter() {
        return x509.getNotAfter().toInstant();
    }

    /** CN of who signed it; printable. */
    public String issuerName() {
        return nameOf(x509.getIssuerX500Principal().getEncoded());
    }

    /** The only names it may certify, themselves and what ends in "." and them; empty: any. */
    public List<String> names() {
        byte[] value = x509.getExtensionValue("2.5.29.30");
        if (value == null) {
            return List.of();
        }
        GeneralSubtree[] permitted = NameConstraints.getInstance(
                        ASN1OctetString.getInstance(value).getOctets())
                .getPermittedSubtrees();
        return permitted == null
                ? List.of()
                : Arrays.stream(permitted)
                        .filter(subtree -> subtree.getBase().getTagNo() == GeneralName.dNSName)
                        .map(subtree -> Printable.of(subtree.getBase().getName().toString()))
                        .toList();
    }

    public BigInteger serial() {
        return x509.getSerialNumber();
    }

    /** SHA-256 of the whole certificate, as openssl prints it. */
    public String fingerprint() {
        return Fingerprint.of(der());
    }

    /** SHA-256 of the SubjectPublicKeyInfo. */
    public String keyFingerprint() {
        return Fingerprint.of(x509.getPublicKey().getEncoded());
    }

    public X509Certificate x509() {
        return x509;
    }

    /** A copy. */
    public byte[] der() {
        try {
            return x509.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("it was decoded from bytes", e);
        }
    }

    AddressBlocks blocks() {
        return blocks;
    }
}
