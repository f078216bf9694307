package org.culvert.core.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.culvert.core.packet.FiveTuple;
import org.culvert.keymgmt.Prefix;
import org.junit.jupiter.api.Test;

class RuleSetTest {
    private static final List<Prefix> PREFIXES = List.of(
            Prefix.parse("10.0.0.0/8"),
            Prefix.parse("10.1.0.0/16"),
            Prefix.parse("10.1.2.0/24"),
            Prefix.parse("10.1.2.3/32"),
            Prefix.parse("0.0.0.0/0"),
            Prefix.parse("2001:db8::/32"),
            Prefix.parse("2001:db8:1::/48"),
            Prefix.parse("::/0"));
    private static final List<Prefix> HOSTS = List.of(
            Prefix.parse("10.1.2.3/32"),
            Prefix.parse("10.1.2.4/32"),
            Prefix.parse("10.1.3.4/32"),
            Prefix.parse("10.9.3.4/32"),
            Prefix.parse("192.0.2.9/32"),
            Prefix.parse("2001:db8:1::5/128"),
            Prefix.parse("2001:db8:2::5/128"),
            Prefix.parse("2001:dead::5/128"));
    private static final List<String> GROUPS = List.of("office", "branch", "lab");
    private static final List<String> PROTOCOLS = List.of("tcp", "udp", "sctp", "icmp", "ping", "gre", "99");
    private static final int[] NUMBERS = {1, 6, 17, 47, 58, 99, 132};
    private static final int[] PORTS = {0, 20, 21, 22, 25, 1023, 1024, 49_152, 65_535};

    private final long seed = 20260818;
    private final SplittableRandom random = new SplittableRandom(seed);

    /** One rule after the other, key by key, as an administrator would read them. */
    private static int slowMatch(List<Rule> rules, FiveTuple t, List<String> fromGroups, List<String> toGroups) {
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            boolean ping = t.isEchoRequest();
            boolean matches = holds(rule.from(), t.sourceHigh(), t.sourceLow())
                    && holds(rule.to(), t.destinationHigh(), t.destinationLow())
                    && (rule.fromGroups().isEmpty()
                            || rule.fromGroups().stream().anyMatch(fromGroups::contains))
                    && (rule.toGroups().isEmpty() || rule.toGroups().stream().anyMatch(toGroups::contains))
                    && (rule.protocols().isEmpty()
                            || rule.protocols().stream()
                                    .anyMatch(p -> (t.version() == 4 ? p.ipv4() : p.ipv6()) == t.protocol()
                                            && (!p.echoOnly() || ping)))
                    && holds(rule.ports(), t.destinationPort())
                    && holds(rule.fromPorts(), t.sourcePort());
            if (matches) {
                return i;
            }
        }
        return RuleSet.NONE;
    }

    private static boolean holds(List<Prefix> prefixes, long high, long low) {
        return prefixes.isEmpty() || prefixes.stream().anyMatch(prefix -> prefix.contains(high, low));
    }

    private static boolean holds(List<PortRange> ranges, int port) {
        return ranges.isEmpty() || ranges.stream().anyMatch(range -> range.holds(port));
    }

    @Test
    void agreesWithReadingTheRulesOneByOne() {
        int matched = 0;
        for (int n = 0; n < 150; n++) {
            List<Rule> rules = IntStream.range(0, random.nextInt(1, 150))
                    .mapToObj(this::rule)
                    .toList();
            RuleSet set = new RuleSet(rules);
            for (int i = 0; i < 300; i++) {
                Prefix from = pick(HOSTS);
                Prefix to = pick(HOSTS);
                if (from.ipv4() != to.ipv4()) {
                    continue;
                }
                FiveTuple tuple = FiveTuple.question(
                        from.high(),
                        from.low(),
                        to.high(),
                        to.low(),
                        NUMBERS[random.nextInt(NUMBERS.length)],
                        PORTS[random.nextInt(PORTS.length)]);
                List<String> fromGroups = some(2, i1 -> pick(GROUPS));
                List<String> toGroups = some(2, i1 -> pick(GROUPS));
                int expected = slowMatch(rules, tuple, fromGroups, toGroups);
                int found = set.match(
                        tuple, set.forGroups(Rule::fromGroups, fromGroups), set.forGroups(Rule::toGroups, toGroups));
                assertEquals(expected, found, "seed " + seed + ", set " + n + ", packet " + i);
                matched += expected == RuleSet.NONE ? 0 : 1;
            }
        }
        assertTrue(matched > 2_000, "only " + matched + " packets matched a rule: the test shows little");
    }

    /** "Covers" promises that the later rule never gets a packet: no random packet may contradict it. */
    @Test
    void coveredRuleNeverMatches() {
        int covered = 0;
        for (int n = 0; n < 4_000; n++) {
            Rule earlier = rule(0);
            Rule later = rule(1);
            if (!earlier.covers(later)) {
                continue;
            }
            covered++;
            for (int i = 0; i < 40; i++) {
                Prefix from = pick(HOSTS);
                Prefix to = pick(HOSTS);
                FiveTuple tuple = FiveTuple.question(
                        from.high(),
                        from.low(),
                        to.high(),
                        to.low(),
                        NUMBERS[random.nextInt(NUMBERS.length)],
                        PORTS[random.nextInt(PORTS.length)]);
                List<String> groups = some(2, i1 -> pick(GROUPS));
                assertTrue(
                        slowMatch(List.of(earlier, later), tuple, groups, groups) != 1,
                        earlier + " was said to cover " + later);
            }
        }
        assertTrue(covered > 100, "only " + covered + " pairs");
    }

    @Test
    void sixtyFifthRuleMatchesToo() {
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i < 130; i++) {
            rules.add(new Rule(
                    "r" + i,
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(Protocol.ofLabel("tcp").orElseThrow()),
                    List.of(new PortRange(1_000 + i, 1_000 + i)),
                    List.of()));
        }
        RuleSet set = new RuleSet(rules);
        long[] any = set.forGroups(Rule::toGroups, List.of());
        for (int i : new int[] {0, 63, 64, 65, 127, 128, 129}) {
            FiveTuple tuple = FiveTuple.question(0, 0xffff_0a01_0203L, 0, 0xffff_0a02_0304L, FiveTuple.TCP, 1_000 + i);
            assertEquals(i, set.match(tuple, any, any));
        }
    }

    private Rule rule(int number) {
        List<Protocol> protocols = some(
                2,
                i -> Protocol.ofLabel(PROTOCOLS.get(random.nextInt(PROTOCOLS.size())))
                        .orElseThrow());
        boolean ports = !protocols.isEmpty() && protocols.stream().allMatch(Protocol::hasPorts);
        return new Rule(
                "rule" + number,
                some(3, i -> pick(PREFIXES)),
                some(3, i -> pick(PREFIXES)),
                some(2, i -> pick(GROUPS)),
                some(2, i -> pick(GROUPS)),
                protocols,
                ports ? some(3, i -> range()) : List.of(),
                ports ? some(1, i -> range()) : List.of());
    }

    private PortRange range() {
        int a = PORTS[random.nextInt(PORTS.length)];
        int b = PORTS[random.nextInt(PORTS.length)];
        return new PortRange(Math.min(a, b), Math.max(a, b));
    }

    private <T> List<T> some(int most, IntFunction<T> make) {
        int count = Math.max(0, random.nextInt(-1, most + 1));
        return IntStream.range(0, count).mapToObj(make).toList();
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
