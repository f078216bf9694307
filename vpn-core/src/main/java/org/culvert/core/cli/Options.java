package org.culvert.core.cli;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.culvert.keymgmt.Prefix;
import org.culvert.keymgmt.issue.NewKey;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostName;
import org.culvert.keymgmt.trust.KeyKind;
import org.culvert.keymgmt.trust.TokenUri;

/** Words on the command line turned into values; what is wrong becomes an IllegalArgumentException that says so. */
final class Options {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})([dhms])");

    private Options() {}

    static void atLeastOneDay(int days) {
        if (days < 1 || days > 36_500) {
            throw new IllegalArgumentException("--days " + days + " is not between 1 and 36500");
        }
    }

    static List<Prefix> prefixes(List<String> texts) {
        List<Prefix> prefixes = new ArrayList<>();
        for (String text : texts) {
            prefixes.add(Prefix.parse(text));
        }
        return prefixes;
    }

    /** Refuses what is no name of a host or a group. */
    static void names(List<String> names) {
        for (String name : names) {
            HostName.fault(name).ifPresent(fault -> {
                throw new IllegalArgumentException(fault);
            });
        }
    }

    /** A key for a host: its kind, or the token to make it in. */
    static NewKey newHostKey(String text) throws CredentialException {
        if (TokenUri.is(text)) {
            TokenUri uri = TokenUri.parse(Path.of("--key"), text);
            if (uri.pinSource().isEmpty()) {
                throw new CredentialException(
                        Path.of("--key"),
                        "names a token but no file with its PIN",
                        "the daemon starts unattended: add ?pin-source=file:/... to the URI");
            }
            return NewKey.inToken(uri, Terminal::askPassphrase);
        }
        return NewKey.inFile(KeyKind.ofOption(text)
                .orElseThrow(() -> new IllegalArgumentException(
                        "--key " + text + " is neither x25519 nor p256 nor a pkcs11: URI")));
    }

    /** "30d", "12h", "5m", "60s". */
    static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text + " is not a duration; it looks like 30d, 12h, 5m or 60s");
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "d" -> Duration.ofDays(count);
            case "h" -> Duration.ofHours(count);
            case "m" -> Duration.ofMinutes(count);
            default -> Duration.ofSeconds(count);
        };
    }

    /** RFC 3339 in UTC: 2027-03-05T06:07:08Z. */
    static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(text + " is not a time; it looks like 2027-03-05T06:07:08Z");
        }
    }
}
