package org.culvert.core.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.Callable;
import org.culvert.core.capture.Blocks;
import org.culvert.core.config.ConfigException;
import org.culvert.core.control.socket.ControlClient;
import org.culvert.core.daemon.CaptureHandler;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code culvert capture}: what the LANs see, before it is sealed and after it was opened. */
@Command(
        name = "capture",
        description = {
            "Captures inner packets of the running daemon as pcapng, until interrupted. Root only.",
            "  culvert capture -w tunnel.pcapng        for wireshark",
            "  culvert capture | tcpdump -nr -         to look on"
        },
        mixinStandardHelpOptions = true)
final class CaptureCommand implements Callable<Integer> {
    @Option(names = "--peer", paramLabel = "PEER", description = "This peer's packets only.")
    private @Nullable String peer;

    @Option(
            names = "-w",
            paramLabel = "FILE",
            description = "Write to this file, mode 0600 (default: standard output).")
    private @Nullable Path file;

    @Option(names = "--count", paramLabel = "N", description = "End after so many packets.")
    private @Nullable Long count;

    @Option(names = "--snaplen", paramLabel = "BYTES", description = "Of each packet, 1 to 65535 (default: 2048).")
    private @Nullable Integer snaplen;

    @Option(names = "--max-bytes", paramLabel = "BYTES", description = "End after so much (default: 67108864).")
    private @Nullable Long mostBytes;

    @ArgGroup
    private @Nullable ControlOptions daemon;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws ConfigException, IOException {
        if (file == null && Terminal.isStdout()) {
            throw new IllegalArgumentException(
                    "a capture is not for a terminal; say -w FILE, or pipe it into `tcpdump -nr -`");
        }
        Path socket = ControlOptions.socket(daemon);
        new ControlClient(socket, Asking.TIME_LIMIT).stream(target(), this::copy);
        return 0;
    }

    private void copy(InputStream capture) throws IOException {
        Blocks blocks = new Blocks();
        // Also when interrupted, which is how most captures end.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> say(blocks), "summary"));
        try (OutputStream out = output()) {
            blocks.copy(capture, out);
        }
    }

    private void say(Blocks blocks) {
        spec.commandLine()
                .getErr()
                .println("culvert: " + blocks.packets() + " packets captured, " + blocks.missed()
                        + " missed because they came faster than they were read");
        spec.commandLine().getErr().flush();
    }

    private String target() {
        return CaptureHandler.PATH + "?via=cli" + parameter("peer", peer) + parameter("count", count)
                + parameter("snaplen", snaplen) + parameter("bytes", mostBytes);
    }

    private static String parameter(String name, @Nullable Object value) {
        return value == null ? "" : "&" + name + "=" + URLEncoder.encode(value.toString(), StandardCharsets.UTF_8);
    }

    /** What the tunnel hides is for its owner's eyes. */
    private OutputStream output() throws IOException {
        if (file == null) {
            return new FileOutputStream(FileDescriptor.out);
        }
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        var channel = Files.newByteChannel(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING),
                mode);
        return Channels.newOutputStream(channel);
    }
}
