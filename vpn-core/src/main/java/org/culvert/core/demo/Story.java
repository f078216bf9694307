package org.culvert.core.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the demo says: numbered steps with the commands behind them, and findings that hold or do not. One thread. */
final class Story {
    private final PrintStream out;
    private final long startNs = System.nanoTime();
    private int steps;
    private boolean allHeld = true;

    Story(PrintStream out) {
        this.out = out;
    }

    void text(String text) {
        out.println(text);
    }

    void step(String title) {
        steps++;
        out.printf(Locale.ROOT, "%n%d. %s%n", steps, title);
    }

    void command(List<String> words) {
        out.println("   $ "
                + words.stream()
                        .map(word -> word.contains(" ") ? '"' + word + '"' : word)
                        .collect(Collectors.joining(" ")));
    }

    void said(String text) {
        text.strip().lines().forEach(line -> out.println("   " + line));
    }

    /** One of the things the demo is there to show. */
    void finding(boolean held, String text) {
        allHeld &= held;
        out.println("   " + (held ? "ok    " : "FAIL  ") + text);
    }

    boolean allHeld() {
        return allHeld;
    }

    void verdict() {
        double seconds = (System.nanoTime() - startNs) / 1e9;
        out.printf(
                Locale.ROOT, "%n%s (%.1f s)%n", allHeld ? "All of it held." : "NOT ALL OF IT HELD: see FAIL.", seconds);
    }
}
