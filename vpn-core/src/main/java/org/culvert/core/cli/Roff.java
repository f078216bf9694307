package org.culvert.core.cli;

import java.util.List;

/** Text of a man page, in the macros of man(7); what is handed in comes out as it reads, never as markup. */
final class Roff {
    private final StringBuilder text = new StringBuilder();

    /** The page's own; the date stays as it is, since with its dashes escaped no program would know it. */
    Roff title(String name, int section, String date) {
        text.append(".TH \"%s\" %d \"%s\" Culvert Culvert\n".formatted(escaped(name), section, date));
        return this;
    }

    Roff section(String title) {
        text.append(".SH \"").append(escaped(title)).append("\"\n");
        return this;
    }

    Roff paragraph() {
        text.append(".PP\n");
        return this;
    }

    /** Filled text; each line of the source begins a line, which a reader does not see. */
    Roff line(String line) {
        text.append(atLineStart(line)).append('\n');
        return this;
    }

    /** Bold, then plain. */
    Roff bold(String bold, String plain) {
        text.append("\\fB")
                .append(escaped(bold))
                .append("\\fR")
                .append(escaped(plain))
                .append('\n');
        return this;
    }

    /** A term and, indented, what it means. */
    Roff item(String term, String argument, List<String> meaning) {
        text.append(".TP\n");
        bold(term, argument);
        meaning.forEach(this::line);
        return this;
    }

    /** Lines as they are. */
    Roff verbatim(List<String> lines) {
        text.append(".nf\n");
        lines.forEach(this::line);
        text.append(".fi\n");
        return this;
    }

    /** A line that begins with one of these would be a command. */
    private static String atLineStart(String line) {
        String escaped = escaped(line);
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }

    /** A plain - or ' would be typeset as a hyphen or a quotation mark, which nobody can paste into a shell. */
    private static String escaped(String text) {
        return text.replace("\\", "\\e")
                .replace("-", "\\-")
                .replace("'", "\\(aq")
                .replace("`", "\\(ga")
                .replace("^", "\\(ha")
                .replace("~", "\\(ti");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
