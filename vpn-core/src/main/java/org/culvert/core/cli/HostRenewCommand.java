package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.concurrent.Callable;
import org.culvert.keymgmt.issue.HostRequest;
import org.culvert.keymgmt.issue.NewKey;
import org.culvert.keymgmt.issue.SafeFile;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostCertificate;
import org.culvert.keymgmt.trust.HostKey;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert host renew}. */
@Command(
        name = "renew",
        description = "Asks again for what the host's certificate says, for the same key or a new one.",
        footer = {
            "With --new-key both keys work during the change, and no packet is lost: list both in the configuration, here and at",
            "the peers, in either order. Each two gateways go over to the new one when both know it."
        },
        mixinStandardHelpOptions = true)
final class HostRenewCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @Option(names = "--dir", paramLabel = "DIR", required = true, description = "Where host.key and host.crt are.")
    @SuppressWarnings("NullAway.Init") // required
    private Path dir;

    @Option(
            names = "--new-key",
            description = "Make a new key, host.new.key, that works beside the old one for a while.")
    private boolean newKey;

    @Option(
            names = "--key",
            paramLabel = "TYPE",
            description =
                    "With --new-key: its type or token, as `host request` takes it; otherwise the type of the old key.")
    private @Nullable String kind;

    @Override
    public Integer call() throws CredentialException, IOException {
        HostCertificate old = HostCertificate.read(dir.resolve("host.crt"));
        HostKey key = HostKey.read(dir.resolve("host.key"));
        if (!key.matches(old)) {
            throw new CredentialException(
                    dir.resolve("host.crt"), "is not for the key in host.key", "is this the right folder?");
        }
        Path requestFile = dir.resolve("host.csr");
        HostKey asking = key;
        if (newKey) {
            Path keyFile = dir.resolve("host.new.key");
            SafeFile.refuseIfUnwritable(keyFile, false);
            NewKey made = Options.newHostKey(kind == null ? key.kind().option() : kind);
            KeyPair pair = made.make();
            asking = HostKey.of(pair);
            made.keep(keyFile, pair, false);
        }
        HostRequest request = HostRequest.create(old.name(), old.networks(), old.groups(), asking);
        request.write(requestFile, true);
        PrintWriter out = spec.commandLine().getOut();
        Sheet sheet = new Sheet(out);
        sheet.row("name", request.name());
        sheet.row("networks", request.networks());
        sheet.row("key", request.keyFingerprint());
        sheet.row("key type", request.keyKind().label());
        String target = newKey ? "host.new.crt" : "host.crt";
        out.println(
                "next, at the CA: culvert ca sign --dir ca --force --out " + dir.resolve(target) + " " + requestFile);
        if (newKey) {
            out.println(
                    "then, here: key = [\"host.key\", \"host.new.key\"], certificate = [\"host.crt\", \"host.new.crt\"]"
                            + " in culvert.toml, and culvert reload");
            out.println("at every peer, before or after that: certificate = [OLD, host.new.crt] in the [[peer]] of "
                    + request.name() + ", and culvert reload");
            out.println(
                    "when culvert status says \"the newest\" everywhere: take the old ones out, reload, and at the CA: culvert ca revoke "
                            + old.serial().toString(16) + " if the old key may be known");
        } else {
            out.println("then, here: culvert reload");
        }
        out.flush();
        return 0;
    }
}
