package org.culvert.core.status;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.status.GatewayStatus.Certificate;

/** What somebody has to do something about. */
final class Attention {
    /** After our restart a peer's packets are refused for as long as its clock is behind (before_floor). */
    private static final Duration SKEW = Duration.ofSeconds(60);

    private Attention() {}

    static List<String> lines(GatewayStatus status) {
        List<String> lines = new ArrayList<>(status.problems());
        certificate(lines, "this gateway's certificate", status.certificate(), status);
        forwarding(lines, status);
        for (PeerStatus peer : status.peers()) {
            if (!peer.up()) {
                lines.add(peer.name() + " is down" + (peer.reason().isEmpty() ? "" : ": " + peer.reason()));
            } else {
                peer.certificate()
                        .ifPresent(certificate ->
                                certificate(lines, peer.name() + ": its certificate", certificate, status));
            }
            if (!peer.keys().remark().isEmpty()) {
                lines.add(peer.name() + ": " + peer.keys().remark());
            }
            if (peer.clear()) {
                lines.add(peer.name() + ": packets travel in CLEAR (" + peer.sendingSuite()
                        + " signs, it does not hide)");
            }
            peer.clockSkew()
                    .filter(skew -> skew.abs().compareTo(SKEW) >= 0)
                    .ifPresent(skew -> lines.add(peer.name()
                            + ": its clock is " + Words.duration(skew.abs())
                            + (skew.isNegative() ? " behind" : " ahead")
                            + "; compare `date -u` on both gateways"));
        }
        return lines;
    }

    private static void certificate(List<String> lines, String whose, Certificate certificate, GatewayStatus status) {
        if (!certificate.problems().isEmpty()) {
            lines.add(whose + " is not accepted: " + String.join(", ", certificate.problems()));
            return;
        }
        Duration third = Duration.between(certificate.notBefore(), certificate.notAfter())
                .dividedBy(3);
        Duration left = Duration.between(status.at(), certificate.notAfter());
        if (left.compareTo(third) < 0) {
            lines.add(whose + " ends in " + Words.duration(left));
        }
    }

    /** Without forwarding the tunnel works and the LAN is not reached: the commonest mistake of all. */
    private static void forwarding(List<String> lines, GatewayStatus status) {
        boolean ipv4 = status.gateway().networks().stream().anyMatch(network -> network.indexOf(':') < 0);
        boolean ipv6 = status.gateway().networks().stream().anyMatch(network -> network.indexOf(':') >= 0);
        if (ipv4 && !status.gateway().forwardsIpv4()) {
            lines.add("IPv4 forwarding is off, the LAN is not reached: sysctl -w net.ipv4.ip_forward=1");
        }
        if (ipv6 && !status.gateway().forwardsIpv6()) {
            lines.add("IPv6 forwarding is off, the LAN is not reached: sysctl -w net.ipv6.conf.all.forwarding=1");
        }
    }
}
