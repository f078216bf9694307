package org.culvert.keymgmt.issue;

import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;

/** What follows from a journal: every certificate issued, and which are revoked. Immutable. */
public final class Register {
    private final Journal journal;
    private final List<Issued> issued;

    private Register(Journal journal, List<Issued> issued) {
        this.journal = journal;
        this.issued = issued;
    }

    static Register of(Journal journal) throws CredentialException {
        Map<BigInteger, Issued> bySerial = new LinkedHashMap<>();
        for (Journal.Entry entry : journal.entries()) {
            try {
                apply(journal.file(), entry, bySerial);
            } catch (IllegalArgumentException e) {
                throw new CredentialException(
                        journal.file(),
                        "line " + entry.sequence() + " cannot be understood: " + e.getMessage(),
                        "was it written by a newer culvert?");
            }
        }
        return new Register(journal, List.copyOf(bySerial.values()));
    }

    private static void apply(Path file, Journal.Entry entry, Map<BigInteger, Issued> bySerial)
            throws CredentialException {
        switch (entry.event()) {
            case "sign" -> {
                HostCertificate host = HostCertificate.parse(file, der(entry), List.of());
                put(
                        bySerial,
                        new Issued(
                                host.serial(),
                                host.name(),
                                false,
                                host.networks(),
                                host.groups(),
                                host.keyFingerprint(),
                                entry.field("issuer"),
                                host.notBefore(),
                                host.notAfter(),
                                Optional.empty()));
            }
            case "authority" -> {
                CaCertificate authority = CaCertificate.parse(file, der(entry));
                put(
                        bySerial,
                        new Issued(
                                authority.serial(),
                                authority.name(),
                                true,
                                authority.networks(),
                                authority.groups().orElse(List.of()),
                                authority.keyFingerprint(),
                                entry.field("issuer"),
                                authority.notBefore(),
                                authority.notAfter(),
                                Optional.empty()));
            }
            case "revoke" -> revoke(entry, bySerial);
            case "init", "renew", "rotate" -> CaCertificate.parse(file, der(entry));
            case "retire" -> {}
            case "crl" -> Long.parseLong(entry.field("number"));
            default -> throw new IllegalArgumentException("unknown event " + entry.event());
        }
    }

    private static void put(Map<BigInteger, Issued> bySerial, Issued issued) {
        if (bySerial.putIfAbsent(issued.serial(), issued) != null) {
            throw new IllegalArgumentException("serial " + issued.serialText() + " a second time");
        }
    }

    private static void revoke(Journal.Entry entry, Map<BigInteger, Issued> bySerial) {
        BigInteger serial = new BigInteger(entry.field("serial"), 16);
        Reason reason = Reason.ofLabel(entry.field("reason"))
                .orElseThrow(() -> new IllegalArgumentException("unknown reason " + entry.field("reason")));
        Issued issued = bySerial.get(serial);
        if (issued == null) {
            throw new IllegalArgumentException("revokes a serial that was never issued");
        }
        bySerial.put(serial, issued.revoked(new Issued.Revocation(entry.time(), reason)));
    }

    /** DER of a host's certificate. */
    byte[] certificate(Issued host) {
        return journal.entries().stream()
                .filter(entry -> entry.event().equals("sign"))
                .filter(entry -> entry.field("serial").equals(host.serialText()))
                .map(Register::der)
                .findFirst()
                .orElseThrow();
    }

    private static byte[] der(Journal.Entry entry) {
        return Base64.getUrlDecoder().decode(entry.field("certificate"));
    }

    static Map<String, String> fields(HostCertificate host, CaCertificate issuer) {
        return fields(host.serial(), host.name(), issuer, host.der());
    }

    static Map<String, String> fields(CaCertificate authority, CaCertificate issuer) {
        return fields(authority.serial(), authority.name(), issuer, authority.der());
    }

    private static Map<String, String> fields(BigInteger serial, String name, CaCertificate issuer, byte[] der) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("serial", serial.toString(16));
        fields.put("name", name);
        fields.put("issuer", issuer.keyFingerprint());
        fields.put("certificate", Base64.getUrlEncoder().withoutPadding().encodeToString(der));
        return fields;
    }

    /** Number of the newest revocation list; 0 before the first. */
    long lastListNumber() {
        return journal.entries().stream()
                .filter(entry -> entry.event().equals("crl"))
                .mapToLong(entry -> Long.parseLong(entry.field("number")))
                .max()
                .orElse(0);
    }

    public Journal journal() {
        return journal;
    }

    /** Everything ever issued, oldest first. */
    public List<Issued> issued() {
        return issued;
    }

    /** What is neither revoked nor over. */
    public List<Issued> live(Instant at) {
        List<Issued> live = new ArrayList<>(issued);
        live.removeIf(certificate -> !certificate.live(at));
        return live;
    }
}
