package org.culvert.tun;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** Counts the process's descriptors, and limits them to make the n-th open fail. */
final class Descriptors {
    private static final int RLIMIT_NOFILE = 7; // asm-generic/resource.h

    static {
        Native.register(Descriptors.class, "c");
    }

    private Descriptors() {}

    private static native int getrlimit(int resource, long limits);

    private static native int setrlimit(int resource, long limits);

    interface Body {
        void run() throws Exception;
    }

    static void assertUnchanged(Body body) throws Exception {
        body.run(); // what classes and threads keep open they have opened now
        Set<String> before = open();
        body.run();
        assertEquals(before, open());
    }

    private static Set<String> open() throws IOException {
        Set<String> descriptors = new TreeSet<>();
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (Files.exists(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                    descriptors.add(file.getFileName() + " " + Files.readSymbolicLink(file));
                }
            }
        } catch (java.nio.file.NoSuchFileException gone) {
            return open(); // the listing's own descriptor, or another thread's
        }
        descriptors.removeIf(text -> text.contains("/fd"));
        return descriptors;
    }

    /** Runs the body with exactly so many descriptors left. It must have run before: loading a class needs one too. */
    static SystemCallException withRoomFor(int descriptors, Callable<SystemCallException> body) throws Exception {
        assertEquals("too many open files", Errno.words(Errno.EMFILE));
        new SystemCallException("load", "", Errno.EMFILE, Hints.descriptors(Errno.EMFILE));
        try (Region limits = new Region(16)) {
            assertEquals(0, getrlimit(RLIMIT_NOFILE, limits.address()));
            long allowed = OffHeap.nativeI64(limits.address());
            // open() gives the lowest free number, so this fills no hole but finds where the limit must be.
            int[] held = new int[descriptors + 1];
            for (int i = 0; i < held.length; i++) {
                held[i] = LibC.eventfd(0, 0);
            }
            for (int fd : held) {
                LibC.close(fd);
            }
            OffHeap.putNativeI64(limits.address(), held[descriptors]);
            assertEquals(0, setrlimit(RLIMIT_NOFILE, limits.address()));
            try {
                return body.call();
            } finally {
                OffHeap.putNativeI64(limits.address(), allowed);
                assertEquals(0, setrlimit(RLIMIT_NOFILE, limits.address()));
            }
        }
    }
}
