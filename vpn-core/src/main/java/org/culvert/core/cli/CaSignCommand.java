package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.culvert.core.config.ConfigException;
import org.culvert.core.config.SigningSite;
import org.culvert.core.config.SigningTemplate;
import org.culvert.keymgmt.issue.CertificateAuthority;
import org.culvert.keymgmt.issue.Draft;
import org.culvert.keymgmt.issue.HostRequest;
import org.culvert.keymgmt.issue.SafeFile;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
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

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // required
    private What what;

    private static final class What {
        @ArgGroup(exclusive = false)
        private @Nullable One one;

        @Option(
                names = "--template",
                paramLabel = "FILE",
                description = {
                    "Sign many at once: a TOML file with a [[site]] each: request and out, and optionally what the",
                    "request is expected to say (name, networks, groups, key), days, allow-overlap. All or nothing."
                })
        private @Nullable Path template;
    }

    private static final class One {
        @Option(names = "--out", paramLabel = "FILE", required = true, description = "Where the certificate goes.")
        @SuppressWarnings("NullAway.Init") // required
        private Path out;

        @Parameters(paramLabel = "REQUEST", description = "What `culvert host request` wrote.")
        @SuppressWarnings("NullAway.Init") // required
        private Path request;
    }

    @Override
    public Integer call() throws CredentialException, ConfigException, IOException {
        Options.atLeastOneDay(days);
        CertificateAuthority authority = CertificateAuthority.open(folder.dir, InstantSource.system());
        List<Draft> drafts;
        List<Path> outs;
        if (what.one != null) {
            Path request = what.one.request;
            outs = List.of(what.one.out);
            drafts = List.of(authority.draft(request, HostRequest.read(request), days, allowOverlap));
        } else {
            List<SigningSite> sites = SigningTemplate.load(Objects.requireNonNull(what.template, "one of the two"));
            outs = sites.stream().map(SigningSite::out).toList();
            drafts = SigningBatch.drafts(authority, sites, days);
        }
        // Before anything is signed: a certificate in the journal that nobody got would count as issued.
        for (Path out : outs) {
            SafeFile.refuseIfUnwritable(out, force);
        }
        drafts.forEach(draft -> show(authority, draft));
        if (!yes && !Terminal.confirm(question(drafts), "say --yes if the fingerprints were compared")) {
            Failure.say(spec, "not signed");
            return Failure.NO;
        }
        List<HostCertificate> made = authority.signAll(drafts, passphrase);
        boolean allWritten = true;
        PrintWriter text = spec.commandLine().getOut();
        for (int i = 0; i < outs.size(); i++) {
            allWritten &= write(made.get(i), outs.get(i));
        }
        if (allWritten) {
            text.println("next: copy "
                    + (outs.size() == 1
                            ? outs.getFirst() + " back to " + made.getFirst().name()
                            : "each back to its host")
                    + ", and to every host that talks to it");
        }
        text.flush();
        return allWritten ? 0 : Failure.SYSTEM;
    }

    /** What is signed is in the journal and counts; where its file cannot be written now, it can be had again. */
    private boolean write(HostCertificate made, Path out) {
        String serial = made.serial().toString(16);
        try {
            CertificateAuthority.write(made, out, force);
            spec.commandLine().getOut().println("signed: " + out + ", serial " + serial);
            return true;
        } catch (IOException e) {
            Failure.say(
                    spec,
                    out + ": " + Failure.words(e) + "; " + made.name()
                            + " is signed all the same and in the journal, write its certificate with: culvert ca show --dir "
                            + folder.dir + " --out FILE " + serial);
            return false;
        }
    }

    private static String question(List<Draft> drafts) {
        return drafts.size() == 1 ? "Sign this?" : "Sign these " + drafts.size() + "?";
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
        long whole = Duration.between(authority.now(), draft.notAfter()).toDays();
        sheet.row("valid", draft.notBefore() + " to " + draft.notAfter() + " (" + whole + " days)");
        sheet.row("issuer", authority.certificate().name());
        draft.notes().forEach(note -> sheet.row("note", note));
        sheet.flush();
    }
}
