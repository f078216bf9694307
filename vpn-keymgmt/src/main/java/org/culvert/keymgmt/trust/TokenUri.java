package org.culvert.keymgmt.trust;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a private key lies in a hardware token: a PKCS#11 URI (RFC 7512), as
 * {@code pkcs11:token=culvert;object=tokyo?pin-source=file:/etc/culvert/pin}. It may stand wherever a key file is named, and as the only
 * line of a key file. The PIN itself never stands in it.
 *
 * @param text as it was written
 * @param token label of the token, blanks at its end not counted
 * @param object label of the key and of the certificate it is found by
 * @param pinSource a file with the PIN on its first line; empty: somebody is asked
 * @param module the token's PKCS#11 library; empty: looked for
 */
public record TokenUri(String text, String token, String object, Optional<Path> pinSource, Optional<Path> module) {
    private static final String SCHEME = "pkcs11:";
    private static final int LONGEST_FILE_BYTES = 4096;

    public static boolean is(String text) {
        return text.startsWith(SCHEME);
    }

    /** What stands where a key file is named: a URI, or a file with one in it; empty for any other file, there or not. */
    public static Optional<TokenUri> at(Path file) throws CredentialException {
        if (is(file.toString())) {
            return Optional.of(parse(file, file.toString()));
        }
        String line = onlyLine(file);
        return is(line) ? Optional.of(parse(file, line)) : Optional.empty();
    }

    private static String onlyLine(Path file) {
        try {
            if (Files.size(file) > LONGEST_FILE_BYTES) {
                return "";
            }
            List<String> lines = Files.readString(file, StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
            return lines.size() == 1 ? lines.getFirst() : "";
        } catch (IOException e) {
            return ""; // whoever reads it as a key says why it cannot be read
        }
    }

    /**
     * Takes a URI apart; strict, for an attribute that nobody looks at would be one that an administrator relies on.
     *
     * @param where what to name in messages
     */
    public static TokenUri parse(Path where, String text) throws CredentialException {
        int query = text.indexOf('?');
        String path = text.substring(SCHEME.length(), query < 0 ? text.length() : query);
        String token = null;
        String object = null;
        Path pin = null;
        Path module = null;
        for (String attribute : path.split(";", -1)) {
            switch (name(attribute)) {
                case "token" -> token = value(where, attribute, token);
                case "object" -> object = value(where, attribute, object);
                case "type" -> {
                    if (!value(where, attribute, null).equals("private")) {
                        throw bad(where, "does not name a private key (type)");
                    }
                }
                default -> throw bad(where, "has the attribute '" + name(attribute) + "', which is not looked at here");
            }
        }
        for (String attribute :
                query < 0 ? new String[0] : text.substring(query + 1).split("&", -1)) {
            switch (name(attribute)) {
                case "pin-source" -> pin = file(where, value(where, attribute, pin));
                case "module-path" -> module = file(where, value(where, attribute, module));
                case "pin-value" -> throw bad(where, "has the PIN in it, where everybody sees it; use pin-source");
                default -> throw bad(where, "has the attribute '" + name(attribute) + "', which is not looked at here");
            }
        }
        if (token == null || object == null) {
            throw bad(where, "names no " + (token == null ? "token" : "object"));
        }
        return new TokenUri(text, token, object, Optional.ofNullable(pin), Optional.ofNullable(module));
    }

    private static String name(String attribute) {
        int equals = attribute.indexOf('=');
        return equals < 0 ? attribute : attribute.substring(0, equals);
    }

    private static String value(Path where, String attribute, @Nullable Object before) throws CredentialException {
        String encoded =
                attribute.substring(Math.min(attribute.length(), name(attribute).length() + 1));
        if (encoded.isEmpty() || before != null) {
            throw bad(where, "has '" + name(attribute) + (before == null ? "' without a value" : "' twice"));
        }
        try {
            return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw bad(where, "has a percent sign in '" + name(attribute) + "' that encodes nothing");
        }
    }

    private static Path file(Path where, String text) throws CredentialException {
        Path path = Path.of(text.startsWith("file:") ? text.substring("file:".length()) : text);
        if (!path.isAbsolute()) {
            throw bad(where, "names the file " + path + ", which is not absolute");
        }
        return path.normalize();
    }

    private static CredentialException bad(Path where, String what) {
        return new CredentialException(
                where,
                "the PKCS#11 URI " + what,
                "it looks like pkcs11:token=culvert;object=tokyo?pin-source=file:/etc/culvert/pin");
    }

    /** For messages and prompts: without the query. */
    @Override
    public String toString() {
        return SCHEME + "token=" + token + ";object=" + object;
    }
}
