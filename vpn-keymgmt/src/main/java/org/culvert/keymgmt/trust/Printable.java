package org.culvert.keymgmt.trust;

/** Text from a certificate made fit for a terminal: an ESC or a bidirectional mark in a subject must not rewrite a log. */
public final class Printable {
    private static final int LONGEST = 400;

    private Printable() {}

    /** Printable ASCII stays; everything else becomes \\uXXXX; what is longer than 400 characters is cut. */
    public static String of(String text) {
        StringBuilder plain = new StringBuilder(Math.min(text.length(), LONGEST) + 16);
        for (int i = 0; i < text.length(); i++) {
            if (plain.length() >= LONGEST) {
                return plain.append("...").toString();
            }
            char c = text.charAt(i);
            if (c >= 0x20 && c < 0x7f) {
                plain.append(c);
            } else {
                plain.append(String.format("\\u%04x", (int) c));
            }
        }
        return plain.toString();
    }
}
