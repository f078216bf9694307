package org.culvert.core.config;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tables of a configuration and the keys each may have: all there are. */
enum Table {
    GATEWAY(
            "[gateway]",
            "key",
            "certificate",
            "trust",
            "crl",
            "crl-stale",
            "listen",
            "control",
            "state",
            "transit",
            "cipher-backend",
            "dscp",
            "discovery",
            "epoch"),
    TUN("[tun]", "name", "mtu", "persistent", "offloads", "queues"),
    STATUS("[status]", "listen"),
    HOOKS("[hooks]", "up", "down", "peer-up", "peer-down"),
    PEER(
            "[[peer]]",
            "name",
            "certificate",
            "fingerprint",
            "endpoint",
            "suites",
            "networks",
            "traffic-key",
            "forward-secrecy",
            "pre-shared-key",
            "compression",
            "keepalive",
            "measure",
            "default-policy"),
    ALLOW("[[allow]]", "name", "from", "to", "from-groups", "to-groups", "protocols", "ports", "from-ports"),
    GROUP("[[group]]", "address", "members", "rate", "link-local"),
    /** Of a signing template, not of a configuration. */
    SITE("[[site]]", "request", "out", "name", "networks", "groups", "key", "days", "allow-overlap");

    private final String head;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> keys;

    Table(String head, String... keys) {
        this.head = head;
        this.keys = List.of(keys);
    }

    /** As it is written: {@code [gateway]}. */
    String head() {
        return head;
    }

    List<String> keys() {
        return keys;
    }

    /** The first table that knows this key. */
    static @Nullable Table of(String key) {
        return Stream.of(values())
                .filter(table -> table != SITE && table.keys.contains(key))
                .findFirst()
                .orElse(null);
    }

    /** What to do about a key this table does not know. */
    String hintFor(String unknown) {
        Table home = of(unknown);
        if (this != SITE && home != null) {
            return "it belongs in " + home.head;
        }
        return Spelling.nearest(unknown, keys)
                .map(near -> "did you mean `" + near + "`?")
                .orElse("the keys of " + head + " are " + String.join(", ", keys));
    }

    /** What to do about a table nobody knows. */
    static String hintForTable(String unknown) {
        List<String> heads = Stream.of(values())
                .filter(table -> table != SITE)
                .map(Table::head)
                .toList();
        return Spelling.nearest("[" + unknown + "]", heads)
                .map(near -> "did you mean " + near + "?")
                .orElse("there are " + String.join(", ", heads));
    }
}
