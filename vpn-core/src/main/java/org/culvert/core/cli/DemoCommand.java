package org.culvert.core.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.culvert.core.demo.Demo;
import org.culvert.core.demo.RefusedException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code culvert demo}. */
@Command(
        name = "demo",
        description = "Links two sites in network namespaces of this machine, sends real traffic, gives a verdict.",
        footer = "Needs root and the command ip (package iproute2). Changes nothing outside its own namespaces.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    @ArgGroup
    private @Nullable Afterwards afterwards;

    private static final class Afterwards {
        @Option(names = "--keep", description = "Leave it up and say how to enter it.")
        private boolean keep;

        @Option(names = "--remove", paramLabel = "ID", description = "Remove what --keep left.")
        private @Nullable String remove;
    }

    @Override
    public Integer call() throws IOException {
        String remove = afterwards == null ? null : afterwards.remove;
        if (remove != null) {
            if (!remove.matches("cv\\d+")) {
                throw new ParameterException(
                        spec.commandLine(), remove + " is not what `demo --keep` printed, like cv123");
            }
            Demo.removeKept(remove);
            return 0;
        }
        try {
            return new Demo(program(), System.out).run(afterwards != null && afterwards.keep) ? 0 : 1;
        } catch (RefusedException e) {
            System.err.println("culvert demo: " + e.getMessage());
            return 3;
        }
    }

    /** The launcher that started this: the demo shows its commands. */
    private static String program() {
        String home = System.getProperty("culvert.home");
        return home == null ? "culvert" : Path.of(home, "bin", "culvert").toString();
    }
}
