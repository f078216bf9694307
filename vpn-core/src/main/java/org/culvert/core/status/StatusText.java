package org.culvert.core.status;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.culvert.core.policy.PolicyCounts;
import org.culvert.core.status.GatewayStatus.Certificate;
import org.culvert.core.status.PeerStatus.Traffic;

/** The snapshot for people: what is wrong comes first, then the gateway, then each peer. Every line fits a terminal. */
public final class StatusText {
    private StatusText() {}

    public static String of(GatewayStatus status) {
        Page page = new Page();
        headline(page, status);
        Attention.lines(status).forEach(line -> page.line("! " + line, 2));
        gateway(page, status);
        for (PeerStatus peer : status.peers()) {
            peer(page, peer, status);
        }
        return page.toString();
    }

    private static void headline(Page page, GatewayStatus status) {
        long up = status.peers().stream().filter(PeerStatus::up).count();
        page.line(
                status.gateway().name() + ": " + up + " of "
                        + Words.count(status.peers().size(), "peer") + " up, culvert "
                        + status.gateway().version() + " running for "
                        + Words.duration(status.gateway().uptime()),
                2);
    }

    private static void gateway(Page page, GatewayStatus status) {
        page.gap()
                .field("listen", status.udp().listen() + offloads(status.udp().offloads()))
                .field(
                        "tun",
                        status.tun().name() + ", MTU " + status.tun().mtuBytes()
                                + (status.tun().persistent() ? ", persistent" : "")
                                + offloads(status.tun().offloads()))
                .field("networks", list(status.gateway().networks()))
                .field("forwarding", forwarding(status.gateway()))
                .field("cipher", cipher(status.cipher()))
                .field("certificate", certificate(status.certificate(), status))
                .field("instance", status.gateway().instance())
                .fields("dropped", Drops.lines(status.drops()));
        page.fields("groups", status.groups().stream().map(StatusText::group).toList());
        status.policy().ifPresent(policy -> page.fields("rules", rules(policy)));
    }

    private static String group(GroupStatus group) {
        String drops = group.drops().entrySet().stream()
                .filter(drop -> drop.getValue() > 0)
                .map(drop -> Words.count(drop.getValue()) + " " + drop.getKey())
                .collect(Collectors.joining(", "));
        return group.address() + " with " + String.join(", ", group.members()) + " on "
                + (group.interfaces().isEmpty() ? "no interface" : String.join(", ", group.interfaces())) + ": "
                + Words.count(group.sent().packets(), "packet") + " sent, "
                + Words.count(group.received().packets(), "packet") + " received"
                + (drops.isEmpty() ? "" : "; dropped: " + drops);
    }

    private static List<String> rules(PolicyCounts policy) {
        List<String> lines = new ArrayList<>();
        lines.add(Words.count(policy.flows(), "flow") + " remembered, room for " + Words.count(policy.flowSlots())
                + ", " + Words.count(policy.evicted()) + " evicted");
        for (PolicyCounts.OfRule rule : policy.rules()) {
            lines.add(rule.name() + ": " + Words.count(rule.packets(), "packet") + ", "
                    + Words.count(rule.answers(), "answer") + ", " + Words.count(rule.flows(), "flow"));
        }
        if (!policy.open().isEmpty()) {
            lines.add("not asked for " + String.join(", ", policy.open()));
        }
        return lines;
    }

    private static void peer(Page page, PeerStatus peer, GatewayStatus status) {
        page.gap()
                .line(
                        peer.name() + ": " + (peer.up() ? "UP" : "DOWN") + (peer.clear() ? ", CLEAR" : "")
                                + (peer.reason().isEmpty() ? "" : " (" + peer.reason() + ")"),
                        2)
                .field(
                        "endpoint",
                        peer.endpoint().orElse("not known, the peer speaks first") + ", last packet "
                                + peer.lastReceived()
                                        .map(age -> Words.duration(age) + " ago")
                                        .orElse("never"))
                .field("networks", list(peer.networks()) + ", MTU " + peer.mtuBytes())
                .field("suites", suites(peer))
                .field("keys", keys(peer.keys()))
                .field(
                        "certificate",
                        peer.certificate()
                                        .map(certificate -> certificate(certificate, status))
                                        .orElse("not fetched yet")
                                + source(peer))
                .field("sent", traffic(peer.sent()))
                .field("received", traffic(peer.received()))
                .fields("compression", compression(peer))
                .fields("way", WayText.lines(peer.way()))
                .field("clock", peer.clockSkew().map(StatusText::skew).orElse("not known"))
                .fields("dropped", Drops.lines(peer.drops()))
                .fields("refused", refusals(peer))
                .fields("lists", lists(peer));
    }

