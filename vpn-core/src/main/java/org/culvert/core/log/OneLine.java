package org.culvert.core.log;

/**
 * Text made harmless for one line of a terminal or log. Names and reasons can come from a peer's certificate: a newline in
 * one would forge a log line, an escape sequence would take over the terminal of who reads it, and a bidirectional control
 * would show another text than there is (CVE-2021-42574).
 */
public final class OneLine {
    private static final String CUT = "...";

    private OneLine() {}

    /** The text with every control, format, private, unassigned and separator character written as an escape. */
    public static String of(String text) {
        int clean = cleanPrefix(text);
        if (clean == text.length()) {
            return text;
        }
        StringBuilder line = new StringBuilder(text.length() + 16).append(text, 0, clean);
        text.codePoints().skip(text.codePointCount(0, clean)).forEach(c -> append(line, c));
        return line.toString();
    }

    /** As {@link #of(String)}, and no longer than {@code maxChars}; a cut shows as "...". */
    public static String of(String text, int maxChars) {
        // An escape is never shorter than its character: nothing behind this can be part of the line.
        String line = of(text.length() > maxChars + 1 ? text.substring(0, maxChars + 1) : text);
        if (line.length() <= maxChars) {
            return line;
        }
        int end = Math.max(0, maxChars - CUT.length());
        if (end > 0 && Character.isHighSurrogate(line.charAt(end - 1))) {
            end--;
        }
        return line.substring(0, end) + CUT;
    }

    private static int cleanPrefix(String text) {
        int i = 0;
        while (i < text.length()) {
            int c = text.codePointAt(i);
            if (isHarmful(c)) {
                break;
            }
            i += Character.charCount(c);
        }
        return i;
    }

    private static void append(StringBuilder line, int c) {
        if (!isHarmful(c)) {
            line.appendCodePoint(c);
            return;
        }
        switch (c) {
            case '\n' -> line.append("\\n");
            case '\r' -> line.append("\\r");
            case '\t' -> line.append("\\t");
            default -> line.append("\\u{").append(Integer.toHexString(c)).append('}');
        }
    }

    private static boolean isHarmful(int c) {
        if (c >= ' ' && c < 127) {
            return false;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT, // bidirectional controls, zero-width characters, tags
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }
}
