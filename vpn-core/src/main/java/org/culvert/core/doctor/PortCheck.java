package org.culvert.core.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Our own UDP port: free for us, and open in this machine's firewall. What lies before it, {@link HeardCheck} infers. */
final class PortCheck implements Doctor.Check {
    private static final String NAME = "udp port";

    @Override
    public List<Diagnosis> look(Patient patient) {
        int port = patient.config().listen().getPort();
        List<Diagnosis> found = new ArrayList<>();
        if (patient.status().isEmpty()
                && !patient.machine().canListen(patient.config().listen())) {
            found.add(Diagnosis.error(
                    NAME,
                    patient.config().listenText()
                            + " cannot be listened on: another program has it, or it is not an address"
                            + " of this machine",
                    "ss -lunp 'sport = :" + port + "'"));
        }
        Optional<Firewall> firewall = patient.machine().firewall();
        firewall.ifPresent(rules -> rules.inputWithout(port)
                .forEach(chain -> found.add(Diagnosis.warning(
                        NAME,
                        "the firewall's " + chain.name() + " drops what it does not know, and no rule lets udp port "
                                + port + " in: peers are heard only while we speak to them",
                        chain.opening(port)))));
        if (found.isEmpty()) {
            found.add(Diagnosis.ok(
                    NAME,
                    port
                            + (firewall.isPresent()
                                    ? " is not closed by this machine's firewall"
                                    : ": rules cannot be read here")));
        }
        return found;
    }
}
