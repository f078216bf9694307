package org.culvert.keymgmt.trust;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;

/**
 * A secret that two gateways were both given: 32 bytes in base64, alone in a file that only its owner can read, as {@code wg genpsk} and
 * {@code culvert host psk} make them.
 */
public final class PreSharedKeyFile {
    public static final int KEY_BYTES = 32;

    private static final int LONGEST_BYTES = 4096;
    private static final String MAKE_ONE = "make one with `culvert host psk`";

    private PreSharedKeyFile() {}

    /** The key; the caller wipes it. */
    public static byte[] read(Path file) throws CredentialException {
        HostKey.refuseIfOpenToOthers(file);
        byte[] bytes = new byte[0];
        byte[] text = bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LONGEST_BYTES);
            text = Arrays.copyOf(bytes, endOfText(bytes));
            return decode(file, text);
        } catch (IOException e) {
            throw new CredentialException(file, "cannot be read: " + e.getMessage(), "", e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
            Arrays.fill(text, (byte) 0);
        }
    }

    /** Without line ends and blanks behind it. */
    private static int endOfText(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] <= ' ' && bytes[end - 1] >= 0) {
            end--;
        }
        return end;
    }

    private static byte[] decode(Path file, byte[] text) throws CredentialException {
        byte[] key;
        try {
            key = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException notBase64) { // its message says what is in the file
            throw malformed(file);
        }
        byte[] again =
                Base64.getEncoder().encode(key); // the last character has bits that no byte needs: they must be 0
        boolean whole = key.length == KEY_BYTES && Arrays.equals(again, text);
        Arrays.fill(again, (byte) 0);
        if (!whole) {
            Arrays.fill(key, (byte) 0);
            throw malformed(file);
        }
        if (isZero(key)) {
            throw new CredentialException(file, "is all zeros, which is no secret", MAKE_ONE);
        }
        return key;
    }

    private static CredentialException malformed(Path file) {
        return new CredentialException(
                file,
                "holds no pre-shared key: 32 bytes in base64, which are 44 characters, and nothing else",
                MAKE_ONE + ", or copy the peer's again");
    }

    private static boolean isZero(byte[] key) {
        int bits = 0;
        for (byte each : key) {
            bits |= each;
        }
        return bits == 0;
    }
}
