package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

class LabMachineTest {
    private static final List<String> MISSING = List.of("no program telnetd (Debian package inetutils-telnetd)");

    @Test
    void whatIsMissingIsNamedByATestThatSkips() {
        var skipped = assertThrows(TestAbortedException.class, () -> LabMachine.require(false, MISSING));
        assertTrue(skipped.getMessage().contains("inetutils-telnetd"), skipped.getMessage());
    }

    @Test
    void whatIsMissingFailsATestThatWasAskedFor() {
        var failed = assertThrows(AssertionFailedError.class, () -> LabMachine.require(true, MISSING));
        assertTrue(failed.getMessage().contains("inetutils-telnetd"), failed.getMessage());
    }

    @Test
    void nothingIsMissing() {
        LabMachine.require(true, List.of());
        LabMachine.require(false, List.of());
    }
}
