package org.culvert.core.doctor;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A rule that drops what has come in by another interface than its answer would leave by: threats.md's, the strict one of nft's manual,
 * firewalld's, and iptables' rpfilter (whose options nft does not print). One with any other condition is not taken for it.
 */
final class SourceRule {
    private static final Pattern FORM = Pattern.compile("(?:meta nfproto (?<family>ipv[46]) )?"
            + "(?:iif(?:name)? (?<not>!= )?(?<in>\\{[^}]*\\}|\\S+) )?"
            + "(?:fib saddr (?:\\. mark )?\\. iif oif (?:missing|0)"
            + "|fib saddr (?:\\. mark )?oif(?:name)? (?<out>\\{[^}]*\\}|\\S+)"
            + "|xt match \"rpfilter\") "
            + "(?:counter (?:packets \\d+ bytes \\d+ )?)?(?:log .*)?drop");

    private SourceRule() {}

    /** Whether it refuses what comes in by {@code outside} with a source whose way back leads into {@code tun}. */
    static boolean refuses(String rule, String outside, String tun, boolean ipv4) {
        Matcher form = FORM.matcher(rule);
        if (!form.matches()) {
            return false;
        }
        String family = form.group("family");
        String in = form.group("in");
        String out = form.group("out");
        return (family == null || family.equals(ipv4 ? "ipv4" : "ipv6"))
                && (in == null || Firewall.names(in, outside) == (form.group("not") == null))
                && (out == null || Firewall.names(out, tun));
    }
}
