package org.culvert.core.control;

import java.util.Map;
import org.culvert.core.flow.Published;
import org.culvert.tun.SystemCallException;
import org.culvert.tun.SystemdNotify;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service manager's watchdog (sd_watchdog_enabled(3)): when the control thread has not reported for {@code WatchdogSec}, it ends
 * the daemon and starts it again. The control thread reports for the flow threads, too, and does not when one of them hangs. Silent where
 * nobody asked for it. Control thread.
 */
final class Watchdog {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

    private static final long SIGN_INTERVAL_NS = 5_000_000_000L;

    /** How long a flow thread may take for one batch: a machine that swaps is slow, not broken. */
    private static final long PATIENCE_NS = 10_000_000_000L;

    private final Flows flows;
    private final Manager manager;
    private boolean wanted;
    private boolean asked;
    private boolean hung;
    private long askedNs;
    private long signNs;

    /** Who is told that all is well. */
    interface Manager {
        void tell(String state) throws SystemCallException;
    }

    /** The threads of the data path. */
    interface Flows {
        /** Each is to come by, an idle one is woken for it. */
        void askForSign();

        /** Whether each has since. */
        boolean allGaveSign();
    }

    /** @param pid our own; a watchdog for another process is not ours to feed */
    Watchdog(Map<String, String> environment, long pid, Flows flows, Manager manager) {
        wanted = environment.containsKey("WATCHDOG_USEC")
                && environment.getOrDefault("WATCHDOG_PID", Long.toString(pid)).equals(Long.toString(pid));
        this.flows = flows;
        this.manager = manager;
    }

    /** The one of this process. */
    static Watchdog ofThisProcess(Published published, Runnable wakeFlows) {
        Flows flows = new Flows() {
            @Override
            public void askForSign() {
                published.askForSign();
                wakeFlows.run();
            }

            @Override
            public boolean allGaveSign() {
                return published.allGaveSign();
            }
        };
        return new Watchdog(System.getenv(), ProcessHandle.current().pid(), flows, SystemdNotify::send);
    }

    boolean isWanted() {
        return wanted;
    }

    /** To be called once a second, after the work: a thread that hangs or fails each time does not report. */
    void report(long nowNs) {
        if (!wanted || !flowsAreWell(nowNs)) {
            return;
        }
        try {
            manager.tell("WATCHDOG=1");
        } catch (SystemCallException e) {
            wanted = false; // once is enough: systemd will act on it
            LOG.warn("the watchdog was not told that all is well: {}", e.getMessage());
        }
    }

    private boolean flowsAreWell(long nowNs) {
        boolean all = flows.allGaveSign();
        if (all || !asked) {
            signNs = nowNs;
        }
        if (!asked || (all && nowNs - askedNs >= SIGN_INTERVAL_NS)) {
            asked = true;
            askedNs = nowNs;
            flows.askForSign();
        }
        boolean late = nowNs - signNs >= PATIENCE_NS;
        if (late && !hung) {
            LOG.error(
                    "a thread of the data path has not come by for {} s; the service manager is not told that all is well",
                    (nowNs - signNs) / 1_000_000_000L);
        }
        hung = late;
        return !late;
    }
}
