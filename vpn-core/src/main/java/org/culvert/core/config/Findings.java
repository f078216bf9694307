package org.culvert.core.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong while a file is read, so that one run of {@code culvert check} shows all of it. */
final class Findings {
    /** A file that is something else entirely would fill the screen. */
    static final int MOST = 100;

    private final Path file;
    private final List<Finding> found = new ArrayList<>();

    Findings(Path file) {
        this.file = file;
    }

    void add(int line, String cause, String hint) {
        found.add(new Finding(file, line, cause, hint));
    }

    void add(int line, BadValue bad) {
        add(line, bad.cause(), bad.hint());
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    ConfigException refusal() {
        List<Finding> sorted = new ArrayList<>(found);
        sorted.sort(Comparator.comparingInt(Finding::line));
        if (sorted.size() > MOST) {
            int more = sorted.size() - MOST;
            Finding last = sorted.get(MOST);
            sorted = new ArrayList<>(sorted.subList(0, MOST));
            sorted.add(
                    new Finding(file, last.line(), more + " more findings from here on", "repair those above first"));
        }
        return new ConfigException(sorted);
    }

    void throwIfAny() throws ConfigException {
        if (!isEmpty()) {
            throw refusal();
        }
    }
}
