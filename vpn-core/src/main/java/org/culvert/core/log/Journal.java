package org.culvert.core.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether journald reads a stream of ours. */
final class Journal {
    static final Path STDERR = Path.of("/proc/self/fd/2");

    private Journal() {}

    /**
     * Whether the stream is the one systemd connected. It says so by "device:inode" in JOURNAL_STREAM (systemd.exec(5)),
     * which children and redirected streams inherit too, so both numbers are compared and not only the variable's presence.
     */
    static boolean reads(@Nullable String journalStream, Path stream) {
        if (journalStream == null) {
            return false;
        }
        try {
            Map<String, Object> file = Files.readAttributes(stream, "unix:dev,ino");
            return journalStream.equals(file.get("dev") + ":" + file.get("ino"));
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
