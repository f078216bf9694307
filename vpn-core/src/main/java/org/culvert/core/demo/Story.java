package org.culvert.core.demo;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the demo says: numbered steps with the commands behind them, and findings that hold or do not. One thread. */
final class Story {
    private final PrintStream out;
    private final long startNs = System.nanoTime();
    private String programs = "/usr/bin";
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

    /** As one would type it; a folder announced by {@link #path} is left out. */
    void command(List<String> words) {
        out.println("   $ " + words.stream().map(this::typed).collect(Collectors.joining(" ")));
    }

    private String typed(String word) {
        if (word.startsWith(programs + "/")) {
            return word.substring(programs.length() + 1);
        }
        if (word.equals(Namespace.ip())) {
            return "ip";
        }
        return word.contains(" ") ? '"' + word + '"' : word;
    }

    /** From now on programs in this folder are called by their name. */
    void path(Path folder) {
        programs = folder.toString();
        out.println("   $ PATH=" + folder + ":$PATH");
    }

    void said(String text) {
        text.strip().lines().forEach(line -> out.println("   " + line));
    }

    /** A line below a finding. */
    void detail(String text) {
        out.println("         " + text);
    }

    /** One of the things the demo is there to show. */
    void finding(boolean held, String text) {
        allHeld &= held;
        out.println("   " + (held ? "ok    " : "FAIL  ") + text.strip().replace("\n", "\n         "));
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
