package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The commit, built twice from clones of its own, gives the same packages; what is not committed does not count. */
@Tag("lab")
@Tag("nightly")
class ReproducibleLabTest {
    private static final Duration TWO_BUILDS = Duration.ofMinutes(15);

    @Test
    @Timeout(960)
    void sameCommitGivesTheSameBytes() throws Exception {
        LabMachine.require("git", "dpkg-deb/dpkg", "cmp/diffutils");

        Finished compared = Programs.run(
                List.of(Path.of("src/dist/reproduce").toAbsolutePath().toString()), "", TWO_BUILDS);

        TwoSiteLab.report("%s", compared.out());
        assertTrue(compared.code() == 0, compared.out() + compared.err());
    }
}
