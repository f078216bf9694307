package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.NewKey;
import org.culvert.keymgmt.issue.Rotation;
import org.culvert.keymgmt.trust.CaCertificate;
import org.culvert.keymgmt.trust.CredentialException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code culvert ca rotate}. */
@Command(
        name = "rotate",
        description = "Makes a new CA key beside the old one; the new one signs from now on.",
        footer = "ca.crt then holds both: hosts of the old and the new CA talk to each other until `ca retire`.",
        mixinStandardHelpOptions = true)
final class CaRotateCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Mixin
    private final CaCommand.Folder folder = new CaCommand.Folder();

    @Mixin
    private final CaCommand.Life life = new CaCommand.Life();

    @Mixin
    private final NewCaKey key = new NewCaKey();

    @Override
    public Integer call() throws CredentialException, IOException {
        NewKey newKey = key.chosen(folder.dir);
        Rotation rotation = new Rotation(folder.dir, InstantSource.system());
        CaCertificate made = rotation.rotate(life.days(), newKey);
        PrintWriter out = spec.commandLine().getOut();
        out.println("CA '" + made.name() + "' until " + made.notAfter() + ", new key " + made.keyFingerprint());
        key.report(spec, rotation.keyFile());
        out.println("next: 1. copy " + folder.dir.resolve("ca.crt")
                + " (it holds the new and the old CA) to EVERY host and reload");
        out.println("      2. sign every host again: culvert ca sign");
        out.println("      3. culvert ca retire --dir " + folder.dir + ", and copy ca.crt once more");
        out.flush();
        return 0;
    }
}
