package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.culvert.core.control.socket.StatusHandler;
import org.culvert.core.doctor.Diagnosis;
import org.culvert.core.doctor.Doctor;
import org.culvert.core.doctor.DoctorJson;
import org.culvert.core.doctor.DoctorText;
import org.culvert.core.status.StatusTree;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert doctor}: what stands in the way of packets, and what to do about it. */
@Command(
        name = "doctor",
        description =
                "Looks for what keeps packets from passing, on this machine and at the daemon if one runs, and names the"
                        + " command that helps. Changes nothing; run it as root on the gateway.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {"0:nothing stands in the way", "1:something does", "2:wrong use", "3:the system refused"})
final class DoctorCommand implements Callable<Integer> {
    private static final Path PACKAGED = Path.of("/etc/culvert/culvert.toml");

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "the configuration (default: /etc/culvert/culvert.toml)")
    private Path config = PACKAGED;

    @Option(names = "--json", description = "For programs: schema culvert.doctor/1, stable.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<Diagnosis> found = Doctor.examine(config, DoctorCommand::status);
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? DoctorJson.of(found) : DoctorText.of(found));
        out.flush();
        return found.stream().anyMatch(Diagnosis::isBad) ? Failure.NO : 0;
    }

    private static Optional<StatusTree> status(Path socket) {
        try {
            return Optional.of(
                    StatusTree.parse(Asking.get(socket, StatusHandler.PATH).body()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
