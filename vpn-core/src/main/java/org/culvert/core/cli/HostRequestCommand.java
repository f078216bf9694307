package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.CertificateAuthority;
import org.culvert.keymgmt.issue.HostRequest;
import org.culvert.keymgmt.issue.NewKey;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.HostKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert host request}. */
@Command(
        name = "request",
        description = "Makes a host's key and a request for its certificate.",
        footer = "Writes host.key, which stays on the host, and host.csr, which goes to the CA.",
        mixinStandardHelpOptions = true)
final class HostRequestCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Option(names = "--dir", paramLabel = "DIR", required = true, description = "Where the files go.")
    @SuppressWarnings("NullAway.Init") // required
    private Path dir;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            required = true,
            description = "The host's name: a-z, 0-9, '-', '.'.")
    @SuppressWarnings("NullAway.Init") // required
    private String name;

    @Option(
            names = "--network",
            paramLabel = "PREFIX",
            required = true,
            description = "A network behind it: 10.1.0.0/24. Repeat for more.")
    private final List<String> networks = new ArrayList<>();

    @Option(names = "--group", paramLabel = "GROUP", description = "A group it belongs to. Repeat for more.")
    private final List<String> groups = new ArrayList<>();

    @Option(
            names = "--key",
            paramLabel = "TYPE",
            defaultValue = "x25519",
            description = {
                "x25519 (default) or p256, or a token that makes and keeps a P-256 key:",
                "pkcs11:token=NAME;object=NAME?pin-source=file:/PATH[&module-path=/PATH].",
                "A gateway and its peers must all have the same type."
            })
    @SuppressWarnings("NullAway.Init") // has a default
    private String kind;

    @Option(
            names = "--self-signed",
            description = "No CA: make host.crt at once (x25519: unsigned, RFC 9925); peers pin its fingerprint.")
    private boolean selfSigned;

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "3650",
            description = "With --self-signed: valid for so long (${DEFAULT-VALUE}).")
    private int days;

    @Option(names = "--force", description = "Overwrite a key and a request that are there already.")
    private boolean force;

    @Override
    public Integer call() throws CredentialException, IOException {
        Options.atLeastOneDay(days);
        Path keyFile = dir.resolve("host.key");
        Path out = dir.resolve(selfSigned ? "host.crt" : "host.csr");
        NewKey newKey = Options.newHostKey(kind);
        for (Path file : List.of(keyFile, out)) {
            if (!force && Files.exists(file)) {
                throw new CredentialException(
                        file,
                        "is already there",
                        "--force replaces key and request; the old certificate is then useless");
            }
        }
        KeyPair pair = newKey.make();
        HostKey key = HostKey.of(pair);
        HostRequest request = HostRequest.create(name, Options.prefixes(networks), groups, key);
        Files.createDirectories(dir);
        newKey.keep(keyFile, pair, force);
        if (selfSigned) {
            Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            HostCertificate made =
                    request.withoutCa(out, key, now.minus(Duration.ofMinutes(10)), now.plus(Duration.ofDays(days)));
            CertificateAuthority.write(made, out, force);
            showPinned(made, keyFile, out);
        } else {
            request.write(out, force);
            show(request, keyFile, out);
        }
        return 0;
    }

    private void showPinned(HostCertificate made, Path keyFile, Path certificateFile) {
        PrintWriter out = spec.commandLine().getOut();
        Sheet sheet = new Sheet(out);
        sheet.row("name", made.name());
        sheet.row("networks", made.networks());
        sheet.row("valid", made.notBefore() + " to " + made.notAfter());
        sheet.row("fingerprint", made.fingerprint());
        sheet.row("written", keyFile + " (stays here), " + certificateFile + " (goes to every peer)");
        out.println("next, in [[peer]] on every peer, compared over another channel:");
        out.println("  fingerprint = \"" + made.fingerprint() + "\"");
        out.flush();
    }

    private void show(HostRequest request, Path keyFile, Path requestFile) {
        PrintWriter out = spec.commandLine().getOut();
        Sheet sheet = new Sheet(out);
        sheet.row("name", request.name());
        sheet.row("networks", request.networks());
        if (!request.groups().isEmpty()) {
            sheet.row("groups", request.groups());
        }
        sheet.row("key", request.keyFingerprint());
        sheet.row("key type", request.keyKind().label());
        sheet.row("written", keyFile + " (stays here), " + requestFile + " (goes to the CA)");
        out.println("next, at the CA: culvert ca sign --dir ca --out " + dir.resolve("host.crt") + " " + requestFile);
        out.println("and compare the key's fingerprint there with the one above");
        out.flush();
    }
}
