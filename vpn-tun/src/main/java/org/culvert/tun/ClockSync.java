package org.culvert.tun;

import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** What the kernel knows about the clock it keeps. Stateless; any thread. */
public final class ClockSync {
    /** struct timex of 64-bit Linux is 208 bytes; its {@code modes} (0: only read) comes first, {@code status} behind four longs. */
    private static final int TIMEX_BYTES = 256;

    private static final int STATUS_OFFSET = 40;

    private static final int STA_UNSYNC = 0x40;
    private static final int TIME_ERROR = 5;

    private ClockSync() {}

    /** Whether somebody (an NTP daemon) disciplines the clock: adjtimex(2), which reading needs no privilege. */
    public static boolean isSynchronized() {
        try (Region timex = new Region(TIMEX_BYTES)) {
            OffHeap.fill(timex.address(), TIMEX_BYTES, 0);
            int state = LibC.adjtimex(timex.address());
            int status = OffHeap.nativeI32(timex.address() + STATUS_OFFSET);
            return state >= 0 && state != TIME_ERROR && (status & STA_UNSYNC) == 0;
        }
    }
}
