package org.culvert.core.config;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tomlj.TomlParseError;

/** Says in an administrator's words what the TOML parser found, with the line as it is written to tell the cause from. */
final class SyntaxErrors {
    private static final Pattern DEFINED_BEFORE =
            Pattern.compile("(.+) previously defined at line ([0-9]+), column [0-9]+");
    private static final Pattern NOT_A_LIST =
            Pattern.compile("(.+) is not an array \\(previously defined at line ([0-9]+), column [0-9]+\\)");
    private static final Pattern KEY_AND_VALUE =
            Pattern.compile("\\s*([A-Za-z0-9_-]+)\\s*=\\s*([^\"'\\[{\\s].*?)\\s*(#.*)?");
    private static final Pattern BARE_LIST = Pattern.compile("\\s*[A-Za-z0-9_-]+\\s*=\\s*\\[\\s*[^\"'\\s].*");
    private static final String BYTE_ORDER_MARK = "\\ufeff"; // as the parser writes it
    private static final Set<String> WORDS_FOR_TRUTH = Set.of("yes", "no", "on", "off", "true", "false");

    private final List<String> text;
    private final Findings findings;
    private boolean structureLost;
    private boolean linesLost;

    SyntaxErrors(List<String> text, Findings findings) {
        this.text = text;
        this.findings = findings;
    }

    void add(TomlParseError error) {
        int line = error.position().line();
        String source = line >= 1 && line <= text.size() ? text.get(line - 1).strip() : "";
        String message = String.valueOf(error.getMessage());
        boolean head = source.startsWith("[");
        Matcher before = DEFINED_BEFORE.matcher(message);
        Matcher notList = NOT_A_LIST.matcher(message);
        if (before.matches()) {
            definedTwice(line, source, before.group(1), before.group(2));
        } else if (notList.matches()) {
            findings.add(
                    line,
                    source + " is a list, but on line " + notList.group(2) + " it was not",
                    "write both in one way");
            structureLost = true;
        } else {
            linesLost = true;
            findings.add(line, "not TOML: " + lowerFirst(message), hint(source, message));
            // What follows a broken head, or a quote or bracket never closed, is in another table than it seems.
            structureLost |= head || message.contains("end of input") || message.contains(BYTE_ORDER_MARK);
        }
    }

    /** Whether what the parser did understand is worth a look: errors inside lines leave the lines around them whole. */
    boolean structureLost() {
        return structureLost;
    }

    /** Whether a key may be in the file and yet not in what the parser understood. */
    boolean linesLost() {
        return linesLost;
    }

    private void definedTwice(int line, String source, String name, String first) {
        if (structureLost) {
            return; // two tables taken for one: what is there twice may well be once in each
        }
        if (!source.startsWith("[")) {
            findings.add(line, "`" + name + "` is set twice, first on line " + first, "keep one of the two");
            return;
        }
        structureLost = true;
        boolean list = text.get(Integer.parseInt(first) - 1).strip().startsWith("[[");
        findings.add(
                line,
                "[" + name + "] is there twice, first on line " + first,
                list ? "write [[" + name + "]] each time" : "put all its keys under the first");
    }

    private static String hint(String source, String message) {
        if (message.contains(BYTE_ORDER_MARK)) {
            return "save the file as UTF-8 without a byte order mark";
        }
        if (source.startsWith("[")) {
            return "a table's head stands alone on its line, as [gateway] or [[peer]]";
        }
        Matcher bare = KEY_AND_VALUE.matcher(source);
        if (bare.matches() && !bare.group(2).matches("[0-9]+")) {
            String key = bare.group(1);
            return WORDS_FOR_TRUTH.contains(bare.group(2).toLowerCase(Locale.ROOT))
                    ? "write " + key + " = true or " + key + " = false"
                    : "put it in quotes: " + key + " = \"" + bare.group(2).replace("\"", "") + "\"";
        }
        if (BARE_LIST.matcher(source).matches() && !message.contains("array")) {
            return "put each in quotes, as [\"10.2.0.0/24\"]";
        }
        if (message.contains("], a comma")) {
            return "put a comma between two elements";
        }
        if (message.contains("array")) {
            return "close the list with ]";
        }
        if (message.contains("expected a value")) {
            return "write a value behind the =";
        }
        if (message.contains(", expected \"") || message.contains(", expected '")) {
            return "close the quotes";
        }
        if (message.contains("escape")) {
            return "write a backslash twice, or use single quotes";
        }
        if (message.contains("expected a newline")) {
            return "one key = value on each line";
        }
        if (message.contains("expected =") || message.contains("or =")) {
            return "write key = value";
        }
        if (message.contains("zeros") || message.contains("too large")) {
            return "write a plain number, as 1420";
        }
        return "see the sample configuration";
    }

    private static String lowerFirst(String message) {
        return message.isEmpty() ? message : Character.toLowerCase(message.charAt(0)) + message.substring(1);
    }
}
