package org.culvert.keymgmt.trust;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/** A token's PIN, alone on the first line of a file. */
final class PinFile {
    private static final int LONGEST_BYTES = 4096;

    private PinFile() {}

    /** The caller wipes it. */
    static char[] read(Path file) throws CredentialException {
        byte[] bytes = new byte[0];
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LONGEST_BYTES);
            int end = 0;
            while (end < bytes.length && bytes[end] != '\n' && bytes[end] != '\r') {
                end++;
            }
            if (end == 0) {
                throw new CredentialException(file, "the PIN is empty", "put it on the first line");
            }
            CharBuffer text = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes, 0, end));
            char[] pin = Arrays.copyOf(text.array(), text.limit());
            Arrays.fill(text.array(), '\0');
            return pin;
        } catch (NoSuchFileException e) {
            throw new CredentialException(file, "no such file", "", e);
        } catch (IOException e) {
            throw new CredentialException(file, "cannot be read: " + e.getMessage(), "", e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
