package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** That systemd hears it, and acts when it does not, is shown in PackageLabTest. */
class WatchdogTest {
    @Test
    void reportsOnlyWhereItIsAskedFor() {
        assertFalse(new Watchdog(Map.of(), 148).isWanted());
        assertTrue(new Watchdog(Map.of("WATCHDOG_USEC", "30000000"), 148).isWanted());
        assertTrue(new Watchdog(Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "148"), 148).isWanted());
        assertFalse(new Watchdog(Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "7"), 148).isWanted());
    }
}
