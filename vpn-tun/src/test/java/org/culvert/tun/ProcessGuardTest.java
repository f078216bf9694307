package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class ProcessGuardTest {
    @Test
    void forbidsDumps() throws Exception {
        assertTrue(ProcessGuard.dumpable());
        try {
            ProcessGuard.forbidDumps();
            assertFalse(ProcessGuard.dumpable());
        } finally {
            ProcessGuard.setDumpable(true); // or tests that look into /proc/self fail without root
        }
    }

    @Test
    void knowsUsersByName() {
        assertEquals(OptionalInt.of(0), ProcessGuard.userId("root"));
        assertEquals(OptionalInt.empty(), ProcessGuard.userId("no-such-user"));
    }

    @Test
    void knowsTheEffectiveUser() throws Exception {
        // "Uid: real effective saved filesystem", proc(5)
        String uids = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("Uid:"))
                .findFirst()
                .orElseThrow();
        assertEquals(Integer.parseInt(uids.split("\\s+")[2]), ProcessGuard.effectiveUserId());
    }
}
