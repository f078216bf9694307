package org.culvert.keymgmt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.culvert.keymgmt.trust.AddressBlocks;

/**
 * Makes certificates that our own issuing side refuses to make: starts from a good one and lets a test bend what it is about. The
 * certificates of one forge hang below one CA.
 */
public final class Forge {
    public static final Instant NOW = Instant.parse("2027-03-05T06:07:08Z");

    /** A good certificate's parts, to be bent. */
    public static final class Parts {
        public X500Name issuer;
        public X500Name subject;
        public BigInteger serial = BigInteger.valueOf(0x5eed_1234_5678L);
        public Instant notBefore = NOW.minusSeconds(86_400);
        public Instant notAfter = NOW.plusSeconds(40 * 86_400L);
        public byte[] spki;
        public PrivateKey signer;
        public String algorithm = "Ed25519";
        public final Map<ASN1ObjectIdentifier, Extension> extensions = new LinkedHashMap<>();

        public Parts extension(ASN1ObjectIdentifier oid, boolean critical, ASN1Encodable value) {
            try {
                return extension(oid, critical, value.toASN1Primitive().getEncoded());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        public Parts extension(ASN1ObjectIdentifier oid, boolean critical, byte[] value) {
            extensions.put(oid, new Extension(oid, critical, new DEROctetString(value)));
            return this;
        }

        public Parts without(ASN1ObjectIdentifier oid) {
            extensions.remove(oid);
            return this;
        }

        public Parts networks(String... prefixes) {
            return extension(
                    AddressBlocks.OID,
                    true,
                    AddressBlocks.of(prefixes(prefixes)).encode());
        }

        public Parts dns(String name) {
            return extension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
        }

        /** The signed DER. */
        public byte[] der() {
            try {
                X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                        issuer,
                        serial,
                        new Time(Date.from(notBefore), Locale.ROOT),
                        new Time(Date.from(notAfter), Locale.ROOT),
                        subject,
                        SubjectPublicKeyInfo.getInstance(spki));
                for (Extension extension : extensions.values()) {
                    builder.addExtension(extension);
                }
                return builder.build(new JcaContentSignerBuilder(algorithm).build(signer))
                        .getEncoded();
            } catch (IOException | OperatorCreationException e) {
                throw new AssertionError(e);
            }
        }
    }

    private final X500Name name;
    private final KeyPair keys;

    public Forge(String name) {
        this(name, key("Ed25519"));
    }

    public Forge(String name, KeyPair keys) {
        this.name = new X500Name("CN=" + name);
        this.keys = keys;
    }

    public KeyPair keys() {
        return keys;
    }

    public X500Name name() {
        return name;
    }

    public String algorithm() {
        return keys.getPublic().getAlgorithm().startsWith("EC") ? "SHA256withECDSA" : "Ed25519";
    }

    /** This CA's own certificate, with all networks. */
    public Parts authority() {
        return below(this);
    }

    /** This CA's certificate as another CA gives it. */
    public Parts below(Forge issuer) {
        Parts parts = new Parts();
        parts.issuer = issuer.name;
        parts.subject = name;
        parts.serial = BigInteger.valueOf(0x0a17 + name.hashCode() & 0x7fff_ffffL);
        parts.notAfter = NOW.plusSeconds(3000 * 86_400L);
        parts.spki = keys.getPublic().getEncoded();
        parts.signer = issuer.keys.getPrivate();
        parts.algorithm = issuer.algorithm();
        parts.extension(Extension.basicConstraints, true, new BasicConstraints(true));
        parts.extension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        parts.networks("0.0.0.0/0", "::/0");
        return parts;
    }

    /** A good host certificate of this CA for a new X25519 key. */
    public Parts host(String host, String... networks) {
        Parts parts = new Parts();
        parts.issuer = name;
        parts.subject = new X500Name("CN=" + host);
        parts.spki = key("X25519").getPublic().getEncoded();
        parts.signer = keys.getPrivate();
        parts.algorithm = algorithm();
        parts.extension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyAgreement));
        parts.dns(host);
        parts.networks(networks);
        return parts;
    }

    public static Parts bent(Parts parts, Consumer<Parts> bend) {
        bend.accept(parts);
        return parts;
    }

    public static List<Prefix> prefixes(String... texts) {
        return Stream.of(texts).map(Prefix::parse).toList();
    }

    /** "X25519", "Ed25519"; "EC" is P-256, other curves go by their name: "secp384r1". */
    public static KeyPair key(String algorithm) {
        try {
            boolean curve = algorithm.equals("EC") || algorithm.startsWith("secp");
            KeyPairGenerator generator = KeyPairGenerator.getInstance(curve ? "EC" : algorithm);
            if (curve) {
                generator.initialize(new ECGenParameterSpec(algorithm.equals("EC") ? "secp256r1" : algorithm));
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    public static Path pem(Path file, byte[]... certificates) {
        return pem("CERTIFICATE", file, certificates);
    }

    public static Path pem(String label, Path file, byte[]... ders) {
        StringBuilder text = new StringBuilder();
        for (byte[] der : ders) {
            text.append("-----BEGIN ").append(label).append("-----\n");
            text.append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der));
            text.append("\n-----END ").append(label).append("-----\n");
        }
        try {
            return Files.writeString(file, text, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
