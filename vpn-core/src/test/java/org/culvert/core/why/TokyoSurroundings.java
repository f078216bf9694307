package org.culvert.core.why;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.culvert.keymgmt.Prefix;

/** Tokyo, 10.1.0.0/24, with birlinghoven behind the tunnel; each test changes one thing. */
final class TokyoSurroundings implements Surroundings.Kernel {
    final Map<String, String> interfaces = new HashMap<>(Map.of(
            "10.1.0.5", "lan0",
            "10.2.0.9", "culvert0",
            "fd00:2::9", "culvert0",
            "198.51.100.2", "wan0"));
    final Set<String> local = new HashSet<>(Set.of("10.1.0.1"));
    List<String> ownProblems = List.of();
    List<String> problems = List.of();
    String keyRemark = "";
    List<Prefix> networks = prefixes("10.2.0.0/24", "fd00:2::/64");
    Optional<String> endpoint = Optional.of("198.51.100.2");
    Surroundings.Policy policy = Surroundings.Policy.NONE;
    boolean transit;
    boolean forwardsIpv4 = true;
    boolean forwardsIpv6 = true;
    boolean strict;

    Verdict why(String source, String destination) {
        return why(source, destination, Optional.empty(), OptionalInt.empty());
    }

    Verdict why(String source, String destination, Optional<String> protocol, OptionalInt port) {
        return new Why(surroundings())
                .of(new Passage(
                        InetAddress.ofLiteral(source),
                        InetAddress.ofLiteral(destination),
                        protocol.map(Passage.Protocol::of),
                        port));
    }

    private Surroundings surroundings() {
        return new Surroundings(
                "culvert0",
                prefixes("10.1.0.0/24", "fd00:1::/64"),
                ownProblems,
                transit,
                List.of(
                        new Surroundings.Neighbour(
                                "birlinghoven",
                                networks,
                                prefixes("10.2.0.0/24", "10.22.0.0/24", "fd00:2::/64"),
                                problems,
                                keyRemark,
                                endpoint.map(InetAddress::ofLiteral),
                                1404,
                                12,
                                34,
                                Map.of("replay", 5L, "tx_source", 6L)),
                        new Surroundings.Neighbour(
                                "osaka",
                                prefixes("10.3.0.0/16"),
                                prefixes("10.3.0.0/16"),
                                List.of(),
                                "",
                                Optional.of(InetAddress.ofLiteral("198.51.100.2")),
                                1404,
                                0,
                                0,
                                Map.of())),
                Map.of(),
                this,
                policy);
    }

    static List<Prefix> prefixes(String... texts) {
        return List.of(texts).stream().map(Prefix::parse).toList();
    }

    @Override
    public Optional<String> interfaceTo(InetAddress destination) {
        return Optional.ofNullable(interfaces.get(Passage.text(destination)));
    }

    @Override
    public boolean isLocal(InetAddress address) {
        return local.contains(address.getHostAddress());
    }

    @Override
    public boolean forwards(boolean ipv4) {
        return ipv4 ? forwardsIpv4 : forwardsIpv6;
    }

    @Override
    public boolean strictReversePath() {
        return strict;
    }
}
