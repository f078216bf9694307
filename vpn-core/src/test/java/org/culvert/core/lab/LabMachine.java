package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.culvert.core.demo.Programs;
import org.culvert.core.demo.Requirements;

/**
 * Whether this machine can run the lab. Where it cannot, a test skips with the reason; with CI=true it fails, and so it does when just
 * these tests were asked for ({@code lab.required}, which the profiles lab-services and lab-threats set).
 */
public final class LabMachine {
    private static final boolean REQUIRED = "true".equals(System.getenv("CI")) || Boolean.getBoolean("lab.required");

    private LabMachine() {}

    /** Needs root, namespaces, and these programs, each {@code PROGRAM} or {@code PROGRAM/DEBIAN-PACKAGE}. */
    public static void require(String... programs) throws IOException {
        List<String> missing = Stream.concat(
                        Requirements.missing().stream(),
                        Stream.of(programs).map(LabMachine::missing).flatMap(Optional::stream))
                .toList();
        require(REQUIRED, missing);
    }

    static void require(boolean required, List<String> missing) {
        String said = missing + "; `.ci/run --install-only` installs the packages of all lab tests";
        if (required) {
            assertTrue(missing.isEmpty(), said);
        } else {
            assumeTrue(missing.isEmpty(), said);
        }
    }

    private static Optional<String> missing(String program) {
        List<String> parts = List.of(program.split("/"));
        return Programs.find(parts.getFirst()).isPresent()
                ? Optional.empty()
                : Optional.of("no program " + parts.getFirst() + " (Debian package " + parts.getLast() + ")");
    }
}
