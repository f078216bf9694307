package org.culvert.core.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.Journal;
import org.culvert.keymgmt.trust.CredentialException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert ca log}. */
@Command(name = "log", description = "Shows the journal: everything the CA ever did.", mixinStandardHelpOptions = true)
final class CaLogCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Mixin
    private final CaCommand.Folder folder = new CaCommand.Folder();

    @Option(names = "--verify", description = "Only check that nothing was changed or removed; exit code 1 if it was.")
    private boolean verify;

    @Option(
            names = "--head",
            paramLabel = "HASH",
            description = "With --verify: this hash, printed by an earlier --verify, must still be in the journal.")
    private @Nullable String head;

    @Override
    public Integer call() throws CredentialException {
        PrintWriter out = spec.commandLine().getOut();
        if (verify) {
            return verify(out);
        }
        for (Journal.Entry entry : Journal.read(folder.dir.resolve("journal")).entries()) {
            out.printf(
                    "%4d %s %-9s %s%n",
                    entry.sequence(),
                    entry.time(),
                    entry.event(),
                    String.join(
                                    " ",
                                    entry.field("name"),
                                    entry.field("serial"),
                                    entry.field("reason"),
                                    entry.field("number"))
                            .strip());
        }
        out.flush();
        return 0;
    }

    private int verify(PrintWriter out) {
        try {
            Journal journal = Journal.read(folder.dir.resolve("journal"));
            boolean known = head == null
                    || journal.entries().stream().anyMatch(entry -> entry.hash().equals(head));
            if (journal.entries().isEmpty() || !known) {
                Failure.say(
                        spec,
                        journal.file()
                                + (known ? ": holds nothing" : ": does not contain " + head + ": its end was cut off"));
                return Failure.NO;
            }
            out.println(journal.entries().size() + " entries, unbroken; newest hash " + journal.head());
            out.flush();
            return 0;
        } catch (CredentialException e) {
            Failure.say(spec, e.getMessage());
            return Failure.NO;
        }
    }
}
