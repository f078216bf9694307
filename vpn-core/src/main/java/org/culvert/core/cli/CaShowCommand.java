package org.culvert.core.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.CertificateAuthority;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert ca show}. */
@Command(
        name = "show",
        description = "Shows a host's certificate out of the journal, or writes it into a file once more.",
        footer =
                "Nothing is signed: it is the certificate that was issued. An intermediate CA adds its own, as of now.",
        mixinStandardHelpOptions = true)
final class CaShowCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Mixin
    private final CaCommand.Folder folder = new CaCommand.Folder();

    @Option(names = "--out", paramLabel = "FILE", description = "Write it there, as `ca sign` would.")
    private @Nullable Path out;

    @Option(names = "--force", description = "Overwrite --out.")
    private boolean force;

    @Parameters(paramLabel = "NAME|SERIAL", description = "See `culvert ca list`. A name: the newest live one.")
    @SuppressWarnings("NullAway.Init") // required
    private String which;

    @Override
    public Integer call() throws CredentialException, IOException {
        HostCertificate issued =
                CertificateAuthority.open(folder.dir, InstantSource.system()).issued(which);
        PlainCertificateView view =
                new PlainCertificateView(new Sheet(spec.commandLine().getOut()));
        view.host(issued);
        for (CaCertificate authority : issued.intermediates()) {
            view.authority(authority);
        }
        if (out != null) {
            CertificateAuthority.write(issued, out, force);
            spec.commandLine().getOut().println("written: " + out);
        }
        spec.commandLine().getOut().flush();
        return 0;
    }
}
