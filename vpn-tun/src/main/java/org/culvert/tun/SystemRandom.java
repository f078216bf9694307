package org.culvert.tun;

/**
 * The kernel's random generator, getrandom(2), straight into native memory. Every traffic key comes from here: the
 * kernel reseeds after a fork or a restored VM snapshot where it is told of one, a generator in user space cannot.
 * Stateless; any thread.
 */
public final class SystemRandom {
    private SystemRandom() {}

    /**
     * Blocks until the generator was seeded once since boot, then never. Never falls back to anything weaker.
     *
     * @throws IllegalStateException when the system call fails
     */
    public static void fill(long address, int bytes) {
        int done = 0;
        while (done < bytes) {
            long got = LibC.getrandom(address + done, bytes - done, 0);
            if (got > 0) {
                done += (int) got; // over 256 bytes a signal may cut the answer short
            } else if (LibC.errno() != Errno.EINTR) {
                throw new IllegalStateException("getrandom: " + Errno.words(LibC.errno()));
            }
        }
    }
}
