package org.culvert.keymgmt.issue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import org.culvert.keymgmt.trust.PreSharedKeyFile;

/** Draws a secret for two gateways. */
public final class NewPreSharedKey {
    private static final SecureRandom RANDOM = new SecureRandom();

    private NewPreSharedKey() {}

    /**
     * Writes a fresh one, 0600.
     *
     * @throws FileAlreadyExistsException when there is a file, unless forced
     */
    public static void write(Path file, boolean force) throws IOException {
        byte[] key = new byte[PreSharedKeyFile.KEY_BYTES];
        RANDOM.nextBytes(key);
        byte[] text = Base64.getEncoder().encode(key);
        byte[] line = Arrays.copyOf(text, text.length + 1);
        line[text.length] = '\n';
        try {
            SafeFile.create(file, line, SafeFile.PRIVATE, force);
        } finally {
            Arrays.fill(key, (byte) 0);
            Arrays.fill(text, (byte) 0);
            Arrays.fill(line, (byte) 0);
        }
    }
}
