package org.culvert.tun;

import com.sun.jna.Native;

/**
 * The C library, mapped directly by JNA. Arguments are primitives and native addresses in a {@code long}; nothing
 * declares {@code LastErrorException}, whose throwing costs 2.3 us where reading errno costs nothing
 * (native-notes/jna.md). Every method returns what C returns; the caller reads {@link #errno()} at once, on the same
 * thread. Stateless; any thread.
 */
final class LibC {
    private static final int LC_ALL_MASK = 0x1fbf;

    static {
        Native.register(LibC.class, "c");
    }

    private static final long C_LOCALE = newlocale(LC_ALL_MASK, "C", 0);

    private LibC() {}

    /** errno of this thread's last call in this class. */
    static int errno() {
        return Native.getLastError();
    }

    /** Words in the C locale: the JVM sets the user's, and a log line must read the same everywhere. */
    static String errorWords(int errno) {
        return strerror_l(errno, C_LOCALE);
    }

    private static native String strerror_l(int errno, long locale);

    private static native long newlocale(int mask, String name, long base);
}
