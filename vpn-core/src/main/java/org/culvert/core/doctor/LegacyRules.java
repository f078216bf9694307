package org.culvert.core.doctor;

import java.util.regex.Pattern;

/** Rules of the older iptables, rewritten as nft would print them, as far as {@link Firewall} reads. */
final class LegacyRules {
    private static final Pattern RULE = Pattern.compile("-A (\\S+) (.*)");

    private LegacyRules() {}

    /** @param saved what {@code iptables-legacy-save -t nat} prints */
    static String asNft(String saved) {
        StringBuilder text = new StringBuilder(
                "table ip nat {\nchain POSTROUTING {\ntype nat hook postrouting priority 100; policy accept;\n");
        saved.lines()
                .map(RULE::matcher)
                .filter(rule -> rule.matches() && rule.group(1).equals("POSTROUTING"))
                .forEach(rule -> text.append(asNftRule(rule.group(2))).append('\n'));
        return text.append("}\n}\n").toString();
    }

    private static String asNftRule(String rule) {
        return rule.replaceAll("! -o (\\S+)", "oifname != \"$1\"")
                .replaceAll("-o (\\S+)", "oifname \"$1\"")
                .replaceAll("-j (MASQUERADE|SNAT)", "xt target \"$1\"")
                .replace("-j ACCEPT", "accept")
                .replace("-j RETURN", "return")
                .replace("-j DROP", "drop");
    }
}
