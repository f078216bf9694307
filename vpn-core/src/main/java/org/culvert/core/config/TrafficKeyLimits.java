package org.culvert.core.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.culvert.core.peer.TrafficKeyPolicy;

/** Reads {@code traffic-key}: "packet", or a limit like "1000 packets", "10 MB", "60 s". */
final class TrafficKeyLimits {
    /**
     * Bounds of every policy, named or not. An hour: no Kp outlives its Kijn. 10 GB are 2^29.2 blocks of AES: under one key
     * GCM then differs from random with a probability of 2^-70 (birthday bound, NIST SP 800-38D appendix B).
     */
    static final long MOST_PACKETS = 10_000_000;

    static final long MOST_BYTES = 10_000_000_000L;
    static final long MOST_NS = 3_600_000_000_000L;

    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,11}) ?([A-Za-z]+)");
    private static final String FORMS = "write \"packet\", or a limit like \"1000 packets\", \"10 MB\" or \"60 s\"";

    private TrafficKeyLimits() {}

    static TrafficKeyPolicy parse(String text) throws BadValue {
        if (text.equals("packet")) {
            return TrafficKeyPolicy.EVERY_PACKET;
        }
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new BadValue("`" + text + "` is not a policy for traffic keys", FORMS);
        }
        long count = Long.parseLong(form.group(1));
        return switch (form.group(2)) {
            case "packet", "packets" ->
                new TrafficKeyPolicy(within(count, 1, MOST_PACKETS, text, "10000000 packets"), MOST_BYTES, MOST_NS);
            case "kB" -> ofBytes(count, 1_000L, text);
            case "MB" -> ofBytes(count, 1_000_000L, text);
            case "GB" -> ofBytes(count, 1_000_000_000L, text);
            case "s" -> ofTime(count, 1_000_000_000L, text);
            case "min" -> ofTime(count, 60_000_000_000L, text);
            default ->
                throw new BadValue("`" + text + "` has an unknown unit", "units are packets, kB, MB, GB, s and min");
        };
    }

    private static TrafficKeyPolicy ofBytes(long count, long unit, String text) throws BadValue {
        return new TrafficKeyPolicy(MOST_PACKETS, within(count, unit, MOST_BYTES, text, "10 GB"), MOST_NS);
    }

    private static TrafficKeyPolicy ofTime(long count, long unit, String text) throws BadValue {
        return new TrafficKeyPolicy(MOST_PACKETS, MOST_BYTES, within(count, unit, MOST_NS, text, "60 min"));
    }

    private static long within(long count, long unit, long most, String text, String mostInWords) throws BadValue {
        if (count > most / unit) {
            throw new BadValue("`" + text + "` lets a traffic key live too long", "the most is " + mostInWords);
        }
        return count * unit;
    }
}
