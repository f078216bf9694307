package org.culvert.core.doctor;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.culvert.core.config.ConfigException;
import org.culvert.core.config.ConfigFile;
import org.culvert.core.config.Finding;
import org.culvert.core.config.GatewayConfig;
import org.culvert.core.daemon.Credentials;
import org.culvert.core.status.StatusTree;

/** Examines a gateway: every check, in the order of a packet's way from the LAN to the peer. */
public final class Doctor {
    private Doctor() {}

    /** Where the running daemon's status comes from. */
    public interface Daemon {
        /** Empty when none runs at this socket. */
        Optional<StatusTree> status(Path controlSocket);
    }

    /** One look at one thing. */
    interface Check {
        List<Diagnosis> look(Patient patient);
    }

    private static final List<Check> CHECKS = List.of(
            new DaemonCheck(),
            new CertificateCheck(Instant::now),
            new ForwardingCheck(),
            new RouteCheck(),
            new ReversePathCheck(),
            new OutsideCheck(),
            new NatCheck(),
            new PortCheck(),
            new HeardCheck(),
            new KeysCheck(),
            new ClockCheck(),
            new MtuCheck(),
            new OffloadCheck(),
            new CipherCheck());

    /** All that was found, what is in order included. */
    public static List<Diagnosis> examine(Path configFile, Daemon daemon) {
        GatewayConfig config;
        Credentials credentials;
        try {
            config = ConfigFile.load(configFile);
            credentials = Credentials.load(config);
        } catch (ConfigException e) {
            return e.findings().stream().map(Doctor::asDiagnosis).toList();
        }
        try (LinuxMachine machine = LinuxMachine.open()) {
            return examine(new Patient(config, credentials, daemon.status(config.control()), machine));
        }
    }

    static List<Diagnosis> examine(Patient patient) {
        List<Diagnosis> found = new ArrayList<>();
        CHECKS.forEach(check -> found.addAll(check.look(patient)));
        return found;
    }

    private static Diagnosis asDiagnosis(Finding finding) {
        return Diagnosis.error(
                "configuration", finding.file() + ":" + finding.line() + ": " + finding.cause(), finding.hint());
    }
}
