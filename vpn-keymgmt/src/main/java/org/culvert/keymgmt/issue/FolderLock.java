package org.culvert.keymgmt.issue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.culvert.keymgmt.trust.CredentialException;
import org.jspecify.annotations.Nullable;

/**
 * The one command at a time that may change a CA's folder. The kernel gives the lock back when the process ends, however it ends; the
 * file stays, for removing it would let two commands hold "the" lock.
 */
final class FolderLock implements AutoCloseable {
    /** A command holds it for milliseconds; one that waits for a passphrase does not hold it. */
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);

    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    static FolderLock take(Path folder) throws CredentialException, IOException {
        Path file = folder.resolve(".lock");
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(SafeFile.PRIVATE)));
        long start = System.nanoTime();
        while (tryLock(channel) == null) {
            if (System.nanoTime() - start > PATIENCE_NS) {
                channel.close();
                throw new CredentialException(file, "another culvert ca command is at work here", "try again later");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        SafeFile.removeLeftovers(folder, "journal|ca\\.crt|ca(-[0-9a-f]+)?\\.key");
        return new FolderLock(channel);
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // another thread of this JVM has it
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
