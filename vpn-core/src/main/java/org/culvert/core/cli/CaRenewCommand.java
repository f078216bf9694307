package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.CertificateAuthority;
import org.culvert.keymgmt.issue.Rotation;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.CredentialException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code culvert ca renew}. */
@Command(
        name = "renew",
        description = "Gives the CA a new certificate for its old key.",
        footer = {
            "Certificates it signed stay good; hosts need the new ca.crt before the old one expires.",
            "An intermediate CA is renewed where the CA above it is: --parent. Of its own folder ca.crt is enough there."
        },
        mixinStandardHelpOptions = true)
final class CaRenewCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Mixin
    private final CaCommand.Folder folder = new CaCommand.Folder();

    @Mixin
    private final KeyPassphrase passphrase = new KeyPassphrase();

    @Mixin
    private final ParentCa parent = new ParentCa();

    @Mixin
    private final CaCommand.Life life = new CaCommand.Life();

    @Override
    public Integer call() throws CredentialException, IOException {
        Path above = parent.folder;
        CaCertificate renewed = above != null
                ? CertificateAuthority.open(above, InstantSource.system()).renewBelow(folder.dir, life.days(), parent)
                : new Rotation(folder.dir, InstantSource.system()).renew(life.days(), passphrase);
        PrintWriter out = spec.commandLine().getOut();
        out.println("CA '" + renewed.name() + "' until " + renewed.notAfter() + ", same key");
        if (above != null) {
            out.println("next: " + folder.dir.resolve("ca.crt") + " goes to where its key is, if that is elsewhere;"
                    + " there, for each of its hosts before the old one ends: culvert ca show --dir "
                    + folder.dir + " --out host.crt NAME");
        } else {
            out.println("next: copy " + folder.dir.resolve("ca.crt")
                    + " to every host before the old one ends; no order, no hurry");
        }
        out.flush();
        return 0;
    }
}
