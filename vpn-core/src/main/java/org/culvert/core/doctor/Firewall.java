package org.culvert.core.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Netfilter's rules as {@code nft list ruleset} prints them, read as far as three questions need: what changes the source of packets into
 * the tunnel, what keeps our UDP port closed, and what refuses forged sources. A rule with conditions beyond interface and port counts as one that may match, so
 * that a doubtful rule is shown rather than passed over. Immutable.
 */
final class Firewall {
    private static final Pattern TABLE = Pattern.compile("table (\\S+) (\\S+) \\{");
    private static final Pattern CHAIN = Pattern.compile("chain (\\S+) \\{");
    private static final Pattern HOOK = Pattern.compile("type \\S+ hook (\\S+) .*");
    private static final Pattern POLICY_DROP = Pattern.compile(".*policy drop;.*");
    private static final Pattern OUT = Pattern.compile("\\boif(?:name)? (!= )?(\\{[^}]*\\}|\\S+)");
    private static final Pattern JUMP = Pattern.compile("\\b(?:jump|goto) (\\S+)");
    private static final Pattern SOURCE_NAT =
            Pattern.compile("\\b(masquerade|snat)\\b|xt target \"(MASQUERADE|SNAT)\"");
    private static final Pattern LEAVES = Pattern.compile("\\b(accept|return|drop|reject)\\b");
    private static final Pattern DPORT = Pattern.compile("\\b(?:udp|th) dport (\\{[^}]*\\}|\\S+)");
    private static final int DEEPEST = 16;

    private final List<Chain> chains;

    /** @param hook "postrouting" and the like; empty: only jumped to */
    record Chain(String table, String name, String hook, boolean dropsTheRest, List<String> rules) {
        String fullName() {
            return "chain " + table + " " + name;
        }
    }

    /** A rule that is in the way. */
    record Hit(Chain where, String text) {
        String chain() {
            return where.fullName();
        }

        /** The command that lets packets into the tunnel pass before it. */
        String fix(String tun) {
            return "nft insert rule " + where.table() + " " + where.name() + " oifname " + tun + " accept";
        }
    }

    /** An input chain that does not let us in. */
    record Closed(Chain where) {
        String name() {
            return where.fullName();
        }

        String opening(int port) {
            return "nft insert rule " + where.table() + " " + where.name() + " udp dport " + port + " accept";
        }
    }

    private Firewall(List<Chain> chains) {
        this.chains = List.copyOf(chains);
    }

    static Firewall parse(String ruleset) {
        List<Chain> chains = new ArrayList<>();
        String table = "";
        String name = "";
        String hook = "";
        boolean drops = false;
        List<String> rules = new ArrayList<>();
        for (String raw : ruleset.lines().toList()) {
            String line = raw.strip();
            Matcher tableHead = TABLE.matcher(line);
            Matcher chainHead = CHAIN.matcher(line);
            Matcher hooked = HOOK.matcher(line);
            if (tableHead.matches()) {
                table = tableHead.group(1) + " " + tableHead.group(2);
            } else if (chainHead.matches()) {
                name = chainHead.group(1);
            } else if (!name.isEmpty() && hooked.matches()) {
                hook = hooked.group(1);
                drops = POLICY_DROP.matcher(line).matches();
            } else if (!name.isEmpty() && line.equals("}")) {
                chains.add(new Chain(table, name, hook, drops, List.copyOf(rules)));
                name = "";
                hook = "";
                drops = false;
                rules.clear();
            } else if (!name.isEmpty() && !line.isEmpty() && !line.startsWith("#")) {
                rules.add(line);
            }
        }
        return new Firewall(chains);
    }

    /** Rules that may change the source of packets leaving through {@code tun}. */
    List<Hit> sourceNatTowards(String tun) {
        List<Hit> hits = new ArrayList<>();
        for (Chain chain : chains) {
            if (chain.hook().equals("postrouting")) {
                collect(chain, tun, hits, 0);
            }
        }
        return hits;
    }

    private void collect(Chain chain, String tun, List<Hit> hits, int depth) {
        for (String rule : chain.rules()) {
            if (!mayLeaveThrough(rule, tun)) {
                continue;
            }
            if (SOURCE_NAT.matcher(rule).find()) {
                hits.add(new Hit(chain, rule));
            } else if (jump(chain, rule).isPresent() && depth < DEEPEST) {
                collect(jump(chain, rule).get(), tun, hits, depth + 1);
            } else if (LEAVES.matcher(rule).find() && isOnlyAbout(rule, tun)) {
                return; // packets into the tunnel get no further in this chain
            }
        }
    }

