package org.culvert.core.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.HostRequest;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.PemFile;
import org.culvert.keymgmt.trust.RevocationList;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert cert show}. */
@Command(
        name = "show",
        description = "Shows what is in a file: certificates, a request, revocation lists.",
        mixinStandardHelpOptions = true)
final class CertShowCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Option(names = "--json", description = "For programs: schema version 1, stable.")
    private boolean json;

    @Parameters(paramLabel = "FILE", description = "A PEM file.")
    @SuppressWarnings("NullAway.Init") // required
    private Path file;

    @Override
    public Integer call() throws CredentialException, IOException {
        if (json) {
            try (JsonGenerator generator = Json.generator(spec.commandLine().getOut())) {
                generator.writeStartObject();
                generator.writeNumberField("version", 1);
                generator.writeStringField("file", file.toString());
                generator.writeArrayFieldStart("items");
                show(new JsonCertificateView(generator));
                generator.writeEndArray();
                generator.writeEndObject();
            }
            spec.commandLine().getOut().println();
        } else {
            show(new PlainCertificateView(new Sheet(spec.commandLine().getOut())));
        }
        spec.commandLine().getOut().flush();
        return 0;
    }

    private void show(CertificateView view) throws CredentialException, IOException {
        switch (PemFile.read(file).getFirst().label()) {
            case "CERTIFICATE REQUEST" -> view.request(HostRequest.read(file));
            case "X509 CRL" -> {
                for (RevocationList list : RevocationList.read(file)) {
                    view.list(list);
                }
            }
            case "CERTIFICATE" -> certificates(view);
            default ->
                throw new CredentialException(
                        file,
                        "holds " + PemFile.labels(PemFile.read(file)),
                        "show takes certificates, requests and revocation lists");
        }
    }

    private void certificates(CertificateView view) throws CredentialException, IOException {
        if (CaCertificate.startsWithOne(file)) {
            for (CaCertificate authority : CaCertificate.read(file)) {
                view.authority(authority);
            }
        } else {
            HostCertificate host = HostCertificate.read(file);
            view.host(host);
            for (CaCertificate authority : host.intermediates()) {
                view.authority(authority);
            }
        }
    }
}
