package org.culvert.core.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.culvert.core.daemon.KernelSettings;

/**
 * What comes from outside in clear with a source in a peer's network is forged, and for the kernel a packet to route like any other. We
 * never see it: either rp_filter refuses it (IPv4 only) or a rule of the firewall.
 */
final class OutsideCheck implements Doctor.Check {
    private static final String NAME = "outside";
    private static final String ALL = "net.ipv4.conf.all.rp_filter";

    @Override
    public List<Diagnosis> look(Patient patient) {
        Optional<Firewall> firewall = patient.machine().firewall();
        Set<String> outside = patient.outsideInterfaces();
        List<Diagnosis> found = new ArrayList<>();
        for (String each : outside) {
            if (patient.linksNetworksOf(true)
                    && patient.machine().reversePathFilter(each) != KernelSettings.STRICT
                    && !refuses(firewall, each, patient, true)) {
                found.add(openToIpv4(each, patient.machine()));
            }
        }
        List<String> openToIpv6 = outside.stream()
                .filter(each -> patient.linksNetworksOf(false) && !refuses(firewall, each, patient, false))
                .toList();
        if (!openToIpv6.isEmpty()) {
            found.add(openToIpv6(String.join(", ", openToIpv6), firewall.isPresent(), patient.tunName()));
        }
        return found.isEmpty()
                ? List.of(Diagnosis.ok(
                        NAME,
                        outside.isEmpty()
                                ? "no route leads outside"
                                : "forged packets in clear are refused on " + String.join(", ", outside)))
                : found;
    }

    private static boolean refuses(Optional<Firewall> firewall, String outside, Patient patient, boolean ipv4) {
        return firewall.isPresent() && firewall.get().refusesForgedSources(outside, patient.tunName(), ipv4);
    }

    private static Diagnosis openToIpv4(String outside, Machine machine) {
        // The larger of both is in force: 2 for all keeps every interface loose.
        boolean allLoose = machine.reversePathFilter("all") > KernelSettings.STRICT;
        return Diagnosis.warning(
                NAME,
                "rp_filter is not strict on " + outside
                        + ": a forged packet that comes there in clear, with a source in a peer's network, is let into our"
                        + " LAN. The fix lasts in /etc/sysctl.d/60-culvert.conf; where answers may come in by another uplink"
                        + " than questions leave, the nft rules of threats.md do it instead",
                "sysctl -w " + (allLoose ? ALL + "=0 " : "") + "net.ipv4.conf." + outside + ".rp_filter=1");
    }

    private static Diagnosis openToIpv6(String outside, boolean rulesAreKnown, String tun) {
        String fix =
                "nft 'table inet culvert-clear { chain prerouting { type filter hook prerouting priority raw; iifname"
                        + " \"TUN\" accept; fib saddr oifname \"TUN\" counter drop; fib saddr oif missing counter drop; }; }'";
        String lasts = ". The rules are threats.md's and last in /etc/nftables.conf";
        return rulesAreKnown
                ? Diagnosis.warning(
                        NAME,
                        "no firewall rule refuses forged IPv6 packets that come in clear through " + outside
                                + ", with a source in a peer's network: they are let into our LAN" + lasts,
                        fix.replace("TUN", tun))
                : Diagnosis.note(
                        NAME,
                        "IPv6 has no rp_filter, and rules cannot be read here (no nft, or not root): nobody may refuse"
                                + " forged packets that come in clear through " + outside + lasts,
                        fix.replace("TUN", tun));
    }
}
