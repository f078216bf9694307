package org.culvert.core.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert cert needs-renewal}. */
@Command(
        name = "needs-renewal",
        description = "Says whether a certificate should be renewed: exit code 0 yes, 1 no, 2 cannot tell.",
        mixinStandardHelpOptions = true)
final class CertNeedsRenewalCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Option(
            names = "--within",
            paramLabel = "DURATION",
            description =
                    "Yes if it ends within this time: 30d, 12h. Without it: if a third of its life or less is left.")
    private @Nullable String within;

    @Parameters(paramLabel = "FILE", description = "A host's or a CA's certificate.")
    @SuppressWarnings("NullAway.Init") // required
    private Path file;

    @Override
    public Integer call() throws CredentialException {
        Instant from;
        Instant until;
        if (CaCertificate.startsWithOne(file)) {
            CaCertificate authority = CaCertificate.read(file).getFirst();
            from = authority.notBefore();
            until = authority.notAfter();
        } else {
            HostCertificate host = HostCertificate.read(file);
            from = host.notBefore();
            until = host.notAfter();
        }
        Duration margin = within == null ? Duration.between(from, until).dividedBy(3) : Options.duration(within);
        Instant now = Instant.now();
        boolean renew = !now.plus(margin).isBefore(until);
        PrintWriter out = spec.commandLine().getOut();
        out.println((renew ? "yes" : "no") + ": " + file + " ends at " + until + ", "
                + (now.isAfter(until)
                        ? "which is past"
                        : "in " + Duration.between(now, until).toDays() + " days"));
        out.flush();
        return renew ? 0 : Failure.NO;
    }
}
