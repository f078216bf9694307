package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That systemd hears it, and acts when it does not, is shown in PackageLabTest; that idle threads come by, in PublishedTest. */
class WatchdogTest {
    private static final long S = 1_000_000_000L;

    private final TestFlows flows = new TestFlows();
    private final List<String> told = new ArrayList<>();
    private long nowNs = Long.MAX_VALUE - 20 * S;

    private static final class TestFlows implements Watchdog.Flows {
        private int asked;
        private int given;
        private boolean hung;

        @Override
        public void askForSign() {
            asked++;
        }

        @Override
        public boolean allGaveSign() {
            given = hung ? given : asked;
            return given == asked;
        }
    }

    private Watchdog watchdog(Map<String, String> environment) {
        return new Watchdog(environment, 148, flows, told::add);
    }

    private int reports(Watchdog watchdog, int seconds) {
        told.clear();
        for (int i = 0; i < seconds; i++) {
            nowNs += S;
            watchdog.report(nowNs);
        }
        return told.size();
    }

    @Test
    void reportsOnlyWhereItIsAskedFor() {
        assertFalse(watchdog(Map.of()).isWanted());
        assertTrue(watchdog(Map.of("WATCHDOG_USEC", "30000000")).isWanted());
        assertTrue(watchdog(Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "148"))
                .isWanted());
        assertFalse(watchdog(Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "7"))
                .isWanted());
        assertEquals(0, reports(watchdog(Map.of()), 60));
        assertEquals(0, flows.asked, "nobody is woken for nothing");
    }

    @Test
    void reportsEverySecondWhileAllIsWell() {
        assertEquals(60, reports(watchdog(Map.of("WATCHDOG_USEC", "30000000")), 60));
        assertEquals("WATCHDOG=1", told.getFirst());
        assertEquals(12, flows.asked);
    }

    @Test
    void flowThreadThatHangsEndsTheReportsWithinFifteenSecondsAndOneThatComesBackBringsThemBack() {
        Watchdog watchdog = watchdog(Map.of("WATCHDOG_USEC", "30000000"));
        reports(watchdog, 30);
        flows.hung = true;
        int late = reports(watchdog, 60);
        assertTrue(late >= 9 && late <= 15, late + " reports of 60");
        flows.hung = false;
        assertEquals(60, reports(watchdog, 60));
    }

    @Test
    void flowThreadThatNeverBeganIsNoticed() {
        flows.hung = true;
        assertTrue(reports(watchdog(Map.of("WATCHDOG_USEC", "30000000")), 60) <= 15);
    }
}
