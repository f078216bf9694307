package org.culvert.keymgmt.trust;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whose a file is that this process may not read, and whose it should be: at 3 a.m. "permission denied" is half a message. */
final class FileOwner {
    private FileOwner() {}

    /** @param e what the system said when the file was opened */
    static CredentialException denied(Path file, AccessDeniedException e) {
        String user = System.getProperty("user.name");
        try {
            String owner = Files.getOwner(file).getName();
            int mode = (Integer) Files.getAttribute(file, "unix:mode") & 0777;
            return new CredentialException(
                    file,
                    "permission denied: it belongs to %s (mode %04o), and this runs as %s".formatted(owner, mode, user),
                    "if %1$s is the daemon's user, run as root: chown %1$s: %2$s; chmod 600 %2$s".formatted(user, file),
                    e);
        } catch (IOException | SecurityException _) {
            return new CredentialException(
                    file,
                    "permission denied: %s may not look into its folder".formatted(user),
                    "if %1$s is the daemon's user, run as root: chgrp %1$s %2$s; chmod 750 %2$s"
                            .formatted(user, file.toAbsolutePath().getParent()),
                    e);
        }
    }

    /** What makes a private key its user's alone. Root may read everything, so whose it should be is not known then. */
    static String repair(Path file) throws IOException {
        String user = System.getProperty("user.name");
        String owner = Files.getOwner(file).getName();
        return (user.equals("root") || user.equals(owner) ? "" : "as root: chown " + user + ": " + file + "; ")
                + "chmod 600 " + file;
    }
}
