package org.culvert.core.lab.threats;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.culvert.core.demo.Gateway;
import org.culvert.core.lab.Office;
import org.culvert.core.lab.Product;

/** The time of day that some daemons read, set by the test: libfaketime between them and the kernel. One thread. */
public final class Clock {
    private final Path folder;
    private final Path offset;
    private final Path culvert;

    /**
     * Shows the true time at first.
     *
     * @param folder of the test, with those of the offices
     * @param name of this clock, where there are several
     */
    public Clock(Path folder, String name) throws IOException {
        this.folder = folder;
        this.offset = folder.resolve(name);
        this.culvert = folder.resolve("culvert-by-" + name);
        set("+0");
        // Timers stay on the monotonic clock, and libfaketime's own idea of how to wait by it, which ends at once and
        // spins, is
        // off; files keep their times, by which the JVM knows its AOT cache.
        Files.writeString(culvert, """
                #!/bin/sh
                export LD_PRELOAD=%s FAKETIME_TIMESTAMP_FILE=%s FAKETIME_CACHE_DURATION=1
                export FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_FORCE_MONOTONIC_FIX=0 NO_FAKE_STAT=1
                exec %s "$@"
                """.formatted(library(), offset, Product.CULVERT));
        Files.setPosixFilePermissions(culvert, PosixFilePermissions.fromString("rwx------"));
    }

    private static Path library() throws IOException {
        try (Stream<Path> folders = Files.list(Path.of("/usr/lib"))) {
            return folders.map(folder -> folder.resolve("faketime/libfaketime.so.1"))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow(() -> new IOException("no libfaketime.so.1 (Debian package libfaketime)"));
        }
    }

    /** As a distance from the true time: {@code +1h}. */
    public void set(String distance) throws IOException {
        Path next = Files.writeString(offset.resolveSibling(offset.getFileName() + ".next"), distance + "\n");
        Files.move(next, offset, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The same office with a daemon, not started, that reads this clock. */
    public Office readBy(Office office) {
        return new Office(
                office.site(), new Gateway(culvert.toString(), office.gateway(), folder.resolve(office.name())));
    }
}
