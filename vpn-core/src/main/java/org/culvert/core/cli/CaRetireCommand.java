package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.Issued;
import org.culvert.keymgmt.issue.Rotation;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.CredentialException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert ca retire}. */
@Command(
        name = "retire",
        footer = "A host that was signed again counts as moved: see to it that its new certificate is in place.",
        description = "Takes the CAs that no longer sign out of ca.crt, once nothing depends on them.",
        mixinStandardHelpOptions = true)
final class CaRetireCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Mixin
    private final CaCommand.Folder folder = new CaCommand.Folder();

    @Option(names = "--force", description = "Even if live certificates depend on them: those hosts are cut off.")
    private boolean force;

    @Override
    public Integer call() throws CredentialException, IOException {
        Rotation rotation = new Rotation(folder.dir, InstantSource.system());
        PrintWriter out = spec.commandLine().getOut();
        if (rotation.old().isEmpty()) {
            throw new CredentialException(
                    folder.dir.resolve("ca.crt"), "holds no CA that no longer signs", "first: culvert ca rotate");
        }
        List<Issued> dependents = rotation.dependents();
        for (Issued dependent : dependents) {
            out.println(
                    "  " + dependent.name() + ", serial " + dependent.serialText() + ", until " + dependent.notAfter());
        }
        out.flush();
        if (!dependents.isEmpty() && !force) {
            Failure.say(
                    spec,
                    "not retired: " + dependents.size() + " live certificates (above) have nothing from the new CA; "
                            + "sign these hosts again, or revoke them, or say --force");
            return Failure.NO;
        }
        for (CaCertificate retired : rotation.retire()) {
            out.println("retired: '" + retired.name() + "', key " + retired.keyFingerprint());
        }
        out.println("next: copy " + folder.dir.resolve("ca.crt") + " to every host, and there: culvert reload");
        out.flush();
        return 0;
    }
}
