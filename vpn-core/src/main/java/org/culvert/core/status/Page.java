package org.culvert.core.status;

import java.util.List;
import org.culvert.core.log.OneLine;

/** Text in 80 columns: values stand one below the other, and what is too long goes on below its beginning. */
public final class Page {
    public static final int WIDTH = 80;

    private static final int INDENT = 2;
    private static final int LABEL = 13;

    private final StringBuilder text = new StringBuilder();

    /** A line that is broken at blanks, its continuations indented by {@code hanging}. */
    public Page line(String line, int hanging) {
        String rest = OneLine.of(line).stripTrailing();
        int room = WIDTH;
        while (rest.length() > room) {
            int blank = rest.lastIndexOf(' ', room);
            // Nothing but the indent or the label would stand on this line: better too long than endless.
            int cut = blank > hanging ? blank : rest.indexOf(' ', Math.max(room, hanging + 1));
            if (cut < 0) {
                break;
            }
            text.append(rest, 0, cut).append('\n');
            rest = " ".repeat(hanging) + rest.substring(cut).strip();
        }
        text.append(rest).append('\n');
        return this;
    }

    /** A line that somebody may paste into a shell: never broken, for its second half would be another command. */
    public Page unbroken(String line) {
        text.append(OneLine.of(line)).append('\n');
        return this;
    }

    public Page field(String label, String value) {
        return line(" ".repeat(INDENT) + label + " ".repeat(LABEL - label.length()) + value, INDENT + LABEL);
    }

    /** Each value on a line of its own, below one label. */
    public Page fields(String label, List<String> values) {
        String next = label;
        for (String value : values) {
            field(next, value);
            next = "";
        }
        return this;
    }

    public Page gap() {
        text.append('\n');
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
