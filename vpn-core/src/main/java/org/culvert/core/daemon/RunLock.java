package org.culvert.core.daemon;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.culvert.core.control.socket.SocketFile;

/** One daemon per TUN name: the lock dies with the process, so that a killed daemon never blocks the next. */
final class RunLock implements AutoCloseable {
    private final FileChannel channel;

    private RunLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @param controlSocket the lock lies beside it; its folder is made when missing */
    static RunLock take(Path controlSocket, String tunName) throws IOException {
        Path file = file(controlSocket, tunName);
        SocketFile.makeFolder(controlSocket);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            throw new IOException(file + ": another culvert runs with the interface " + tunName
                    + "; stop it, or give this one another [tun] name and [gateway] control");
        }
        return new RunLock(channel);
    }

    /** Whether a daemon runs. Makes nothing: root must not leave files where the service user's are expected. */
    static boolean isHeld(Path controlSocket, String tunName) throws IOException {
        Path file = file(controlSocket, tunName);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock()) {
            return lock == null;
        }
    }

    private static Path file(Path controlSocket, String tunName) {
        return controlSocket.toAbsolutePath().resolveSibling(tunName + ".lock");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