    private Optional<Chain> jump(Chain from, String rule) {
        Matcher jump = JUMP.matcher(rule);
        if (!jump.find()) {
            return Optional.empty();
        }
        return chains.stream()
                .filter(chain ->
                        chain.table().equals(from.table()) && chain.name().equals(jump.group(1)))
                .findFirst();
    }

    /** False when the rule names outgoing interfaces and {@code tun} is not among them. */
    private static boolean mayLeaveThrough(String rule, String tun) {
        Matcher out = OUT.matcher(rule);
        while (out.find()) {
            boolean not = out.group(1) != null;
            if (names(out.group(2), tun) == not) {
                return false;
            }
        }
        return true;
    }

    /** Whether a set or single name of nft's covers an interface: {@code "culvert0"}, {@code "culv*"}, {@code { "a", "b" }}. */
    static boolean names(String written, String tun) {
        for (String part : written.replaceAll("[{}\"]", "").split(",", -1)) {
            String name = part.strip();
            if (name.equals(tun) || (name.endsWith("*") && tun.startsWith(name.substring(0, name.length() - 1)))) {
                return true;
            }
        }
        return false;
    }

    /** No condition but the outgoing interface. */
    private static boolean isOnlyAbout(String rule, String tun) {
        String rest = OUT.matcher(rule).replaceAll("").replaceAll("\\bcounter( packets \\d+ bytes \\d+)?", "");
        return mayLeaveThrough(rule, tun) && rest.strip().matches("(accept|return|drop|reject)");
    }

    /** Input chains that drop what they do not know and have no rule that accepts this UDP port from everywhere. */
    List<Closed> inputWithout(int port) {
        return chains.stream()
                .filter(chain -> chain.hook().equals("input"))
                .filter(chain -> chain.dropsTheRest() || chain.rules().stream().anyMatch(Firewall::dropsAll))
                .filter(chain -> !accepts(chain, port, 0))
                .map(Closed::new)
                .toList();
    }

    private boolean accepts(Chain chain, int port, int depth) {
        for (String rule : chain.rules()) {
            Optional<Chain> jump = jump(chain, rule);
            if (jump.isPresent() && depth < DEEPEST && accepts(jump.get(), port, depth + 1)) {
                return true;
            }
            if (rule.matches(".*\\baccept\\b.*") && mayAccept(rule, port)) {
                return true;
            }
        }
        return false;
    }

    /** Not through loopback only, not of a known connection only, and of this port or of any. */
    private static boolean mayAccept(String rule, int port) {
        if (rule.matches(".*\\biif(name)? \"?lo\"?\\b.*")
                || rule.contains("ct state")
                || rule.contains("tcp ")
                || rule.contains("icmp")) {
            return false;
        }
        Matcher dport = DPORT.matcher(rule);
        return !dport.find() || hasPort(dport.group(1), port);
    }

    private static boolean hasPort(String written, int port) {
        for (String part : written.replaceAll("[{}]", "").split(",", -1)) {
            String[] ends = part.strip().split("-", 2);
            try {
                int first = Integer.parseInt(ends[0]);
                int last = Integer.parseInt(ends[ends.length - 1]);
                if (port >= first && port <= last) {
                    return true;
                }
            } catch (NumberFormatException e) {
                // a service by name: none is ours
            }
        }
        return false;
    }

    /** Whether what comes in by {@code outside} in clear, with a source behind {@code tun}, is dropped before it is routed. */
    boolean refusesForgedSources(String outside, String tun, boolean ipv4) {
        String family = ipv4 ? "ip " : "ip6 ";
        return chains.stream()
                .filter(chain -> chain.hook().equals("prerouting"))
                .filter(chain ->
                        chain.table().startsWith("inet ") || chain.table().startsWith(family))
                .flatMap(chain -> chain.rules().stream())
                .anyMatch(rule -> SourceRule.refuses(rule, outside, tun, ipv4));
    }

    private static boolean dropsAll(String rule) {
        return rule.replaceAll("\\bcounter( packets \\d+ bytes \\d+)?", "")
                .strip()
                .matches("(drop|reject).*");
    }
}
