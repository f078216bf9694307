package org.culvert.keymgmt.issue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.culvert.keymgmt.trust.CredentialException;

/** Reads a file that a person wrote: bounded, and with a message for a person. */
final class SmallFile {
    private static final int LARGEST_BYTES = 1 << 20;

    private SmallFile() {}

    static byte[] read(Path file) throws CredentialException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST_BYTES + 1);
            if (bytes.length > LARGEST_BYTES) {
                throw new CredentialException(file, "larger than 1 MiB", "is this the right file?");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new CredentialException(file, "no such file", "", e);
        } catch (IOException e) {
            throw new CredentialException(file, "cannot be read: " + e.getMessage(), "", e);
        }
    }
}
