package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What systemd itself thinks of the unit. */
@Tag("lab")
class UnitFileLabTest {
    private static final double WORST = 2.5;

    @Test
    void isFencedIn() throws IOException {
        LabMachine.require("systemd-analyze/systemd");

        Finished analysis = Programs.run(List.of(
                "systemd-analyze",
                "security",
                "--offline=yes",
                "--no-pager",
                Product.DIST.resolve("conf/culvert.service").toString()));

        Matcher score = Pattern.compile("Overall exposure level for culvert.service: ([0-9.]+)")
                .matcher(analysis.out());
        assertTrue(score.find(), analysis.out() + analysis.err());
        TwoSiteLab.report("systemd-analyze security: %s", score.group(1));
        assertTrue(Double.parseDouble(score.group(1)) <= WORST, analysis.out());
    }
}
