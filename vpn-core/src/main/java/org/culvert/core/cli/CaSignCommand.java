package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.CertificateAuthority;
import org.culvert.keymgmt.issue.Draft;
import org.culvert.keymgmt.issue.HostRequest;
import org.culvert.keymgmt.issue.SafeFile;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert ca sign}. */
@Command(
        name = "sign",
        description = "Shows a host's request, asks, and signs its certificate.",
        footer = {
            "Compare the key's fingerprint with the one that `culvert host request` printed on the host before you say yes:",
            "an X25519 key cannot sign its own request, and a signature does not say whose a key is."
        },
        mixinStandardHelpOptions = true)
final class CaSignCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Mixin
    private final CaCommand.Folder folder = new CaCommand.Folder();

    @Mixin
    private final KeyPassphrase passphrase = new KeyPassphrase();

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "365",
            description = "Valid for so long (${DEFAULT-VALUE}).")
    private int days;

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(names = "--force", description = "Overwrite --out.")
    private boolean force;

    @Option(names = "--allow-overlap", description = "Allow networks that another host's certificate has, too.")
    private boolean allowOverlap;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "Where the certificate goes.")
    @SuppressWarnings("NullAway.Init") // required
    private Path out;

    @Parameters(paramLabel = "REQUEST", description = "What `culvert host request` wrote.")
    @SuppressWarnings("NullAway.Init") // required
    private Path request;

    @Override
    public Integer call() throws CredentialException, IOException {
        Options.atLeastOneDay(days);
        // Before anything is signed: a certificate in the journal that nobody got would count as issued.
        SafeFile.refuseIfUnwritable(out, force);
        CertificateAuthority authority = CertificateAuthority.open(folder.dir, InstantSource.system());
        Draft draft = authority.draft(request, HostRequest.read(request), days, allowOverlap);
        show(authority, draft);
        if (!yes && !Terminal.confirm("Sign this?", "say --yes if the fingerprint was compared")) {
            spec.commandLine().getErr().println("culvert: not signed");
            return Failure.NO;
        }
        HostCertificate made = authority.sign(request, draft, passphrase);
        CertificateAuthority.write(made, out, force);
        PrintWriter text = spec.commandLine().getOut();
        text.println("signed: " + out + ", serial " + made.serial().toString(16));
        text.println("next: copy " + out + " back to " + made.name() + ", and to every host that talks to it");
        return 0;
    }

    private void show(CertificateAuthority authority, Draft draft) {
        HostRequest wanted = draft.request();
        Sheet sheet = new Sheet(spec.commandLine().getOut());
        sheet.row("name", wanted.name());
        sheet.row("networks", wanted.networks());
        if (!wanted.groups().isEmpty()) {
            sheet.row("groups", wanted.groups());
        }
        sheet.row("key", wanted.keyFingerprint());
        sheet.row("key type", wanted.keyKind().label());
        sheet.row("valid", draft.notBefore() + " to " + draft.notAfter() + " (" + days + " days)");
        sheet.row("issuer", authority.certificate().name());
        draft.notes().forEach(note -> sheet.row("note", note));
        sheet.flush();
    }
}
