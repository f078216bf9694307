package org.culvert.core.doctor;

import java.util.List;
import java.util.Optional;
import org.culvert.core.daemon.KernelSettings;
import org.culvert.keymgmt.Prefix;

/**
 * Strict rp_filter is good (a neighbour cannot send as if out of the tunnel) as long as the way back to each peer's network leads into
 * the tunnel; where it does not, the kernel drops what the daemon delivers, and counts it only as IPReversePathFilter. The way out is loose
 * on the tunnel alone: all.rp_filter = 2 would make the strict filter of every other interface loose, {@link OutsideCheck}'s too.
 */
final class ReversePathCheck implements Doctor.Check {
    private static final String NAME = "rp_filter";

    @Override
    public List<Diagnosis> look(Patient patient) {
        String tun = patient.tunName();
        if (patient.status().isEmpty() || patient.machine().reversePathFilter(tun) != KernelSettings.STRICT) {
            return List.of(Diagnosis.ok(NAME, "does not stand in the way"));
        }
        List<Diagnosis> found = patient.credentials().peerNetworks().stream()
                .filter(Prefix::ipv4)
                .filter(network -> !patient.interfaceTo(network).equals(Optional.of(tun)))
                .map(network -> Diagnosis.error(
                        NAME,
                        "strict on " + tun + ", and the route to " + network
                                + " does not lead there: the kernel drops what comes from it",
                        "sysctl -w net.ipv4.conf." + tun + ".rp_filter=2"))
                .toList();
        return found.isEmpty() ? List.of(Diagnosis.ok(NAME, "strict, and all ways back lead into the tunnel")) : found;
    }
}
