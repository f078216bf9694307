package org.culvert.tun;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.culvert.tun.memory.OffHeap;

/** What the process asks the kernel about itself. Stateless; any thread. */
public final class ProcessGuard {
    // linux/prctl.h
    static final int PR_GET_DUMPABLE = 3;
    static final int PR_SET_DUMPABLE = 4;

    static final int CAP_NET_ADMIN = 12; // linux/capability.h
    static final int PASSWD_UID = 2 * Long.BYTES; // pwd.h: two pointers before it

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

    /** A user's number by name (getpwnam(3)): /etc/passwd and whatever else the host asks. One thread at a time. */
    public static synchronized OptionalInt userId(String name) {
        long passwd = LibC.getpwnam(name);
        return passwd == 0 ? OptionalInt.empty() : OptionalInt.of(OffHeap.nativeI32(passwd + PASSWD_UID));
    }

    /** Whether the calling thread, and those it starts, may change interfaces and routes (CAP_NET_ADMIN, capabilities(7)). */
    public static boolean mayChangeNetworks() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/thread-self/status"))) {
            return lines.filter(line -> line.startsWith("CapEff:"))
                    .map(line -> Long.parseUnsignedLong(
                            line.substring("CapEff:".length()).strip(), 16))
                    .anyMatch(effective -> (effective >> CAP_NET_ADMIN & 1) != 0);
        } catch (IOException | UncheckedIOException e) {
            return effectiveUserId() == 0; // no /proc: an attempt will tell
        }
    }
}
