package org.culvert.keymgmt.issue;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.AddressBlocks;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.Der;
import org.culvert.keymgmt.trust.Fingerprint;
import org.culvert.keymgmt.trust.Groups;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.HostKey;
import org.culvert.keymgmt.trust.HostName;
import org.culvert.keymgmt.trust.KeyKind;
import org.culvert.keymgmt.trust.PemFile;
import org.jspecify.annotations.Nullable;

/**
 * What a host asks a CA for: PKCS#10 (RFC 2986) with name, networks and groups as requested extensions. Immutable.
 *
 * <p>One with an X25519 key is not signed ({@link RequestSignature}) and proves nothing: whoever signs compares the key's fingerprint with
 * what the host printed. A stolen public key gains nothing, since name and key are both bound into Kij.
 */
public final class HostRequest {
    private static final String LABEL = "CERTIFICATE REQUEST";

    private final byte[] der;
    private final String name;
    private final List<Prefix> networks;
    private final List<String> groups;
    private final byte[] spki;

    private HostRequest(byte[] der, String name, List<Prefix> networks, List<String> groups, byte[] spki) {
        this.der = der;
        this.name = name;
        this.networks = networks;
        this.groups = groups;
        this.spki = spki;
    }

    /** A new key. */
    public static HostKey newKey(KeyKind kind) {
        return HostKey.of(newPair(kind));
    }

