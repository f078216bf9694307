package org.culvert.core.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs other programs to their end. Stateless. */
public final class Programs {
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private Programs() {}

    public static Finished run(List<String> command) throws IOException {
        return run(command, "", LONGEST);
    }

    /** Runs a program with this as its working folder. */
    public static Finished runIn(Path folder, List<String> command) throws IOException {
        return runIn(folder, command, LONGEST);
    }

    /** The same for a program that may take longer. */
    public static Finished runIn(Path folder, List<String> command, Duration longest) throws IOException {
        return finish(new ProcessBuilder(command).directory(folder.toFile()), "", longest);
    }

    /** Runs a program with this on its standard input; ends it and throws when it takes longer than {@code longest}. */
    public static Finished run(List<String> command, String input, Duration longest) throws IOException {
        return finish(new ProcessBuilder(command), input, longest);
    }

    private static Finished finish(ProcessBuilder builder, String input, Duration longest) throws IOException {
        Process process = builder.start();
        try {
            var out = CompletableFuture.supplyAsync(() -> text(process.getInputStream()), Programs::onThread);
            var err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()), Programs::onThread);
            try (var stdin = process.outputWriter()) {
                stdin.write(input);
            }
            if (!ended(process, longest)) {
                throw new IOException("`%s` did not end within %d s"
                        .formatted(String.join(" ", builder.command()), longest.toSeconds()));
            }
            return new Finished(List.copyOf(builder.command()), process.exitValue(), out.join(), err.join());
        } finally {
            process.destroyForcibly();
        }
    }

    /** Waits for a program. An interrupt counts as a failure to answer, and stays set. */
    static boolean ended(Process process, Duration longest) throws IOException {
        try {
            return process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for process " + process.pid());
        }
    }

    private static void onThread(Runnable task) {
        Thread.ofPlatform().daemon().start(task);
    }

    private static String text(InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Looks where a login shell of root would: {@code su} without {@code -} leaves the sbin folders out of PATH. */
    public static Optional<Path> find(String name) {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin";
        return Stream.of(path.split(":"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
