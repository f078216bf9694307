package org.culvert.core.cli;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a live table is shown. On a terminal it has the whole screen, without echo and with single keys, until closed; elsewhere, and on a
 * terminal that can do nothing, each frame is printed below the last. One thread; may be closed by another.
 */
final class Screen implements AutoCloseable {
    private static final int POLL_MS = 50;
    private static final int DUMB_LINES = 1_000;
    private static final String ENTER = "\033[?1049h\033[?25l";
    private static final String LEAVE = "\033[?25h\033[?1049l";
    private static final String HOME = "\033[H";
    private static final String CLEAR_LINE = "\033[K";
    private static final String CLEAR_REST = "\033[J";

    private final PrintWriter out;
    private final @Nullable String savedMode;
    private boolean closed;

    private Screen(PrintWriter out, @Nullable String savedMode) {
        this.out = out;
        this.savedMode = savedMode;
    }

    static Screen open(PrintWriter out) {
        String term = System.getenv("TERM");
        boolean able = Terminal.isStdout() && term != null && !term.equals("dumb");
        Optional<String> mode = able ? stty("-g") : Optional.empty();
        Screen screen = new Screen(out, mode.orElse(null));
        if (screen.isLive()) {
            stty("-icanon", "-echo", "min", "0", "time", "0");
            out.print(ENTER);
            out.flush();
        }
        return screen;
    }

    boolean isLive() {
        return savedMode != null;
    }

    int lines() {
        // "24 80"
        return isLive()
                ? stty("size")
                        .map(size -> Integer.parseInt(size.replaceAll(" .*", "")))
                        .filter(rows -> rows > 0)
                        .orElse(24)
                : DUMB_LINES;
    }

    synchronized void show(List<String> lines) {
        if (closed) {
            return;
        }
        if (isLive()) {
            out.print(HOME + String.join(CLEAR_LINE + "\r\n", lines) + CLEAR_LINE + CLEAR_REST);
        } else {
            lines.forEach(out::println);
            out.println();
        }
        out.flush();
    }

    /** Waits, on a live screen for a key at most. @return true when the key was q */
    boolean pause(long ms) throws IOException, InterruptedException {
        for (long waited = 0; waited < ms; waited += POLL_MS) {
            while (isLive() && System.in.available() > 0) {
                int key = System.in.read();
                if (key == 'q' || key == 'Q') {
                    return true;
                }
            }
            Thread.sleep(Math.min(POLL_MS, ms - waited));
        }
        return false;
    }

    private static Optional<String> stty(String... arguments) {
        List<String> command = new ArrayList<>(List.of("/bin/stty"));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? Optional.of(text) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Gives the terminal back as it was. */
    @Override
    public synchronized void close() {
        if (savedMode != null && !closed) {
            out.print(LEAVE);
            out.flush();
            stty(savedMode);
        }
        closed = true;
    }
}
