package org.culvert.core.hooks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of one program, from start to end or kill. What it says goes to the log line by line, which bounds lines and their number. */
final class HookRun {
    private static final Logger LOG = LoggerFactory.getLogger(HookRun.class);
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** More than a line of the log takes; a program that never ends its line must not fill the memory. */
    private static final int LINE_CHARS = 2_000;

    private static final long LAST_WORDS_MS = 500;

    private final String event;
    private final List<String> command;
    private final Map<String, String> environment;
    private final Duration limit;

    HookRun(String event, List<String> command, Map<String, String> environment, Duration limit) {
        this.event = event;
        this.command = command;
        this.environment = environment;
        this.limit = limit;
    }

    void run() {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().clear(); // what the daemon was started with is not theirs
        builder.environment().put("PATH", PATH);
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            Thread reader = Thread.ofVirtual().name("hook-output").start(() -> log(process.getInputStream()));
            await(process);
            reader.join(LAST_WORDS_MS);
            process.getInputStream().close(); // somebody it started may still hold the other end
        } catch (IOException e) {
            LOG.warn("hook {}: {} did not start: {}", event, command.getFirst(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void await(Process process) throws InterruptedException {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("hook {}: {} killed, it took more than {} s", event, command.getFirst(), limit.toSeconds());
            } else if (process.exitValue() != 0) {
                LOG.warn("hook {}: {} failed with exit code {}", event, command.getFirst(), process.exitValue());
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.toHandle().destroyForcibly(); // Process's own would close the output before its last words are read
        }
    }

    private void log(InputStream output) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
            StringBuilder line = new StringBuilder();
            for (int c = reader.read(); c >= 0; c = reader.read()) {
                if (c == '\n') {
                    LOG.info("hook {}: {}", event, line.toString());
                    line.setLength(0);
                } else if (line.length() < LINE_CHARS) {
                    line.append((char) c);
                }
            }
            if (!line.isEmpty()) {
                LOG.info("hook {}: {}", event, line.toString());
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("hook {}: output ended: {}", event, e.getMessage());
        }
    }
}
