package org.culvert.keymgmt.issue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.Locale;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.X509ObjectIdentifiers;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.culvert.keymgmt.trust.AddressBlocks;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.Fingerprint;
import org.culvert.keymgmt.trust.Groups;
import org.culvert.keymgmt.trust.HostKey;
import org.culvert.keymgmt.trust.KeyKind;

/** The bytes of certificates: which extensions, how marked, in which order. Stateless. */
final class CertificateMaker {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** id-rdna-unsigned of RFC 9925. */
    private static final ASN1ObjectIdentifier UNSIGNED_ISSUER = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.25.1");

    private static final int SERIAL_BITS = 127;
    private static final int KEY_ID_BYTES = 20;

    private CertificateMaker() {}

    /** 127 random bits: positive, and nobody can predict what a CA will sign. */
    static BigInteger newSerial() {
        BigInteger serial;
        do {
            serial = new BigInteger(SERIAL_BITS, RANDOM);
        } while (serial.signum() == 0);
        return serial;
    }

    static X500Name subject(String name) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build();
    }

    /** A host's certificate. About 390 bytes with one network. */
    static byte[] host(CaCertificate issuer, PrivateKey key, Draft draft, BigInteger serial) throws IOException {
        HostRequest request = draft.request();
        X509v3CertificateBuilder builder = builder(
                issuerName(issuer),
                serial,
                draft.notBefore(),
                draft.notAfter(),
                subject(request.name()),
                request.spki());
        addHolder(builder, request);
        builder.addExtension(
                Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(keyId(issuer.publicKey())));
        return builder.build(signer(key)).getEncoded();
    }

    /**
     * A certificate that no CA vouches for; who pins it by fingerprint needs none. A P-256 key signs its own. An X25519 key cannot: nobody
     * signs (RFC 9925), and the issuer is that RFC's placeholder, so it never passes for self-signed.
     */
    static byte[] withoutCa(HostRequest request, HostKey key, Instant notBefore, Instant notAfter) throws IOException {
        X500Name nobody = new X500Name(new RDN[] {new RDN(UNSIGNED_ISSUER, new DERUTF8String(""))});
        X500Name subject = subject(request.name());
        boolean signs = key.kind() == KeyKind.P256;
        X509v3CertificateBuilder builder =
                builder(signs ? subject : nobody, newSerial(), notBefore, notAfter, subject, request.spki());
        addHolder(builder, request);
        return builder.build(signs ? signer(key.privateKey()) : new Unsigned()).getEncoded();
    }

    /** id-alg-unsigned and no signature. */
    private static final class Unsigned implements ContentSigner {
        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return new AlgorithmIdentifier(X509ObjectIdentifiers.id_alg_unsigned);
        }

        @Override
        public OutputStream getOutputStream() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public byte[] getSignature() {
            return new byte[0];
        }
    }

    /** What a token's key is found by: a certificate that claims nothing and that nobody trusts. */
    static X509Certificate placeholder(String label, KeyPair keys) throws IOException {
        X500Name name = subject(label);
        byte[] der = builder(
                        name,
                        newSerial(),
                        Instant.EPOCH,
                        Instant.EPOCH,
                        name,
                        keys.getPublic().getEncoded())
                .build(signer(keys.getPrivate()))
                .getEncoded();
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new IllegalStateException("just encoded", e);
        }
    }

    private static void addHolder(X509v3CertificateBuilder builder, HostRequest request) throws IOException {
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyAgreement));
        builder.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.dNSName, request.name())));
        builder.addExtension(
                AddressBlocks.OID, true, AddressBlocks.of(request.networks()).encode());
        if (!request.groups().isEmpty()) {
            builder.addExtension(Groups.OID, false, Groups.encode(request.groups()));
        }
    }

    /** A CA's certificate, its own (issuer empty) or of one below. */
    static byte[] authority(
            Optional<CaCertificate> issuer,
            PrivateKey key,
            PublicKey subjectKey,
            NewAuthority wanted,
            Instant notBefore,
            Instant notAfter)
            throws IOException {
        String name = wanted.name();
        Limits limits = wanted.limits();
        X500Name issuerName = issuer.isPresent() ? issuerName(issuer.get()) : subject(name);
        X509v3CertificateBuilder builder =
                builder(issuerName, newSerial(), notBefore, notAfter, subject(name), subjectKey.getEncoded());
        builder.addExtension(
                Extension.basicConstraints,
                true,
                limits.pathLength().map(BasicConstraints::new).orElseGet(() -> new BasicConstraints(true)));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        builder.addExtension(Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyId(subjectKey)));
        builder.addExtension(
                AddressBlocks.OID, true, AddressBlocks.of(limits.networks()).encode());
        if (!limits.names().isEmpty()) {
            builder.addExtension(Extension.nameConstraints, true, new NameConstraints(subtrees(limits.names()), null));
        }
        if (!limits.groups().isEmpty()) {
            builder.addExtension(Groups.OID, false, Groups.encode(limits.groups()));
        }
        if (issuer.isPresent()) {
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new AuthorityKeyIdentifier(keyId(issuer.get().publicKey())));
        }
        return builder.build(signer(key)).getEncoded();
    }

    private static GeneralSubtree[] subtrees(Collection<String> names) {
        return names.stream()
                .map(name -> new GeneralSubtree(new GeneralName(GeneralName.dNSName, name)))
                .toArray(GeneralSubtree[]::new);
    }

    /** The issuer's name byte for byte as its own certificate has it: validators compare. */
    static X500Name issuerName(CaCertificate issuer) {
        return X500Name.getInstance(issuer.x509().getSubjectX500Principal().getEncoded());
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, BigInteger serial, Instant notBefore, Instant notAfter, X500Name subject, byte[] spki) {
        return new X509v3CertificateBuilder(
                issuer, serial, time(notBefore), time(notAfter), subject, SubjectPublicKeyInfo.getInstance(spki));
    }

    @SuppressWarnings(
            "JavaUtilDate") // what Bouncy Castle takes; UTCTime until 2049, GeneralizedTime after (RFC 5280 4.1.2.5)
    static Time time(Instant instant) {
        return new Time(Date.from(instant), Locale.ROOT);
    }

    /** Method 1 of RFC 7093: the leftmost 160 bits of SHA-256 over the key. */
    static byte[] keyId(PublicKey key) {
        byte[] bits = SubjectPublicKeyInfo.getInstance(key.getEncoded())
                .getPublicKeyData()
                .getOctets();
        return Arrays.copyOf(Fingerprint.sha256(bits), KEY_ID_BYTES);
    }

    static ContentSigner signer(PrivateKey key) throws IOException {
        String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "Ed25519";
        try {
            return new JcaContentSignerBuilder(algorithm).build(key);
        } catch (OperatorCreationException e) {
            throw new IOException("the key cannot sign: " + e.getMessage(), e);
        }
    }
}
