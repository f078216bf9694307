package org.culvert.core.doctor;

import java.util.List;
import org.culvert.core.status.StatusTree;

/** Is there a daemon, and does it find its peers acceptable? */
final class DaemonCheck implements Doctor.Check {
    private static final String NAME = "daemon";

    @Override
    public List<Diagnosis> look(Patient patient) {
        if (patient.status().isEmpty()) {
            return List.of(Diagnosis.error(
                    NAME,
                    "no daemon answers at " + patient.config().control(),
                    "culvert run --config " + patient.config().file()));
        }
        List<Diagnosis> down = patient.peers().stream()
                .filter(peer -> !peer.text("state").equals("up"))
                .map(peer -> Diagnosis.error(
                        NAME,
                        "peer " + peer.text("name") + " is down: " + peer.text("reason"),
                        "culvert status " + peer.text("name") + " --config "
                                + patient.config().file()))
                .toList();
        if (!down.isEmpty()) {
            return down;
        }
        StatusTree gateway = patient.status().get().child("gateway");
        return List.of(Diagnosis.ok(
                NAME,
                "culvert " + gateway.text("version") + " runs, "
                        + patient.peers().size() + " peers up"));
    }
}
