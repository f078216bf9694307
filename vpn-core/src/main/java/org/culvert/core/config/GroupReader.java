package org.culvert.core.config;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.culvert.keymgmt.Prefix;

/** Reads [[group]] tables. Peers first: a group names them. */
final class GroupReader {
    private static final int DEFAULT_RATE = 1_000;
    private static final int MOST_RATE = 100_000;

    /** A lookup looks at each, and the kernel's filter too. */
    private static final int MOST_GROUPS = 64;

    /**
     * What a link's hosts and routers are to each other: all of them, neighbour discovery, IGMP and MLD. Carried, two links' hosts would
     * answer for one another.
     */
    private static final List<Prefix> OF_A_LINK = Stream.of(
                    "224.0.0.0/30", "224.0.0.22/32", "ff02::/126", "ff02::16/128", "ff02::1:ff00:0/104")
            .map(Prefix::parse)
            .toList();

    private final Set<String> peers = new HashSet<>();
    private final Map<InetAddress, Integer> addresses = new HashMap<>();
    private final List<GroupConfig> groups = new ArrayList<>();

    void peer(String name) {
        peers.add(name);
    }

    void group(Section group) {
        group.refuseUnknownKeys();
        group.demand("address", "\"239.1.2.3\"");
        group.demand("members", "[\"osaka\"]");
        boolean linkLocal = group.flag("link-local").orElse(false);
        InetAddress address = group.text(
                        "address", "\"239.1.2.3\"", text -> address(text, linkLocal, group.lineOf("address")))
                .orElse(InetAddress.ofLiteral("::"));
        groups.add(new GroupConfig(
                address,
                group.list("members", "\"osaka\"", this::member),
                group.number("rate", "1000", 1, MOST_RATE).map(Long::intValue).orElse(DEFAULT_RATE),
                linkLocal,
                group.lines()));
    }

    List<GroupConfig> all() {
        return groups;
    }

    private InetAddress address(String text, boolean linkLocal, int line) throws BadValue {
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            throw new BadValue("`" + text + "` is no address", "write a multicast address like 239.1.2.3 or ff05::1:3");
        }
        if (!address.isMulticastAddress()) {
            throw new BadValue(
                    "`" + text + "` is no multicast address", "those are 224.0.0.0 to 239.255.255.255, and ff00::/8");
        }
        if (address.isMCNodeLocal() || isOfALink(address)) {
            throw new BadValue(
                    "`" + text + "` is what hosts and routers of one link use among themselves",
                    "it must not be carried: leave the group out");
        }
        if (address.isMCLinkLocal() != linkLocal) {
            throw linkLocal
                    ? new BadValue("`" + text + "` is not link-local", "leave link-local out")
                    : new BadValue(
                            "`" + text + "` is link-local: no router passes it on",
                            "if the two links are really to be as one for it, add link-local = true");
        }
        Integer first = addresses.putIfAbsent(address, line);
        if (first != null) {
            throw new BadValue("there is a group `" + text + "` already, on line " + first, "name all members in one");
        }
        if (addresses.size() > MOST_GROUPS) {
            throw new BadValue("there are more than " + MOST_GROUPS + " groups", "leave some out");
        }
        return address;
    }

    private String member(String text) throws BadValue {
        if (!peers.contains(text)) {
            throw new BadValue(
                    "there is no peer `" + text + "`",
                    Spelling.nearest(text, List.copyOf(peers))
                            .map(near -> "did you mean \"" + near + "\"?")
                            .orElse("a member is the name of a [[peer]]"));
        }
        return text;
    }

    private static boolean isOfALink(InetAddress address) {
        Prefix host = Prefix.of(address, address.getAddress().length * 8);
        return OF_A_LINK.stream().anyMatch(prefix -> prefix.contains(host));
    }
}
