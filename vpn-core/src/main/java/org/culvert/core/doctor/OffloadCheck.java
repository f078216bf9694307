package org.culvert.core.doctor;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.status.StatusTree;

/** Without them everything works, at a fraction of the speed. */
final class OffloadCheck implements Doctor.Check {
    private static final String NAME = "offloads";

    @Override
    public List<Diagnosis> look(Patient patient) {
        if (patient.status().isEmpty()) {
            return List.of();
        }
        StatusTree status = patient.status().get();
        List<Diagnosis> found = new ArrayList<>();
        if (!status.child("udp").texts("offloads").contains("gso")) {
            found.add(Diagnosis.note(
                    NAME,
                    "datagrams leave one by one: the outgoing interface does no checksums, so the kernel refused UDP_SEGMENT",
                    "ethtool -K " + outgoing(patient) + " tx on, then restart the daemon"));
        }
        if (!status.child("tun").texts("offloads").contains("tso")) {
            found.add(Diagnosis.note(
                    NAME,
                    patient.tunName() + " hands over packets one by one: the kernel has no TUN offloads",
                    "uname -r; needs 4.18 or newer"));
        }
        return found.isEmpty() ? List.of(Diagnosis.ok(NAME, "in use towards peers and LAN")) : found;
    }

    private static String outgoing(Patient patient) {
        return patient.config().peers().stream()
                .flatMap(peer -> peer.endpoints().stream())
                .filter(endpoint -> endpoint.isLiteral())
                .flatMap(endpoint -> patient.interfaceTo(InetAddress.ofLiteral(endpoint.host())).stream())
                .findFirst()
                .orElse("INTERFACE");
    }
}