    private static List<String> lists(PeerStatus peer) {
        return peer.lists().stream()
                .map(list -> "enforces number " + list.number() + " of "
                        + (list.issuer().isEmpty() ? "a CA that has no list here" : list.issuer()))
                .toList();
    }

    private static List<String> refusals(PeerStatus peer) {
        return peer.refusals().stream()
                .map(refused -> (refused.byPeer() ? "by the peer, " : "by us, ") + Words.duration(refused.age())
                        + " ago: " + refused.text())
                .toList();
    }

    /** An administrator's file needs no word. */
    private static String source(PeerStatus peer) {
        return switch (peer.certificateSource()) {
            case "fetched" -> "; from the peer";
            case "kept" -> "; from the peer, in an earlier run";
            default -> "";
        };
    }

    private static List<String> compression(PeerStatus peer) {
        if (peer.savedBytes().isEmpty()) {
            return List.of();
        }
        long saved = peer.savedBytes().getAsLong();
        long percent = saved == 0 ? 0 : Math.round(100.0 * saved / peer.sent().innerBytes());
        return List.of("zstd, " + Words.bytes(saved) + " of what was sent saved, " + percent + " %");
    }

    private static String suites(PeerStatus peer) {
        List<String> others = new ArrayList<>(peer.suites());
        others.remove(peer.sendingSuite());
        return peer.sendingSuite() + (others.isEmpty() ? "" : ", also accepts " + String.join(", ", others))
                + "; traffic key: " + peer.trafficKey();
    }

    private static String keys(KeyStatus keys) {
        String what = switch (keys.keys()) {
            case KeyStatus.EPOCH -> "epoch keys" + (keys.postQuantum() ? " with ML-KEM" : "");
            case KeyStatus.STATIC -> "static keys, no forward secrecy";
            default -> "none yet, packets wait";
        };
        return what
                + (keys.preShared() ? ", pre-shared key" : "")
                + keys.since().map(since -> " for " + Words.duration(since)).orElse("")
                + "; forward secrecy here: " + keys.mode()
                + keys.peerMode().map(mode -> ", there: " + mode).orElse("")
                + (keys.remark().isEmpty() ? "" : " (" + keys.remark() + ")");
    }

    private static String traffic(Traffic traffic) {
        return Words.count(traffic.packets(), "packet") + ", " + Words.bytes(traffic.innerBytes()) + " inside, "
                + Words.bytes(traffic.outerBytes()) + " on the wire";
    }

    private static String skew(Duration skew) {
        if (skew.abs().toMillis() < 100) {
            return "agrees with ours";
        }
        return Words.duration(skew.abs()) + (skew.isNegative() ? " behind ours" : " ahead of ours");
    }

    private static String certificate(Certificate certificate, GatewayStatus status) {
        if (!certificate.problems().isEmpty()) {
            return "not accepted: " + String.join(", ", certificate.problems());
        }
        Duration left = Duration.between(status.at(), certificate.notAfter());
        return "good for " + Words.duration(left) + ", until " + certificate.notAfter();
    }

    private static String cipher(GatewayStatus.Cipher cipher) {
        return cipher.reason().startsWith(cipher.backend())
                ? cipher.reason()
                : cipher.backend() + ": " + cipher.reason();
    }

    private static String forwarding(GatewayStatus.Gateway gateway) {
        return "IPv4 " + (gateway.forwardsIpv4() ? "on" : "off") + ", IPv6 " + (gateway.forwardsIpv6() ? "on" : "off")
                + (gateway.transit() ? ", transit" : "");
    }

    private static String offloads(List<String> offloads) {
        return offloads.isEmpty() ? ", no offloads" : ", offloads " + String.join(" ", offloads);
    }

    private static String list(List<String> values) {
        return Optional.of(String.join(", ", values))
                .filter(text -> !text.isEmpty())
                .orElse("none");
    }
}
