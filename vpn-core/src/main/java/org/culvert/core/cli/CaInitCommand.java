package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.CertificateAuthority;
import org.culvert.keymgmt.issue.Limits;
import org.culvert.keymgmt.issue.NewAuthority;
import org.culvert.keymgmt.issue.NewKey;
import org.culvert.keymgmt.trust.CredentialException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert ca init}. */
@Command(
        name = "init",
        description = "Makes a new CA: its key, its certificate, its journal.",
        footer = "Writes ca.crt, which every host gets as `trust`, and ca.key, which nobody else gets.",
        mixinStandardHelpOptions = true)
final class CaInitCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Mixin
    private final CaCommand.Folder folder = new CaCommand.Folder();

    @Option(names = "--name", paramLabel = "NAME", required = true, description = "What people see: \"Example CA\".")
    @SuppressWarnings("NullAway.Init") // required
    private String name;

    @Mixin
    private final CaCommand.Life life = new CaCommand.Life();

    @Mixin
    private final NewCaKey key = new NewCaKey();

    @Option(
            names = "--network",
            paramLabel = "PREFIX",
            description = "It may certify only such networks. Repeat for more.")
    private final List<String> networks = new ArrayList<>();

    @Option(names = "--group", paramLabel = "GROUP", description = "It may certify only such groups. Repeat for more.")
    private final List<String> groups = new ArrayList<>();

    @Option(
            names = "--permit",
            paramLabel = "NAME",
            description = "It may certify only such names: NAME itself and what ends in .NAME. Repeat for more.")
    private final List<String> names = new ArrayList<>();

    @Option(
            names = "--path-length",
            paramLabel = "N",
            description = "So many CAs may follow below it (below another CA: 0).")
    private @Nullable Integer pathLength;

    @Mixin
    private final ParentCa parent = new ParentCa();

    @Override
    public Integer call() throws CredentialException, IOException {
        NewAuthority wanted = new NewAuthority(folder.dir, name, Duration.ofDays(life.days()), limits());
        NewKey newKey = key.chosen(folder.keyFile());
        CertificateAuthority made = parent.folder == null
                ? CertificateAuthority.init(wanted, newKey, InstantSource.system())
                : CertificateAuthority.open(parent.folder, InstantSource.system())
                        .initBelow(wanted, newKey, parent);
        show(made);
        return 0;
    }

    private Limits limits() {
        Options.names(names);
        Options.names(groups);
        Optional<Integer> below =
                Optional.ofNullable(pathLength != null ? pathLength : parent.folder == null ? null : 0);
        return new Limits(
                networks.isEmpty() ? Limits.NONE.networks() : Options.prefixes(networks), groups, names, below);
    }

    private void show(CertificateAuthority made) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("CA '" + name + "' until " + made.certificate().notAfter());
        if (parent.folder == null) {
            out.println("  " + folder.dir.resolve("ca.crt") + "  goes to every host as its trust file");
        } else {
            out.println("  signed by '" + made.certificate().issuerName() + "', whose ca.crt hosts trust");
        }
        key.report(spec, folder.keyFile());
        out.println("next, on each host: culvert host request --dir DIR --name NAME --network PREFIX");
        out.flush();
    }
}
