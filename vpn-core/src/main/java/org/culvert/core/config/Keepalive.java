package org.culvert.core.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.culvert.core.echo.PeerEcho;

/** Reads {@code keepalive}: a time like "25s" or "2 min", "auto" or "off". */
final class Keepalive {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long MOST_S = 600;
    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,4}) ?(s|min)");
    private static final String FORMS = "write a time from \"1s\" to \"10 min\", or \"auto\", or \"off\"";

    private Keepalive() {}

    static PeerEcho.Manner parse(String text) throws BadValue {
        if (text.equals("auto")) {
            return PeerEcho.Manner.USUAL;
        }
        if (text.equals("off")) {
            return new PeerEcho.Manner(true, Long.MAX_VALUE, false);
        }
        Matcher form = FORM.matcher(text);
        long seconds =
                form.matches() ? Long.parseLong(form.group(1)) * (form.group(2).equals("s") ? 1 : 60) : 0;
        if (seconds < 1 || seconds > MOST_S) {
            throw new BadValue("`" + text + "` is no interval for keepalives", FORMS);
        }
        return new PeerEcho.Manner(true, seconds * SECOND_NS, true);
    }
}
