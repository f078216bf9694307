package org.culvert.core.control.socket;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The control socket's name in the file system. It appears whole (listening, with its mode) or not at all, takes the place of
 * what a dead daemon left behind, and never that of a live one or of somebody else's file.
 */
public final class SocketFile {
    /** Where the socket is bound before it gets its name; the configuration's limit for the path leaves room for it. */
    private static final String UNFINISHED = ".new";

    private static final int TYPE_MASK = 0170000; // S_IFMT
    private static final int SOCKET_TYPE = 0140000; // S_IFSOCK

    private final Path path;
    private @Nullable Object inode;

    SocketFile(Path path) {
        this.path = path.toAbsolutePath();
    }

    /** Makes a socket listen at an address. */
    interface Binder {
        void bind(UnixDomainSocketAddress address) throws IOException;
    }

    /** Makes the folder of a control socket, mode 0750, if it is not there. An existing one stays as it is. */
    public static void makeFolder(Path socket) throws IOException {
        Path folder = socket.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(folder)) {
            return;
        }
        Path above = folder.getParent();
        if (above != null) {
            Files.createDirectories(above);
        }
        // With the mode at once, so that nobody gets in between; then again, because a umask may have taken from it.
        var mode = PosixFilePermissions.fromString("rwxr-x---");
        Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(mode));
        Files.setPosixFilePermissions(folder, mode);
    }

    /**
     * Binds and publishes.
     *
     * @throws IOException when another daemon listens there, or the name is taken by something that is no socket
     */
    void publish(Binder binder) throws IOException {
        makeFolder(path);
        Path lock = path.resolveSibling(path.getFileName() + ".lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) { // of two that start at once, the second finds the first listening
            Objects.requireNonNull(held);
            refuseIfTaken();
            Path unfinished = path.resolveSibling(path.getFileName() + UNFINISHED);
            Files.deleteIfExists(unfinished);
            binder.bind(UnixDomainSocketAddress.of(unfinished));
            Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rw-rw----"));
            inode = inode(unfinished);
            Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Takes the name away again, unless another daemon has it by now. */
    void remove() throws IOException {
        try {
            if (inode != null && inode.equals(inode(path))) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException e) {
            // somebody was faster
        }
    }

    private void refuseIfTaken() throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & TYPE_MASK) != SOCKET_TYPE) {
            throw new IOException(
                    path + ": there is a file of this name that is no socket; remove it, or choose another"
                            + " [gateway] control");
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false); // a daemon too busy to accept is alive, too
            probe.connect(UnixDomainSocketAddress.of(path));
            throw new IOException(path
                    + ": another culvert runs for this control socket; stop it, or choose another [gateway] control");
        } catch (ConnectException e) {
            // Nobody listens: left behind by a daemon that was killed.
        } catch (SocketException e) {
            throw new IOException(
                    path + ": is somebody else's socket (" + e.getMessage() + "); choose another [gateway] control", e);
        }
    }

    private static Object inode(Path file) throws IOException {
        return Objects.requireNonNull(Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey());
    }
}
