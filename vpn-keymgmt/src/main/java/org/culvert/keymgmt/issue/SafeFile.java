package org.culvert.keymgmt.issue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Writes a file whole or not at all: into a temporary one beside it, to the disk, then renamed. A full disk or a killed process leaves
 * the old file, or none. Keys are 0600 from the first byte, whatever the umask says.
 */
public final class SafeFile {
    public static final String PRIVATE = "rw-------";
    public static final String PUBLIC = "rw-r--r--";

    private SafeFile() {}

    /**
     * Writes a file that must not be there yet.
     *
     * @throws FileAlreadyExistsException when it is, unless forced
     */
    public static void create(Path file, byte[] bytes, String mode, boolean force) throws IOException {
        if (!force && Files.exists(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        replace(file, bytes, mode);
    }

    /** Writes a file, there or not. */
    public static void replace(Path file, byte[] bytes, String mode) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path folder = absolute.getParent();
        if (folder == null) {
            throw new IOException(file + " is a folder");
        }
        Path temporary = absolute.resolveSibling("." + absolute.getFileName() + "."
                + ProcessHandle.current().pid() + "." + Thread.currentThread().threadId() + ".tmp");
        Files.deleteIfExists(temporary);
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        var attribute = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE));
        try {
            try (FileChannel out = FileChannel.open(temporary, options, attribute)) {
                ByteBuffer left = ByteBuffer.wrap(bytes);
                while (left.hasRemaining()) {
                    out.write(left);
                }
                Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString(mode));
                out.force(true);
            }
            Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(folder.toString());
        } catch (AccessDeniedException e) {
            throw new AccessDeniedException(file.toString());
        } catch (FileSystemException e) {
            throw e; // names its file
        } catch (IOException e) {
            throw new FileSystemException(
                    file.toString(), null, e.getMessage() + "; it is as it was: make room, then run the command again");
        } finally {
            Files.deleteIfExists(temporary);
        }
        sync(folder);
    }

    /**
     * Fails as writing this file would, as far as that can be seen without writing: before something is done that cannot be undone.
     *
     * @throws FileAlreadyExistsException when it is there, unless forced
     */
    public static void refuseIfUnwritable(Path file, boolean force) throws IOException {
        if (!force && Files.exists(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        if (Files.isDirectory(file)) {
            throw new FileSystemException(file.toString(), null, "is a folder");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new NoSuchFileException(String.valueOf(folder));
        }
        if (!Files.isWritable(folder)) {
            throw new AccessDeniedException(folder.toString());
        }
    }

    /**
     * Removes what killed processes left of these files, where it can; what it cannot does no harm. Only for who may write them alone: a temporary
     * file in use would go, too.
     *
     * @param names regular expression over the files' names
     */
    static void removeLeftovers(Path folder, String names) {
        Pattern left = Pattern.compile("\\.(" + names + ")\\.\\d+\\.\\d+\\.tmp");
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (left.matcher(file.getFileName().toString()).matches()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            return;
        }
    }

    /** Makes a rename in this folder survive a power cut. */
    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, EnumSet.of(StandardOpenOption.READ))) {
            channel.force(true);
        }
    }
}
