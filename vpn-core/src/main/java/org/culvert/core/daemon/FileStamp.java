package org.culvert.core.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * What changes when a file is replaced or written: cheap to look at, and not to be mistaken for what is in it.
 *
 * @param key device and inode; null with the other two when the file is not there
 */
record FileStamp(@Nullable Object key, @Nullable FileTime modified, long bytes) {
    static FileStamp of(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new FileStamp(attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
        } catch (IOException e) {
            return new FileStamp(null, null, 0);
        }
    }
}
