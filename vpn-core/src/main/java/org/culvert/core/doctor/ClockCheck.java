package org.culvert.core.doctor;

import java.util.ArrayList;
import java.util.List;

/** Keys follow the hour, and replay protection the second. */
final class ClockCheck implements Doctor.Check {
    private static final String NAME = "clock";

    /** After our restart a peer's packets are refused for as long as its clock is behind. */
    private static final double SKEW_S = 60;

    @Override
    public List<Diagnosis> look(Patient patient) {
        List<Diagnosis> found = new ArrayList<>();
        patient.peers()
                .forEach(peer -> peer.decimal("clock_skew_seconds")
                        .filter(skew -> Math.abs(skew) >= SKEW_S)
                        .ifPresent(skew -> found.add(Diagnosis.warning(
                                NAME,
                                "the clock of " + peer.text("name") + " is " + Math.round(Math.abs(skew)) + " s "
                                        + (skew < 0 ? "behind" : "ahead of") + " ours",
                                "date -u; timedatectl set-ntp true (on both gateways)"))));
        if (!patient.machine().clockSynchronized()) {
            found.add(Diagnosis.warning(
                    NAME,
                    "nobody keeps this machine's clock (NTP): gateways an hour apart do not hear each other",
                    "timedatectl set-ntp true"));
        }
        return found.isEmpty() ? List.of(Diagnosis.ok(NAME, "kept by NTP, and the peers' agree")) : found;
    }
}
