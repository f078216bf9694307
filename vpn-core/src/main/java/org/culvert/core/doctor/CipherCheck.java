package org.culvert.core.doctor;

import java.util.List;

/** The fastest cipher backend is in use, or it was tried and lost. */
final class CipherCheck implements Doctor.Check {
    private static final String NAME = "cipher";

    @Override
    public List<Diagnosis> look(Patient patient) {
        if (patient.config().cipherBackend().equals("jce")) {
            return List.of(Diagnosis.note(
                    NAME,
                    "cipher-backend = \"jce\" leaves the faster library untried",
                    "take cipher-backend out of " + patient.config().file()));
        }
        if (!patient.machine().hasIpsecMb()) {
            return List.of(Diagnosis.note(
                    NAME,
                    "Intel's library is not installed; Java's own ciphers are slower",
                    "apt-get install libipsec-mb1"));
        }
        return List.of(Diagnosis.ok(
                NAME,
                patient.status()
                        .map(status -> status.child("cipher").text("backend") + " is in use")
                        .orElse("libipsec-mb is there")));
    }
}
