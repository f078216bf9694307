package org.culvert.core.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code epoch}: a time like "10m" or "1h". */
final class EpochLength {
    static final long USUAL_NS = 3_600_000_000_000L;

    private static final long SECOND_NS = 1_000_000_000L;
    private static final long LEAST_S = 60;
    private static final long MOST_S = 86_400;
    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,4}) ?(s|min|m|h)");

    private EpochLength() {}

    private static int secondsIn(String unit) {
        return unit.equals("h") ? 3600 : unit.equals("s") ? 1 : 60;
    }

    static Long parse(String text) throws BadValue {
        Matcher form = FORM.matcher(text);
        long seconds = form.matches() ? Long.parseLong(form.group(1)) * secondsIn(form.group(2)) : 0;
        if (seconds < LEAST_S || seconds > MOST_S) {
            throw new BadValue("`" + text + "` is no length for an epoch", "write a time from \"1m\" to \"24h\"");
        }
        return seconds * SECOND_NS;
    }
}
