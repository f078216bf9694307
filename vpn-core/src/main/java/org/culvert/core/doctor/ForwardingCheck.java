package org.culvert.core.doctor;

import java.util.ArrayList;
import java.util.List;

/** Without forwarding the tunnel works and the LAN is not reached: the commonest mistake of all. */
final class ForwardingCheck implements Doctor.Check {
    private static final String NAME = "forwarding";

    @Override
    public List<Diagnosis> look(Patient patient) {
        List<Diagnosis> found = new ArrayList<>();
        if (patient.ownNetworksAre(true) && !patient.machine().forwards(true)) {
            found.add(Diagnosis.error(
                    NAME,
                    "IPv4 forwarding is off, hosts of the LAN are not served",
                    "sysctl -w net.ipv4.ip_forward=1"));
        }
        if (patient.ownNetworksAre(false) && !patient.machine().forwards(false)) {
            found.add(Diagnosis.error(
                    NAME,
                    "IPv6 forwarding is off, hosts of the LAN are not served",
                    "sysctl -w net.ipv6.conf.all.forwarding=1"));
        }
        return found.isEmpty() ? List.of(Diagnosis.ok(NAME, "on for the families of our networks")) : found;
    }
}
