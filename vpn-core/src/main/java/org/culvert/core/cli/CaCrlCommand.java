package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.Revocations;
import org.culvert.keymgmt.issue.SafeFile;
import org.culvert.keymgmt.trust.CredentialException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert ca crl}. */
@Command(name = "crl", description = "Signs a new revocation list for the hosts.", mixinStandardHelpOptions = true)
final class CaCrlCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Mixin
    private final CaCommand.Folder folder = new CaCommand.Folder();

    @Mixin
    private final KeyPassphrase passphrase = new KeyPassphrase();

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "Where the list goes; overwritten.")
    @SuppressWarnings("NullAway.Init") // required
    private Path out;

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "30",
            description =
                    "The next list is due in so many days (${DEFAULT-VALUE}); later it still holds, with warnings.")
    private int days;

    @Override
    public Integer call() throws CredentialException, IOException {
        Options.atLeastOneDay(days);
        SafeFile.refuseIfUnwritable(out, true);
        byte[] list = new Revocations(folder.dir, InstantSource.system()).list(days, passphrase);
        SafeFile.replace(out, list, SafeFile.PUBLIC);
        PrintWriter text = spec.commandLine().getOut();
        text.println("written: " + out);
        text.println("next: copy it to every host, set `crl` in its configuration, and there: culvert reload");
        text.flush();
        return 0;
    }
}
