package org.culvert.core.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.CertificateAuthority;
import org.culvert.keymgmt.issue.Issued;
import org.culvert.keymgmt.trust.CredentialException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert ca list}. */
@Command(name = "list", description = "Lists what the CA issued.", mixinStandardHelpOptions = true)
final class CaListCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Mixin
    private final CaCommand.Folder folder = new CaCommand.Folder();

    @Option(names = "--all", description = "Expired and revoked ones too.")
    private boolean all;

    @Option(
            names = "--expiring",
            paramLabel = "DURATION",
            description = "Only live ones that end within this time: 30d.")
    private @Nullable String expiring;

    @Option(names = "--json", description = "For programs: schema version 1, stable.")
    private boolean json;

    @Override
    public Integer call() throws CredentialException, IOException {
        CertificateAuthority authority = CertificateAuthority.open(folder.dir, InstantSource.system());
        Instant now = authority.now();
        List<Issued> chosen = authority.register().issued();
        if (expiring != null) {
            Instant before = now.plus(Options.duration(expiring));
            chosen = chosen.stream()
                    .filter(c -> c.live(now) && c.notAfter().isBefore(before))
                    .toList();
        } else if (!all) {
            chosen = chosen.stream().filter(c -> c.live(now)).toList();
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            printJson(out, chosen, now);
        } else {
            for (Issued one : chosen) {
                out.printf(
                        "%-20s %-10s until %s  %s  %s%n",
                        one.name(), state(one, now), one.notAfter(), one.serialText(), one.networks());
            }
        }
        out.flush();
        return 0;
    }

    private static String state(Issued one, Instant now) {
        if (one.revocation().isPresent()) {
            return "revoked";
        }
        return one.live(now) ? one.authority() ? "valid CA" : "valid" : "expired";
    }

    private static void printJson(PrintWriter out, List<Issued> chosen, Instant now) throws IOException {
        try (JsonGenerator generator = Json.generator(out)) {
            generator.writeStartObject();
            generator.writeNumberField("version", 1);
            generator.writeArrayFieldStart("certificates");
            for (Issued one : chosen) {
                generator.writeStartObject();
                generator.writeStringField("name", one.name());
                generator.writeStringField("serial", one.serialText());
                generator.writeStringField("type", one.authority() ? "ca_certificate" : "host_certificate");
                generator.writeStringField("state", state(one, now).replace(" CA", ""));
                Json.array(generator, "networks", one.networks());
                Json.array(generator, "groups", one.groups());
                generator.writeStringField("not_before", one.notBefore().toString());
                generator.writeStringField("not_after", one.notAfter().toString());
                generator.writeStringField("key_fingerprint", one.keyFingerprint());
                generator.writeStringField("issuer_key_fingerprint", one.issuerKey());
                if (one.revocation().isPresent()) {
                    generator.writeStringField(
                            "revoked_at", one.revocation().get().time().toString());
                    generator.writeStringField(
                            "reason", one.revocation().get().reason().label());
                }
                generator.writeEndObject();
            }
            generator.writeEndArray();
            generator.writeEndObject();
        }
        out.println();
    }
}
