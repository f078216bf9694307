package org.culvert.core.daemon;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
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
        Path file = controlSocket.toAbsolutePath().resolveSibling(tunName + ".lock");
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

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
