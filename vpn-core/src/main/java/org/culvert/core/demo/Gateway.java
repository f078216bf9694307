package org.culvert.core.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Culvert daemon on a gateway: the packaged product in its own process, with {@code culvert.toml} and its log in a
 * folder of its own. One thread.
 */
public final class Gateway implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration STOP = Duration.ofSeconds(10);
    private static final String READY = "ready";

    private final String culvert;
    private final Namespace machine;
    private final Path folder;
    private @Nullable Process process;
    private long logStart; // where in the log this run begins

    /**
     * Starts nothing yet.
     *
     * @param culvert the program
     * @param folder holds culvert.toml, absolute
     */
    public Gateway(String culvert, Namespace machine, Path folder) {
        this.culvert = culvert;
        this.machine = machine;
        this.folder = folder;
    }

    public Path config() {
        return folder.resolve("culvert.toml");
    }

    public Path log() {
        return folder.resolve("log");
    }

    public Namespace machine() {
        return machine;
    }

    public List<String> runCommand() {
        return List.of(culvert, "run", "--config", config().toString());
    }

    /** Starts the daemon and returns at once. As systemd would: what a terminal or nohup made us ignore, it does not. */
    public Gateway start() throws IOException {
        close();
        logStart = Files.exists(log()) ? Files.size(log()) : 0;
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP,INT"));
        command.addAll(runCommand());
        process = machine.start(command, log());
        return this;
    }

    /** Waits for the daemon's own word that it carries traffic. */
    public Gateway awaitReady() throws Exception {
        return awaitLog(READY);
    }

    /** Waits for a line of this run's log. */
    public Gateway awaitLog(String text) throws Exception {
        Await.until("\"" + text + "\" in " + log(), START, () -> {
            boolean said = said().contains(text);
            if (!said && !running()) {
                throw new IOException("the daemon ended before it said \"" + text + "\": " + said());
            }
            return said;
        });
        return this;
    }

    /** What this run of the daemon has logged. */
    public String said() throws IOException {
        byte[] log = Files.readAllBytes(log());
        return new String(log, (int) logStart, log.length - (int) logStart, StandardCharsets.UTF_8);
    }

    public boolean running() {
        return process != null && process.isAlive();
    }

    public long pid() {
        return started().pid();
    }

    private Process started() {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException("not started");
        }
        return running;
    }

    /** Asks the daemon with {@code culvert NAME --config ...}. */
    public Finished ask(String name, String... options) throws IOException {
        var command = new ArrayList<>(List.of(culvert, name, "--config", config().toString()));
        command.addAll(List.of(options));
        return machine.run(command);
    }

    /** SIGTERM, then its exit code; -1 when it did not run. */
    public int stop() throws IOException {
        if (process == null) {
            return -1;
        }
        process.destroy();
        return awaitEnd();
    }

    /** SIGKILL: nothing is cleaned up. */
    public void kill() throws IOException {
        started().destroyForcibly();
        awaitEnd();
    }

    /** Waits until the daemon ends by itself, then its exit code. */
    public int awaitEnd() throws IOException {
        Process ending = started();
        if (!Programs.ended(ending, STOP)) {
            ending.destroyForcibly();
            throw new IOException("the daemon did not end within " + STOP.toSeconds() + " s; its log: " + log());
        }
        process = null;
        return ending.exitValue();
    }

    @Override
    public void close() throws IOException {
        if (running()) {
            stop();
        }
    }
}
