package org.culvert.core.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FirewallTest {
    private static final String POSTROUTING = """
            table ip nat {
                chain helper {
                    ip saddr 10.9.0.0/16 masquerade
                }
                chain post {
                    type nat hook postrouting priority srcnat; policy accept;
                    %s
                }
            }
            """;

    private static final String INPUT = """
            table inet filter {
                chain services {
                    udp dport { 53, 1600-1700 } accept
                }
                chain in {
                    type filter hook input priority filter; policy %s;
                    ct state established,related accept
                    iifname "lo" accept
                    tcp dport 22 accept
                    %s
                }
            }
            """;

    private static final String PREROUTING = """
            table %s clear {
                chain pre {
                    type filter hook prerouting priority raw; policy accept;
                    iifname "culvert0" accept
                    %s
                }
            }
            """;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "masquerade",
                "counter packets 5 bytes 300 masquerade",
                "ip saddr 10.1.0.0/24 masquerade",
                "oifname \"culvert0\" snat to 192.0.2.2",
                "oifname { \"wan0\", \"culvert0\" } masquerade",
                "oifname \"culv*\" masquerade",
                "oifname != \"lan0\" masquerade",
                "meta l4proto tcp counter xt target \"MASQUERADE\"",
                "jump helper",
                "ip daddr 10.2.0.0/24 accept\nmasquerade"
            })
    void findsWhatChangesTheSourceIntoTheTunnel(String rules) {
        assertEquals(
                1,
                Firewall.parse(POSTROUTING.formatted(rules))
                        .sourceNatTowards("culvert0")
                        .size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "oifname \"wan0\" masquerade",
                "oif \"wan0\" counter packets 5 bytes 300 masquerade",
                "oifname != \"culvert0\" masquerade",
                "oifname \"culvert0\" accept\nmasquerade",
                "oifname \"culvert0\" counter packets 1 bytes 2 return\nmasquerade",
                "oifname \"wan0\" jump helper"
            })
    void leavesOtherNatAlone(String rules) {
        assertEquals(List.of(), Firewall.parse(POSTROUTING.formatted(rules)).sourceNatTowards("culvert0"));
    }

    @Test
    void fixGoesIntoTheChainOfTheRule() {
        Firewall.Hit hit = Firewall.parse(POSTROUTING.formatted("masquerade"))
                .sourceNatTowards("culvert0")
                .getFirst();
        assertEquals("nft insert rule ip nat post oifname culvert0 accept", hit.fix("culvert0"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "udp dport 53 accept",
                "udp dport 1600-1639 accept",
                "counter packets 0 bytes 0 drop",
                "udp dport domain accept"
            })
    void findsAnInputChainThatKeepsThePortClosed(String rules) {
        List<Firewall.Closed> closed =
                Firewall.parse(INPUT.formatted("drop", rules)).inputWithout(1640);
        assertEquals(
                List.of("nft insert rule inet filter in udp dport 1640 accept"),
                closed.stream().map(chain -> chain.opening(1640)).toList());
    }

    @Test
    void lastRuleMayBeThePolicy() {
        assertEquals(
                1,
                Firewall.parse(INPUT.formatted("accept", "reject with icmp port-unreachable"))
                        .inputWithout(1640)
                        .size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "udp dport 1640 accept",
                "udp dport { 53, 1640 } counter packets 3 bytes 9 accept",
                "udp dport 1000-2000 accept",
                "iifname \"wan0\" accept",
                "accept",
                "jump services"
            })
    void findsThePortOpen(String rules) {
        assertEquals(List.of(), Firewall.parse(INPUT.formatted("drop", rules)).inputWithout(1640));
    }

    @Test
    void openPolicyNeedsNoRule() {
        assertEquals(List.of(), Firewall.parse(INPUT.formatted("accept", "")).inputWithout(1640));
        assertEquals(List.of(), Firewall.parse("").inputWithout(1640));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fib saddr . iif oif missing drop",
                "iifname \"wan0\" fib saddr . iif oif missing counter packets 0 bytes 0 drop",
                "iifname != { \"lan0\", \"culvert0\" } fib saddr . iif oif 0 drop",
                "meta nfproto ipv6 fib saddr . mark . iif oif missing log prefix \"rpfilter_DROP: \" drop",
                "fib saddr oifname \"culvert0\" counter packets 1 bytes 60 drop",
                "xt match \"rpfilter\" counter packets 0 bytes 0 drop"
            })
    void findsWhatRefusesForgedSources(String rule) {
        assertTrue(Firewall.parse(PREROUTING.formatted("inet", rule)).refusesForgedSources("wan0", "culvert0", false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "iifname \"wan1\" fib saddr . iif oif missing drop",
                "iifname != \"wan0\" fib saddr . iif oif missing drop",
                "meta nfproto ipv4 fib saddr . iif oif missing drop",
                "ip6 daddr fd00:7::1 fib saddr . iif oif missing drop",
                "fib saddr . iif oif missing counter packets 0 bytes 0",
                "fib saddr . iif oif exists drop",
                "fib saddr oif missing drop",
                "fib saddr oifname \"tun9\" drop"
            })
    void takesNothingElseForSuchARule(String rule) {
        assertFalse(Firewall.parse(PREROUTING.formatted("inet", rule)).refusesForgedSources("wan0", "culvert0", false));
    }

    @Test
    void ruleServesTheFamilyOfItsTable() {
        Firewall ipv4 = Firewall.parse(PREROUTING.formatted("ip", "fib saddr . iif oif missing drop"));
        assertTrue(ipv4.refusesForgedSources("wan0", "culvert0", true));
        assertFalse(ipv4.refusesForgedSources("wan0", "culvert0", false));
    }

    @Test
    void readsTheOlderIptablesToo() {
        String saved = """
                *nat
                :POSTROUTING ACCEPT [0:0]
                -A POSTROUTING ! -o culvert0 -j MASQUERADE
                -A POSTROUTING -s 10.1.0.0/24 -j SNAT --to-source 192.0.2.2
                COMMIT
                """;
        List<Firewall.Hit> hits = Firewall.parse(LegacyRules.asNft(saved)).sourceNatTowards("culvert0");
        assertEquals(
                List.of("-s 10.1.0.0/24 xt target \"SNAT\" --to-source 192.0.2.2"),
                hits.stream().map(Firewall.Hit::text).toList());
        String spared = "-A POSTROUTING -o culvert0 -j ACCEPT\n-A POSTROUTING -j MASQUERADE\n";
        assertEquals(List.of(), Firewall.parse(LegacyRules.asNft(spared)).sourceNatTowards("culvert0"));
    }
}
