package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.Issued;
import org.culvert.keymgmt.issue.Reason;
import org.culvert.keymgmt.issue.Revocations;
import org.culvert.keymgmt.trust.CredentialException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert ca revoke}. */
@Command(
        name = "revoke",
        description = "Takes certificates back, by name (all that are live under it) or serial number.",
        mixinStandardHelpOptions = true)
final class CaRevokeCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Mixin
    private final CaCommand.Folder folder = new CaCommand.Folder();

    @Option(
            names = "--reason",
            paramLabel = "R",
            defaultValue = "unspecified",
            description = "unspecified, key-compromise, superseded, cessation-of-operation, affiliation-changed, "
                    + "privilege-withdrawn or ca-compromise.")
    @SuppressWarnings("NullAway.Init") // has a default
    private String reason;

    @Parameters(paramLabel = "NAME|SERIAL", description = "See `culvert ca list`.")
    @SuppressWarnings("NullAway.Init") // required
    private String which;

    @Override
    public Integer call() throws CredentialException, IOException {
        Reason why = Reason.ofLabel(reason)
                .orElseThrow(() -> new IllegalArgumentException("--reason " + reason + " is not one of "
                        + String.join(
                                ", ",
                                Arrays.stream(Reason.values())
                                        .map(Reason::label)
                                        .toList())));
        PrintWriter out = spec.commandLine().getOut();
        for (Issued revoked : new Revocations(folder.dir, InstantSource.system()).revoke(which, why)) {
            out.println("revoked: " + revoked.name() + ", serial " + revoked.serialText());
        }
        out.println("hosts learn it from a list: culvert ca crl --dir " + folder.dir + " --out ca.crl");
        out.flush();
        return 0;
    }
}
