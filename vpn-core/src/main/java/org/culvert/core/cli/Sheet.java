package org.culvert.core.cli;

import java.io.PrintWriter;
import java.util.Collection;
import java.util.stream.Collectors;

/** Facts for people: a label and a value per line. */
final class Sheet {
    private final PrintWriter out;

    Sheet(PrintWriter out) {
        this.out = out;
    }

    void row(String label, Object value) {
        out.printf("  %-12s %s%n", label, value);
    }

    void row(String label, Collection<?> values) {
        row(label, values.stream().map(Object::toString).collect(Collectors.joining(", ")));
    }

    void title(String text) {
        out.println(text);
    }

    void flush() {
        out.flush();
    }
}
