package org.culvert.core.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.culvert.core.policy.PortRange;
import org.culvert.core.policy.Protocol;
import org.culvert.core.policy.Rule;

/** Reads [[allow]] tables, and what peers say of packets that none of them allows. */
final class AllowReader {
    /** Names of counters: they go into metrics, files and terminals as they are. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,39}");

    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

    private final List<PolicyConfig.Allowed> rules = new ArrayList<>();
    private final Map<String, Integer> names = new HashMap<>();
    private final Map<String, Boolean> defaults = new HashMap<>();
    private final Set<String> peers = new HashSet<>();

    void peer(Section peer, String name) {
        peers.add(name);
        peer.text("default-policy", "\"deny\"", AllowReader::allows).ifPresent(allows -> defaults.put(name, allows));
    }

    void rule(Section allow) {
        allow.refuseUnknownKeys();
        allow.demand("name", "\"mail\"");
        List<Protocol> protocols = allow.list("protocols", "\"tcp\"", AllowReader::protocol);
        Rule rule = new Rule(
                allow.text("name", "\"mail\"", text -> name(text, allow.lineOf("name")))
                        .orElse(""),
                allow.list("from", "\"10.1.0.0/24\"", Values::network),
                allow.list("to", "\"10.2.0.0/24\"", Values::network),
                allow.list("from-groups", "\"office\"", text -> text),
                allow.list("to-groups", "\"office\"", text -> text),
                protocols,
                allow.listWithNumbers("ports", "25, \"6000-6063\"", text -> port(text, protocols)),
                allow.listWithNumbers("from-ports", "20", text -> port(text, protocols)));
        rules.add(new PolicyConfig.Allowed(rule, allow.lines()));
    }

    PolicyConfig policy() {
        Set<String> closed = peers.stream()
                .filter(peer -> !defaults.getOrDefault(peer, rules.isEmpty()))
                .collect(Collectors.toSet());
        return new PolicyConfig(rules, closed);
    }

    private static boolean allows(String text) throws BadValue {
        return switch (text) {
            case "allow" -> true;
            case "deny" -> false;
            default ->
                throw new BadValue(
                        "`" + text + "` is no policy",
                        "write \"allow\" or \"deny\": what holds where no [[allow]] matches");
        };
    }

    private String name(String text, int line) throws BadValue {
        if (!NAME.matcher(text).matches()) {
            throw new BadValue(
                    "`" + text + "` cannot be the name of a rule",
                    "use up to 40 lower-case letters, digits, dots, dashes or underscores");
        }
        Integer first = names.putIfAbsent(text, line);
        if (first != null) {
            throw new BadValue(
                    "there is a rule `" + text + "` already, on line " + first,
                    "each rule has a counter of its own name");
        }
        return text;
    }

    private static Protocol protocol(String text) throws BadValue {
        List<String> known = Protocol.NAMED.stream().map(Protocol::label).toList();
        return Protocol.ofLabel(text)
                .orElseThrow(() -> new BadValue(
                        "unknown protocol `" + text + "`",
                        Spelling.nearest(text, known)
                                .map(near -> "did you mean \"" + near + "\"?")
                                .orElse("known are " + String.join(", ", known) + ", and numbers up to 255")));
    }

    /** @param protocols of the same rule: each must have ports */
    private static PortRange port(String text, List<Protocol> protocols) throws BadValue {
        if (protocols.isEmpty()) {
            throw new BadValue("ports without protocols", "add protocols = [\"tcp\"] to the rule");
        }
        for (Protocol protocol : protocols) {
            if (!protocol.hasPorts()) {
                throw new BadValue(
                        "`" + protocol + "` has no ports",
                        "put it into a rule of its own, without ports and from-ports");
            }
        }
        String[] ends = text.split("-", -1);
        boolean numbers = ends.length <= 2;
        for (String end : ends) {
            numbers &= PORT.matcher(end).matches();
        }
        if (!numbers) {
            throw new BadValue("`" + text + "` is no port", "write a number as 25, or a range as \"6000-6063\"");
        }
        int first = Integer.parseInt(ends[0]);
        int last = Integer.parseInt(ends[ends.length - 1]);
        if (last > PortRange.HIGHEST || first > last) {
            throw new BadValue(
                    "`" + text + "` is no range of ports",
                    first > last ? "write the lower port first" : "the highest port is " + PortRange.HIGHEST);
        }
        return new PortRange(first, last);
    }
}
