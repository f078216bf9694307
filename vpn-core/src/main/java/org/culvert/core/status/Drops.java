package org.culvert.core.status;

import java.util.List;
import java.util.Map;

/** What each reason of a drop means to who runs the gateway. A reason that is not here is shown by its name alone. */
final class Drops {
    private static final Map<String, String> MEANING = Map.ofEntries(
            Map.entry("short", "too short to be ours"),
            Map.entry("version", "another version of the protocol"),
            Map.entry("type", "unknown packet type"),
            Map.entry("discovery_busy", "more asked for certificates than is looked at"),
            Map.entry("discovery_malformed", "no question for a certificate, or a short one"),
            Map.entry("discovery_off", "asked for our certificate, which is not handed out"),
            Map.entry("discovery_limited", "asked for our certificate too often"),
            Map.entry("discovery_unasked", "a certificate nobody asked for"),
            Map.entry("discovery_refused", "a certificate that is not the peer's"),
            Map.entry("unknown_spi", "no key fits: a stranger, or a clock hours off"),
            Map.entry("suite", "a suite this peer may not use"),
            Map.entry("replay", "seen before"),
            Map.entry("auth", "forged or damaged"),
            Map.entry("time", "impossible time inside"),
            Map.entry("before_floor", "older than our start: a clock behind, or a replay"),
            Map.entry("late", "over a minute late"),
            Map.entry("no_forward_secrecy", "under static keys, which carry nothing here"),
            Map.entry("compressed", "compressed, which is not configured here; or damaged"),
            Map.entry("inner_version", "neither IPv4 nor IPv6 inside"),
            Map.entry("inner_length", "wrong length inside"),
            Map.entry("bad_partial", "unfinished checksum where none can be"),
            Map.entry("inner_source", "source outside the peer's networks"),
            Map.entry("not_for_us", "destination outside our networks"),
            Map.entry("not_a_member", "for a group the peer is not in"),
            Map.entry("group_full", "for a group, faster than the LAN takes it"),
            Map.entry("policy_in", "no [[allow]] rule lets it in"),
            Map.entry("congestion", "congested on the way, and no other way to say so"),
            Map.entry("control_full", "control messages faster than they are read"),
            Map.entry("control_unexpected", "control message nobody asked for"),
            Map.entry("tun_write", "the TUN device did not take it"),
            Map.entry("tx_malformed", "from the LAN, not IP"),
            Map.entry("tx_local", "for the link only, no peer's"),
            Map.entry("tx_no_route", "no peer has the destination"),
            Map.entry("tx_source", "source outside our networks: NAT or a foreign LAN"),
            Map.entry("tx_policy", "no [[allow]] rule lets it out"),
            Map.entry("tx_no_endpoint", "the peer's address is not known yet"),
            Map.entry("tx_no_keys", "the peer is down, or there are no epoch keys yet"),
            Map.entry("tx_too_big", "larger than the way takes"),
            Map.entry("tx_socket", "the socket refused it"),
            Map.entry("tx_busy", "the socket was full"));

    private Drops() {}

    static boolean known(String reason) {
        return MEANING.containsKey(reason);
    }

    /** One line for each that is not zero: "12 unknown_spi (no key fits ...)"; "nothing" when all are. */
    static List<String> lines(Map<String, Long> drops) {
        List<String> lines = drops.entrySet().stream()
                .filter(drop -> drop.getValue() != 0)
                .map(drop -> Words.count(drop.getValue()) + " " + drop.getKey() + meaning(drop.getKey()))
                .toList();
        return lines.isEmpty() ? List.of("nothing") : lines;
    }

    private static String meaning(String reason) {
        String meaning = MEANING.get(reason);
        return meaning == null ? "" : " (" + meaning + ")";
    }
}
