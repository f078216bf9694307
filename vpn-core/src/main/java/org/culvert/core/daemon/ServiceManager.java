package org.culvert.core.daemon;

import org.culvert.tun.SystemCallException;
import org.culvert.tun.SystemdNotify;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells systemd, where there is one, what the daemon does. A service manager that does not listen is no reason to stop. */
final class ServiceManager {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);

    private ServiceManager() {}

    /** Started, or done with a reload, whichever way that ended. */
    static void ready() {
        tell("READY=1");
    }

    /** For Type=notify-reload: the time tells this reload's READY from an earlier one. HotSpot's nanoTime is CLOCK_MONOTONIC. */
    static void reloading() {
        tell("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1_000);
    }

    static void stopping() {
        tell("STOPPING=1");
    }

    private static void tell(String state) {
        try {
            SystemdNotify.send(state);
        } catch (SystemCallException e) {
            LOG.warn("systemd was not told {}: {}", state.replace('\n', ' '), e.getMessage());
        }
    }
}