    static KeyPair newPair(KeyKind kind) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(
                    switch (kind) {
                        case X25519 -> "X25519";
                        case P256 -> "EC";
                    });
            if (kind == KeyKind.P256) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has X25519 and P-256", e);
        }
    }

    /**
     * Makes a request for a key.
     *
     * @throws IllegalArgumentException when a name, a group or the key is not one a certificate can have
     */
    public static HostRequest create(String name, Collection<Prefix> networks, Collection<String> groups, HostKey key) {
        byte[] spki = key.spki();
        refuse(HostName.fault(name));
        groups.forEach(group -> refuse(Groups.fault(group)));
        refuse(key.kind().fault(spki));
        if (networks.isEmpty()) {
            throw new IllegalArgumentException("a host needs at least one network");
        }
        try {
            X500Name subject = new X500NameBuilder(BCStyle.INSTANCE)
                    .addRDN(BCStyle.CN, name)
                    .build();
            Attribute extensions = new Attribute(
                    PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, new DERSet(extensions(name, networks, groups)));
            CertificationRequestInfo info = new CertificationRequestInfo(
                    subject, SubjectPublicKeyInfo.getInstance(spki), new DERSet(extensions));
            List<Prefix> canonical = AddressBlocks.of(networks).networks();
            return new HostRequest(
                    RequestSignature.sign(info, key).getEncoded(ASN1Encoding.DER),
                    name,
                    canonical,
                    groups.stream().sorted().distinct().toList(),
                    spki);
        } catch (IOException e) {
            throw new IllegalStateException("the host key cannot sign: " + e.getMessage(), e);
        }
    }

    private static void refuse(Optional<String> fault) {
        fault.ifPresent(words -> {
            throw new IllegalArgumentException(words);
        });
    }

    private static Extensions extensions(String name, Collection<Prefix> networks, Collection<String> groups)
            throws IOException {
        ExtensionsGenerator generator = new ExtensionsGenerator();
        generator.addExtension(
                Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
        generator.addExtension(
                AddressBlocks.OID, true, AddressBlocks.of(networks).encode());
        if (!groups.isEmpty()) {
            generator.addExtension(Groups.OID, false, Groups.encode(groups));
        }
        return generator.generate();
    }

    public static HostRequest read(Path file) throws CredentialException {
        byte[] der = PemFile.readOne(file, LABEL);
        try {
            Der.check(der);
            return parse(der);
        } catch (Der.MalformedException e) {
            throw new CredentialException(
                    file, "the request " + e.getMessage(), "make it again with: culvert host request");
        } catch (RuntimeException e) {
            // Bouncy Castle throws many kinds at bytes that are ASN.1 but no request
            throw new CredentialException(
                    file, "the request cannot be read: " + e.getMessage(), "make it again with: culvert host request");
        }
    }

    private static HostRequest parse(byte[] der) throws Der.MalformedException {
        CertificationRequest request = CertificationRequest.getInstance(der);
        CertificationRequestInfo info = request.getCertificationRequestInfo();
        byte[] spki;
        Optional<String> badSignature;
        try {
            spki = info.getSubjectPublicKeyInfo().getEncoded(ASN1Encoding.DER);
            KeyKind kind = KeyKind.of(spki)
                    .orElseThrow(() -> new Der.MalformedException("is refused: its key is neither X25519 nor P-256"));
            badSignature = kind.fault(spki).map(fault -> "is refused: " + fault);
            if (badSignature.isEmpty()) {
                badSignature = RequestSignature.fault(request, kind, spki);
            }
        } catch (IOException e) {
            throw new IllegalStateException("encoding to memory cannot fail", e);
        }
        if (badSignature.isPresent()) {
            throw new Der.MalformedException(badSignature.get());
        }
        Extensions extensions = requested(info);
        String name = name(info.getSubject(), extensions);
        List<String> groups = List.of();
        byte[] value = value(extensions, Groups.OID);
        if (value != null) {
            groups = Groups.decode(value);
        }
        Optional<String> fault = HostName.fault(name);
        if (fault.isPresent()) {
            throw new Der.MalformedException("is refused: " + fault.get());
        }
        byte[] blocks = value(extensions, AddressBlocks.OID);
        if (blocks == null) {
            throw new Der.MalformedException("asks for no networks");
        }
        List<Prefix> networks = AddressBlocks.decode(blocks).networks();
        if (networks.isEmpty()) {
            throw new Der.MalformedException("asks to inherit networks; a host lists its own");
        }
        return new HostRequest(der, name, networks, groups, spki);
    }

    private static @Nullable Extensions requested(CertificationRequestInfo info) {
        for (var member : info.getAttributes()) {
            Attribute attribute = Attribute.getInstance(member);
            if (attribute.getAttrType().equals(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)) {
                return Extensions.getInstance(attribute.getAttrValues().getObjectAt(0));
            }
        }
        return null;
    }

    private static byte @Nullable [] value(@Nullable Extensions extensions, ASN1ObjectIdentifier oid) {
        Extension extension = extensions == null ? null : extensions.getExtension(oid);
        return extension == null ? null : extension.getExtnValue().getOctets();
    }

    private static String name(X500Name subject, @Nullable Extensions extensions) throws Der.MalformedException {
        List<String> names = new ArrayList<>();
        for (var rdn : subject.getRDNs(BCStyle.CN)) {
            names.add(((ASN1String) rdn.getFirst().getValue()).getString());
        }
        byte[] alternative = value(extensions, Extension.subjectAlternativeName);
        if (alternative != null) {
            for (GeneralName other : GeneralNames.getInstance(alternative).getNames()) {
                names.add(other.getTagNo() == GeneralName.dNSName ? ((ASN1String) other.getName()).getString() : "");
            }
        }
        if (names.isEmpty() || names.stream().distinct().count() != 1) {
            throw new Der.MalformedException("does not name one host (CN and dNSName: " + names + ")");
        }
        return names.getFirst();
    }

    /**
     * Makes a certificate of it that no CA vouches for, to be pinned by its fingerprint.
     *
     * @param file where it will be, for messages
     * @param key the request's own
     */
    public HostCertificate withoutCa(Path file, HostKey key, Instant notBefore, Instant notAfter)
            throws CredentialException, IOException {
        return HostCertificate.parse(file, CertificateMaker.withoutCa(this, key, notBefore, notAfter), List.of());
    }

    /** Writes it as PEM. */
    public void write(Path file, boolean force) throws IOException {
        SafeFile.create(file, PemFile.block(LABEL, der), SafeFile.PUBLIC, force);
    }

    public String name() {
        return name;
    }

    /** The fewest prefixes, IPv4 first, each family sorted. */
    public List<Prefix> networks() {
        return networks;
    }

    public List<String> groups() {
        return groups;
    }

    /** A copy. */
    public byte[] spki() {
        return spki.clone();
    }

    public KeyKind keyKind() {
        return KeyKind.of(spki).orElseThrow();
    }

    /** The same that the certificate will show as its key's fingerprint. */
    public String keyFingerprint() {
        return Fingerprint.of(spki);
    }
}
