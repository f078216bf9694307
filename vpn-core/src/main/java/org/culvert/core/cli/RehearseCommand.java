package org.culvert.core.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.culvert.core.daemon.Daemon;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Does in a temporary folder what commands and the start of a daemon do, without root and without touching the system: packaging
 * runs it once under {@code -XX:AOTCacheOutput}, and the JVM keeps what it loaded and learned in {@code lib/culvert.aot}.
 */
@Command(name = "rehearse", hidden = true, description = "What packaging runs to make the ahead-of-time cache.")
final class RehearseCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
        Path folder = Files.createTempDirectory("culvert-rehearsal");
        try {
            String ca = folder.resolve("ca").toString();
            run("ca", "init", "--dir", ca, "--name", "Rehearsal", "--no-passphrase");
            for (String name : List.of("here", "there")) {
                String host = folder.resolve(name).toString();
                String network = name.equals("here") ? "192.0.2.0/25" : "192.0.2.128/25";
                run("host", "request", "--dir", host, "--name", name, "--network", network);
                run("ca", "sign", "--dir", ca, "--yes", "--out", host + "/host.crt", host + "/host.csr");
                run("cert", "show", "--json", host + "/host.crt");
            }
            Path config = folder.resolve("culvert.toml");
            Files.writeString(config, """
                    [gateway]
                    key = "here/host.key"
                    certificate = "here/host.crt"
                    trust = "ca/ca.crt"
                    control = "culvert.sock"
                    [[peer]]
                    name = "there"
                    certificate = "there/host.crt"
                    endpoint = "198.51.100.2:1640"
                    """);
            run("check", "--config", config.toString());
            run("status", "--config", config.toString());
            Daemon.rehearse();
            return 0;
        } finally {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Answers and complaints are of no interest; that there is no daemon for {@code status} is as it should be. */
    private static void run(String... args) {
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(new StringWriter()));
        line.setErr(new PrintWriter(new StringWriter()));
        line.execute(args);
    }
}
