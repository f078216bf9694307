package org.culvert.core.control;

import java.util.Map;
import org.culvert.tun.SystemCallException;
import org.culvert.tun.SystemdNotify;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service manager's watchdog (sd_watchdog_enabled(3)): when the control thread has not reported for {@code WatchdogSec}, it ends
 * the daemon and starts it again. Silent where nobody asked for it. Control thread.
 */
final class Watchdog {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

    private boolean wanted;

    /** @param pid our own; a watchdog for another process is not ours to feed */
    Watchdog(Map<String, String> environment, long pid) {
        wanted = environment.containsKey("WATCHDOG_USEC")
                && environment.getOrDefault("WATCHDOG_PID", Long.toString(pid)).equals(Long.toString(pid));
    }

    boolean isWanted() {
        return wanted;
    }

    /** To be called once a second, after the work: a thread that hangs or fails each time does not report. */
    void report() {
        if (!wanted) {
            return;
        }
        try {
            SystemdNotify.send("WATCHDOG=1");
        } catch (SystemCallException e) {
            wanted = false; // once is enough: systemd will act on it
            LOG.warn("the watchdog was not told that all is well: {}", e.getMessage());
        }
    }
}
