package org.culvert.core.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Source NAT in front of the tunnel gives packets an address that our certificate does not have: they are dropped as {@code tx_source},
 * and would be refused by the peer.
 */
final class NatCheck implements Doctor.Check {
    private static final String NAME = "nat";

    @Override
    public List<Diagnosis> look(Patient patient) {
        String tun = patient.tunName();
        Optional<Firewall> firewall = patient.machine().firewall();
        List<Diagnosis> found = new ArrayList<>();
        firewall.ifPresent(rules -> rules.sourceNatTowards(tun)
                .forEach(rule -> found.add(Diagnosis.error(
                        NAME,
                        "a rule changes the source of packets into the tunnel: " + rule.chain() + ": " + rule.text(),
                        rule.fix(tun)))));
        long dropped = patient.peers().stream()
                .mapToLong(peer -> peer.child("drops").number("tx_source"))
                .sum();
        if (dropped > 0 && found.isEmpty()) {
            found.add(Diagnosis.warning(
                    NAME,
                    dropped + " packets into the tunnel had a source outside our certificate (tx_source): NAT, or a"
                            + " network nobody certified",
                    "tcpdump -ni " + tun + " shows their source; culvert why SOURCE DESTINATION explains"));
        }
        if (found.isEmpty()) {
            found.add(Diagnosis.ok(
                    NAME,
                    firewall.isPresent()
                            ? "no rule changes the source of packets into the tunnel"
                            : "nothing was dropped for its source; rules cannot be read here (no nft, or not root)"));
        }
        return found;
    }
}
