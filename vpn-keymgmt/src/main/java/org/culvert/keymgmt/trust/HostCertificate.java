package org.culvert.keymgmt.trust;

import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.culvert.keymgmt.Prefix;
import org.jspecify.annotations.Nullable;

/**
 * The certificate of a host, with the intermediate CAs that lie between it and a trusted one. Reading checks what needs no
 * trust: encoding, name, networks, and that the key can be used; {@link TrustStore#check} does the rest. Immutable.
 */
public final class HostCertificate {
    /** Ours has none or one; somebody else's PKI two or three. */
    private static final int MOST_INTERMEDIATES = 7;

    private final Path file;
    private final X509Certificate x509;
    private final String name;
    private final AddressBlocks blocks;
    private final List<String> groups;
    private final byte[] spki;
    private final PublicKey publicKey;
    private final List<CaCertificate> intermediates;

    private HostCertificate(
            Path file,
            CertificateDer parsed,
            String name,
            AddressBlocks blocks,
            List<String> groups,
            PublicKey publicKey,
            List<CaCertificate> intermediates) {
        this.file = file;
        this.x509 = parsed.x509();
        this.name = name;
        this.blocks = blocks;
        this.groups = groups;
        this.spki = parsed.spki();
        this.publicKey = publicKey;
        this.intermediates = List.copyOf(intermediates);
    }

    /** Reads a PEM file: the host's certificate first, then its intermediates, each signed by the next. */
    public static HostCertificate read(Path file) throws CredentialException {
        List<PemFile.Block> blocks = PemFile.read(file);
        if (!blocks.stream().allMatch(block -> block.label().equals("CERTIFICATE"))) {
            throw new CredentialException(
                    file, "holds " + PemFile.labels(blocks) + ", not only certificates", "is this the right file?");
        }
        if (blocks.size() > 1 + MOST_INTERMEDIATES) {
            throw new CredentialException(
                    file,
                    "holds " + blocks.size() + " certificates; a chain has at most " + (1 + MOST_INTERMEDIATES),
                    "");
        }
        List<CaCertificate> intermediates = new ArrayList<>();
        for (PemFile.Block block : blocks.subList(1, blocks.size())) {
            intermediates.add(CaCertificate.parse(file, block.der()));
        }
        return parse(file, blocks.getFirst().der(), intermediates);
    }

    /**
     * Takes one certificate apart.
     *
     * @param file where it came from, for messages
     */
    public static HostCertificate parse(Path file, byte[] der, List<CaCertificate> intermediates)
            throws CredentialException {
        CertificateDer parsed = CertificateDer.parse(file, der);
        String name = parsed.name();
        AddressBlocks blocks = parsed.networks();
        if (blocks != null && blocks.inherits()) {
            parsed.fault("its networks are 'inherit'; a host certificate lists its own");
        }
        List<String> groups = parsed.groups();
        PublicKey publicKey = publicKey(parsed);
        parsed.refuseIfFaulty("this is no usable host certificate");
        return new HostCertificate(
                file,
                parsed,
                name,
                Objects.requireNonNull(blocks, "no fault, so there are networks"),
                groups == null ? List.of() : groups,
                Objects.requireNonNull(publicKey, "no fault, so there is a key"),
                intermediates);
    }

    private static @Nullable PublicKey publicKey(CertificateDer parsed) {
        byte[] spki = parsed.spki();
        Optional<KeyKind> kind = KeyKind.of(spki);
        if (kind.isEmpty()) {
            parsed.fault("its key is " + parsed.x509().getPublicKey().getAlgorithm()
                    + "; a host key is X25519 as in RFC 8410 or P-256 as in RFC 5480");
            return null;
        }
        Optional<String> fault = kind.get().fault(spki);
        if (fault.isPresent()) {
            parsed.fault(fault.get());
            return null;
        }
        try {
            return kind.get().publicKey(spki);
        } catch (GeneralSecurityException e) {
            parsed.fault("its key cannot be read: " + e.getMessage());
            return null;
        }
    }

    /** Where it was read from. */
    public Path file() {
        return file;
    }

    public String name() {
        return name;
    }

    /** What the holder may speak for: the fewest prefixes, IPv4 first, each family sorted. */
    public List<Prefix> networks() {
        return blocks.networks();
    }

    /** Those of the given networks that do not lie wholly within its own. */
    public List<Prefix> outside(List<Prefix> wanted) {
        return blocks.outside(wanted);
    }

    /** What of the networks RFC 3779 made a range in the certificate: "10.1.0.0-10.1.2.255". */
    public List<String> networkRanges() {
        return blocks.ranges();
    }

    public List<String> groups() {
        return groups;
    }

    public PublicKey publicKey() {
        return publicKey;
    }

    public KeyKind keyKind() {
        return KeyKind.of(spki).orElseThrow();
    }

    /** SubjectPublicKeyInfo as it stands in the certificate; a copy. */
    public byte[] spki() {
        return spki.clone();
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
        return CaCertificate.nameOf(x509.getIssuerX500Principal().getEncoded());
    }

    public BigInteger serial() {
        return x509.getSerialNumber();
    }

    /** SHA-256 of the whole certificate, as openssl prints it. */
    public String fingerprint() {
        return Fingerprint.of(der());
    }

    /** SHA-256 of the SubjectPublicKeyInfo: the same in request, certificate and renewal. */
    public String keyFingerprint() {
        return Fingerprint.of(spki);
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

    /** Nearest first; empty when a trusted CA signed it directly. */
    public List<CaCertificate> intermediates() {
        return intermediates;
    }

    AddressBlocks blocks() {
        return blocks;
    }
}
