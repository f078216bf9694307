package org.culvert.core.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.Problem;
import org.culvert.keymgmt.trust.TrustStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code culvert cert verify}. */
@Command(
        name = "verify",
        description = "Checks a certificate as a gateway would and lists every problem: exit code 0 good, 1 refused.",
        mixinStandardHelpOptions = true)
final class CertVerifyCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // required
    private Anchor anchor;

    private static final class Anchor {
        @Option(names = "--trust", paramLabel = "FILE", description = "The trusted CAs, as in `trust`.")
        private @Nullable Path trust;

        @Option(
                names = "--fingerprint",
                paramLabel = "SHA256",
                description = "No CA: the whole certificate has this fingerprint, as in `fingerprint` of a peer.")
        private @Nullable String fingerprint;
    }

    @Option(names = "--crl", paramLabel = "FILE", description = "Revocation lists, as in `crl`.")
    private @Nullable Path crl;

    @Option(names = "--at", paramLabel = "TIME", description = "At this moment and not now: 2027-03-05T06:07:08Z.")
    private @Nullable String at;

    @Option(names = "--name", paramLabel = "NAME", description = "It must be this host's.")
    private @Nullable String name;

    @Option(names = "--network", paramLabel = "PREFIX", description = "It must cover this network. Repeat for more.")
    private final List<String> networks = new ArrayList<>();

    @Option(names = "--json", description = "For programs: schema version 1, stable.")
    private boolean json;

    @Parameters(paramLabel = "FILE", description = "The host's certificate, then its intermediates.")
    @SuppressWarnings("NullAway.Init") // required
    private Path file;

    @Override
    public Integer call() throws CredentialException, IOException {
        Instant when = at == null ? Instant.now() : Options.time(at);
        List<Prefix> wanted = Options.prefixes(networks);
        TrustStore store = anchor.trust == null ? null : TrustStore.read(anchor.trust, Optional.ofNullable(crl));
        if (store != null) {
            store.staleLists(when).forEach(line -> Failure.warn(spec, line));
        }
        List<Problem> problems;
        try {
            HostCertificate host = HostCertificate.read(file);
            String pinned = anchor.fingerprint == null ? "" : anchor.fingerprint;
            problems = new ArrayList<>(
                    store == null ? TrustStore.checkPinned(host, pinned, when) : store.check(host, when));
            problems.addAll(expectations(host, wanted));
        } catch (CredentialException e) {
            if (e.getCause() instanceof IOException) {
                throw e; // not there or not readable says nothing about the certificate
            }
            problems = List.of(new Problem(Problem.Kind.MALFORMED, e.reason()));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            printJson(out, problems);
        } else if (problems.isEmpty()) {
            out.println("good: " + file);
        } else {
            problems.forEach(problem -> out.println("refused: " + problem.message()));
        }
        out.flush();
        return problems.isEmpty() ? 0 : Failure.NO;
    }

    private List<Problem> expectations(HostCertificate host, List<Prefix> wanted) {
        List<Problem> problems = new ArrayList<>();
        if (name != null && !name.equals(host.name())) {
            problems.add(new Problem(Problem.Kind.NAME, "it is for " + host.name() + ", not for " + name));
        }
        List<Prefix> outside = host.outside(wanted);
        if (!outside.isEmpty()) {
            problems.add(new Problem(Problem.Kind.NETWORKS, "it does not cover " + outside));
        }
        return problems;
    }

    private void printJson(PrintWriter out, List<Problem> problems) throws IOException {
        try (JsonGenerator generator = Json.generator(out)) {
            generator.writeStartObject();
            generator.writeNumberField("version", 1);
            generator.writeStringField("file", file.toString());
            generator.writeBooleanField("good", problems.isEmpty());
            generator.writeArrayFieldStart("problems");
            for (Problem problem : problems) {
                generator.writeStartObject();
                generator.writeStringField("kind", problem.kind().name().toLowerCase(Locale.ROOT));
                generator.writeStringField("message", problem.message());
                generator.writeEndObject();
            }
            generator.writeEndArray();
            generator.writeEndObject();
        }
        out.println();
    }
}
