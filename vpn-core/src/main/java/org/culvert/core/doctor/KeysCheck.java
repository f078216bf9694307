package org.culvert.core.doctor;

import java.util.List;

/** Whether the two gateways mean the same keys: what the daemon remarks of a peer's. */
final class KeysCheck implements Doctor.Check {
    private static final String NAME = "keys";

    @Override
    public List<Diagnosis> look(Patient patient) {
        return patient.peers().stream()
                .filter(peer -> !peer.child("keys").text("remark").isEmpty())
                .map(peer -> Diagnosis.warning(
                        NAME,
                        peer.text("name") + ": " + peer.child("keys").text("remark"),
                        "compare `culvert check` on both gateways, and sha256sum of the pre-shared keys"))
                .toList();
    }
}
