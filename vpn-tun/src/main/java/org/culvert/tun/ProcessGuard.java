package org.culvert.tun;

/** What the process asks the kernel about itself. Stateless; any thread. */
public final class ProcessGuard {
    // linux/prctl.h
    static final int PR_GET_DUMPABLE = 3;
    static final int PR_SET_DUMPABLE = 4;

    private ProcessGuard() {}

    /**
     * No core dump, and no ptrace or /proc/PID/mem by the same user: keys are in memory, and the JDK's own copies of
     * private keys cannot be destroyed.
     */
    public static void forbidDumps() throws SystemCallException {
        setDumpable(false);
    }

    static void setDumpable(boolean dumpable) throws SystemCallException {
        if (LibC.prctl(PR_SET_DUMPABLE, dumpable ? 1 : 0, 0, 0, 0) != 0) {
            throw new SystemCallException("prctl", "PR_SET_DUMPABLE", LibC.errno(), "");
        }
    }

    static boolean dumpable() {
        return LibC.prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0;
    }

    /** geteuid(2); 0 is root. */
    public static int effectiveUserId() {
        return LibC.geteuid();
    }
}
