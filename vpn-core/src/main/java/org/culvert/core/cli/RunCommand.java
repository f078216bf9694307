package org.culvert.core.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.culvert.core.config.ConfigFile;
import org.culvert.core.daemon.Daemon;
import org.culvert.core.log.LogFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code culvert run}: the daemon, in the foreground. */
@Command(
        name = "run",
        description = "Runs the gateway in the foreground until SIGTERM or SIGINT; removes at the end what it made.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    /** A clean stop takes a fraction of a second; after this the process ends anyway. */
    private static final long END_MS = 3000;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "the configuration")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private Path config;

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "log lines for people (default), or one JSON object a line")
    @SuppressWarnings("NullAway.Init")
    private LogFormat logFormat;

    @Override
    public Integer call() throws Exception {
        logFormat.use();
        CountDownLatch closed = new CountDownLatch(1);
        Daemon daemon = Daemon.start(ConfigFile.load(config));
        try (daemon) {
            Thread hook = new Thread(() -> endBySignal(daemon, closed), "signal");
            Runtime.getRuntime().addShutdownHook(hook);
            HangupSignal.handle(daemon::reload);
            return daemon.await();
        } finally {
            closed.countDown(); // after the daemon is closed
        }
    }

    /**
     * SIGTERM and SIGINT arrive as a JVM shutdown, which would end with 143 or 130 whatever we did: stopping when told is
     * success, so the process is halted with 0 once all is undone.
     */
    private static void endBySignal(Daemon daemon, CountDownLatch closed) {
        if (closed.getCount() == 0) {
            return; // the daemon ended by itself, with its own exit code
        }
        daemon.stop();
        try {
            if (!closed.await(END_MS, TimeUnit.MILLISECONDS)) {
                System.err.println("culvert: not everything could be undone in " + END_MS + " ms");
                Runtime.getRuntime().halt(3);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }
}
