package org.culvert.core.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.culvert.keymgmt.Prefix;

/** The peers' networks lead into the tunnel, and a guard stands behind each. */
final class RouteCheck implements Doctor.Check {
    private static final String NAME = "routes";

    @Override
    public List<Diagnosis> look(Patient patient) {
        boolean runs = patient.status().isPresent();
        List<Diagnosis> found = new ArrayList<>();
        for (Prefix network : patient.credentials().peerNetworks()) {
            Optional<String> through = patient.interfaceTo(network);
            if (through.isPresent() && !through.get().equals(patient.tunName())) {
                if (runs || patient.config().tun().persistent()) {
                    found.add(Diagnosis.error(
                            NAME,
                            network + " leaves through " + through.get() + ", in clear, not through "
                                    + patient.tunName(),
                            runs
                                    ? "ip route get " + network.address().getHostAddress()
                                            + "; then delete the route that is narrower or has a better metric"
                                    : "culvert up --config " + patient.config().file()));
                }
            } else if (through.isEmpty() && runs) {
                found.add(Diagnosis.error(
                        NAME, "no open route to " + network, "ip link set " + patient.tunName() + " up"));
            }
            if (!patient.hasGuard(network) && (runs || patient.config().tun().persistent())) {
                found.add(Diagnosis.error(
                        NAME,
                        "no guard route behind " + network + ": if " + patient.tunName()
                                + " goes, its packets leave in clear",
                        runs
                                ? "systemctl restart culvert"
                                : "culvert up --config " + patient.config().file()));
            }
        }
        return found.isEmpty()
                ? List.of(Diagnosis.ok(NAME, runs ? "into the tunnel, with guards" : "none made while no daemon runs"))
                : found;
    }
}
