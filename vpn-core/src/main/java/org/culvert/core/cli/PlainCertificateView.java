package org.culvert.core.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.issue.HostRequest;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.RevocationList;

/** Certificates for people. */
final class PlainCertificateView implements CertificateView {
    private final Sheet sheet;

    PlainCertificateView(Sheet sheet) {
        this.sheet = sheet;
    }

    @Override
    public void host(HostCertificate host) {
        sheet.title("host certificate");
        sheet.row("name", host.name());
        networks(host.networks(), host.networkRanges());
        if (!host.groups().isEmpty()) {
            sheet.row("groups", host.groups());
        }
        sheet.row("key", host.keyFingerprint());
        sheet.row("key type", host.keyKind().label());
        valid(host.notBefore(), host.notAfter());
        sheet.row("issuer", host.issuerName());
        sheet.row("serial", host.serial().toString(16));
        sheet.row("fingerprint", host.fingerprint());
    }

    @Override
    public void authority(CaCertificate authority) {
        sheet.title("CA certificate");
        sheet.row("name", authority.name());
        networks(authority.networks(), authority.networkRanges());
        authority.groups().ifPresent(groups -> sheet.row("groups", String.join(", ", groups) + " only"));
        if (!authority.names().isEmpty()) {
            sheet.row("names", "only " + String.join(", ", authority.names()) + " and names that end so");
        }
        authority.pathLength().ifPresent(length -> sheet.row("CAs below", length == 0 ? "none" : "at most " + length));
        sheet.row("key", authority.keyFingerprint());
        valid(authority.notBefore(), authority.notAfter());
        sheet.row("issuer", authority.selfIssued() ? "itself" : authority.issuerName());
        sheet.row("serial", authority.serial().toString(16));
        sheet.row("fingerprint", authority.fingerprint());
    }

    @Override
    public void request(HostRequest request) {
        sheet.title("request for a host certificate");
        sheet.row("name", request.name());
        networks(request.networks(), List.of());
        if (!request.groups().isEmpty()) {
            sheet.row("groups", request.groups());
        }
        sheet.row("key", request.keyFingerprint());
        sheet.row("key type", request.keyKind().label());
    }

    @Override
    public void list(RevocationList list) {
        sheet.title("revocation list");
        sheet.row("issuer", list.issuerName());
        list.number().ifPresent(number -> sheet.row("number", number));
        sheet.row("made", list.thisUpdate());
        list.nextUpdate().ifPresent(next -> sheet.row("next due", next));
        sheet.row("revoked", list.entries() + (list.entries() == 1 ? " certificate" : " certificates"));
    }

    private void networks(List<Prefix> networks, List<String> ranges) {
        sheet.row("networks", networks);
        if (!ranges.isEmpty()) {
            sheet.row(
                    "",
                    "of these, neighbours stand in the certificate as " + String.join(", ", ranges) + " (RFC 3779)");
        }
    }

    private void valid(Instant notBefore, Instant notAfter) {
        Instant now = Instant.now();
        String state = now.isBefore(notBefore)
                ? "not yet"
                : now.isAfter(notAfter)
                        ? "EXPIRED"
                        : Duration.between(now, notAfter).toDays() + " days left";
        sheet.row("valid", notBefore + " to " + notAfter + " (" + state + ")");
    }
}
