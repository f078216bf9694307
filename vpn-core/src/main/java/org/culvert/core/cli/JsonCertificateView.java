package org.culvert.core.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import org.culvert.keymgmt.issue.HostRequest;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.RevocationList;

/** Certificates for programs: one object each, schema version 1. */
final class JsonCertificateView implements CertificateView {
    private final JsonGenerator json;

    JsonCertificateView(JsonGenerator json) {
        this.json = json;
    }

    @Override
    public void host(HostCertificate host) throws IOException {
        start("host_certificate");
        json.writeStringField("name", host.name());
        Json.array(json, "networks", host.networks());
        Json.array(json, "network_ranges", host.networkRanges());
        Json.array(json, "groups", host.groups());
        issued(host.issuerName(), host.serial().toString(16), host.notBefore(), host.notAfter());
        json.writeStringField("key_type", host.keyKind().option());
        prints(host.keyFingerprint(), host.fingerprint());
        json.writeEndObject();
    }

    @Override
    public void authority(CaCertificate authority) throws IOException {
        start("ca_certificate");
        json.writeStringField("name", authority.name());
        Json.array(json, "networks", authority.networks());
        Json.array(json, "network_ranges", authority.networkRanges());
        if (authority.groups().isPresent()) {
            Json.array(json, "groups", authority.groups().get());
        } else {
            json.writeNullField("groups");
        }
        Json.array(json, "names", authority.names());
        if (authority.pathLength().isPresent()) {
            json.writeNumberField("path_length", authority.pathLength().get());
        } else {
            json.writeNullField("path_length");
        }
        issued(authority.issuerName(), authority.serial().toString(16), authority.notBefore(), authority.notAfter());
        prints(authority.keyFingerprint(), authority.fingerprint());
        json.writeEndObject();
    }

    @Override
    public void request(HostRequest request) throws IOException {
        start("request");
        json.writeStringField("name", request.name());
        Json.array(json, "networks", request.networks());
        Json.array(json, "groups", request.groups());
        json.writeStringField("key_type", request.keyKind().option());
        json.writeStringField("key_fingerprint", request.keyFingerprint());
        json.writeEndObject();
    }

    @Override
    public void list(RevocationList list) throws IOException {
        start("revocation_list");
        json.writeStringField("issuer", list.issuerName());
        json.writeStringField("number", list.number().map(Object::toString).orElse(null));
        json.writeStringField("this_update", list.thisUpdate().toString());
        json.writeStringField(
                "next_update", list.nextUpdate().map(Instant::toString).orElse(null));
        json.writeNumberField("entries", list.entries());
        json.writeEndObject();
    }

    private void start(String type) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", type);
    }

    private void issued(String issuer, String serial, Instant notBefore, Instant notAfter) throws IOException {
        json.writeStringField("issuer", issuer);
        json.writeStringField("serial", serial);
        json.writeStringField("not_before", notBefore.toString());
        json.writeStringField("not_after", notAfter.toString());
    }

    private void prints(String key, String whole) throws IOException {
        json.writeStringField("key_fingerprint", key);
        json.writeStringField("fingerprint", whole);
    }
}
