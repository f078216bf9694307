package org.culvert.keymgmt.trust;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.jspecify.annotations.Nullable;

/**
 * One certificate while it is taken apart. The JDK parses it and keeps what signatures are checked over; the fields where
 * its answer is not exact enough (the key's own bytes, string types in names) come from the ASN.1. Faults are collected, so that all are told at once.
 */
final class CertificateDer {
    /** RFC 5280 section 4.1.2.2. */
    private static final int LONGEST_SERIAL_BYTES = 20;

    private final Path file;
    private final X509Certificate x509;
    private final Certificate asn1;
    private final List<String> faults = new ArrayList<>();

    private CertificateDer(Path file, X509Certificate x509, Certificate asn1) {
        this.file = file;
        this.x509 = x509;
        this.asn1 = asn1;
    }

    static CertificateDer parse(Path file, byte[] der) throws CredentialException {
        try {
            Der.check(der);
            X509Certificate x509 = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            CertificateDer parsed = new CertificateDer(file, x509, Certificate.getInstance(der));
            parsed.checkFrame();
            return parsed;
        } catch (Der.MalformedException e) {
            throw refused(file, "the certificate " + e.getMessage());
        } catch (CertificateException e) {
            throw refused(file, "the certificate cannot be read: " + e.getMessage());
        } catch (RuntimeException e) {
            // Two parsers, 30 years of ASN.1: what they throw at bytes made to confuse them is not only what they
            // declare.
            throw refused(file, "the certificate cannot be read: " + e);
        }
    }

    private static CredentialException refused(Path file, String reason) {
        return new CredentialException(file, reason, "ask for it again");
    }

    private void checkFrame() {
        BigInteger serial = x509.getSerialNumber();
        if (x509.getVersion() != 3) {
            fault("the certificate has version " + x509.getVersion() + ", not 3");
        }
        // The JDK compares only the OIDs: NULL parameters in the unsigned copy would give one certificate a second
        // fingerprint.
        if (!asn1.getSignatureAlgorithm().equals(asn1.getTBSCertificate().getSignature())) {
            fault("the signature algorithm outside the signed part is not the one inside");
        }
        if (serial.signum() <= 0 || serial.toByteArray().length > LONGEST_SERIAL_BYTES) {
            fault("the serial number is not positive and of at most 20 bytes");
        }
        Instant from = x509.getNotBefore().toInstant();
        Instant until = x509.getNotAfter().toInstant();
        if (until.isBefore(from)) {
            fault("the validity ends (" + until + ") before it begins (" + from + ")");
        }
    }

    void fault(String fault) {
        faults.add(fault);
    }

    void refuseIfFaulty(String hint) throws CredentialException {
        if (!faults.isEmpty()) {
            throw new CredentialException(file, String.join(", ", faults), hint);
        }
    }

    X509Certificate x509() {
        return x509;
    }

    /** SubjectPublicKeyInfo exactly as it stands in the certificate: id(x) is a hash over it. */
    byte[] spki() {
        try {
            return asn1.getSubjectPublicKeyInfo().getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException("encoding to memory cannot fail", e);
        }
    }

    /** The one CN of the subject that is also the one dNSName, or "" after a fault. */
    String name() {
        List<String> common = commonNames(asn1.getSubject());
        List<String> dns;
        try {
            dns = dnsNames();
        } catch (IllegalArgumentException | ClassCastException e) {
            fault("the extension subjectAltName cannot be read");
            return "";
        }
        if (common.size() != 1 || dns.size() != 1 || !common.equals(dns)) {
            fault("the subject's CN (" + listed(common) + ") and the dNSName (" + listed(dns)
                    + ") are not one and the same name");
            return "";
        }
        HostName.fault(common.getFirst()).ifPresent(this::fault);
        return common.getFirst();
    }

    private static String listed(List<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    static List<String> commonNames(X500Name subject) {
        List<String> names = new ArrayList<>();
        for (RDN rdn : subject.getRDNs()) {
            for (AttributeTypeAndValue part : rdn.getTypesAndValues()) {
                if (part.getType().equals((ASN1Primitive) BCStyle.CN)) {
                    names.add(part.getValue() instanceof ASN1String text ? text.getString() : "not text");
                }
            }
        }
        return names;
    }

    private List<String> dnsNames() {
        byte[] value = extension(Extension.subjectAlternativeName);
        List<String> names = new ArrayList<>();
        if (value != null) {
            for (GeneralName name : GeneralNames.getInstance(value).getNames()) {
                if (name.getTagNo() == GeneralName.dNSName) {
                    names.add(((ASN1String) name.getName()).getString());
                }
            }
        }
        return names;
    }

    /** The certified networks, or null after a fault. */
    @Nullable
    AddressBlocks networks() {
        byte[] value = extension(AddressBlocks.OID);
        if (value == null) {
            fault("it certifies no networks (extension IPAddrBlocks, RFC 3779)");
            return null;
        }
        if (!x509.getCriticalExtensionOIDs().contains(AddressBlocks.OID.getId())) {
            fault("the extension IPAddrBlocks is not marked critical");
        }
        try {
            return AddressBlocks.decode(value);
        } catch (Der.MalformedException e) {
            fault("the extension IPAddrBlocks " + e.getMessage());
            return null;
        }
    }

    /** The groups; null when the extension is not there or after a fault. */
    @Nullable
    List<String> groups() {
        byte[] value = extension(Groups.OID);
        if (value == null) {
            return null;
        }
        try {
            return Groups.decode(value);
        } catch (Der.MalformedException e) {
            fault("the groups extension " + e.getMessage());
            return null;
        }
    }

    private byte @Nullable [] extension(ASN1ObjectIdentifier oid) {
        var extensions = asn1.getTBSCertificate().getExtensions();
        Extension extension = extensions == null ? null : extensions.getExtension(oid);
        return extension == null ? null : extension.getExtnValue().getOctets();
    }
}
