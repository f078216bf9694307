package org.culvert.keymgmt.issue;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import org.culvert.keymgmt.trust.CredentialException;
import org.culvert.keymgmt.trust.HostKey;

/** What a CA key is encrypted with, as UTF-8, wiped on close. */
public final class Passphrase implements AutoCloseable {
    private final byte[] utf8;

    private Passphrase(byte[] utf8) {
        this.utf8 = utf8;
    }

    /** Takes what was typed and wipes it. */
    public static Passphrase of(char[] typed) {
        byte[] wide = new byte[4 * typed.length];
        ByteBuffer encoded = ByteBuffer.wrap(wide);
        StandardCharsets.UTF_8
                .newEncoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .encode(CharBuffer.wrap(typed), encoded, true);
        byte[] utf8 = Arrays.copyOf(wide, encoded.position());
        Arrays.fill(wide, (byte) 0);
        Arrays.fill(typed, '\0');
        return new Passphrase(utf8);
    }

    /** Reads the first line of a file that nobody but its owner can read, or of a pipe, which keeps nothing. */
    public static Passphrase read(Path file) throws CredentialException {
        if (Files.isRegularFile(file)) {
            HostKey.refuseIfOpenToOthers(file);
        }
        byte[] bytes = SmallFile.read(file);
        try {
            int end = 0;
            while (end < bytes.length && bytes[end] != '\n' && bytes[end] != '\r') {
                end++;
            }
            if (end == 0) {
                throw new CredentialException(file, "the passphrase is empty", "put it on the first line");
            }
            return new Passphrase(Arrays.copyOf(bytes, end));
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    byte[] utf8() {
        return utf8;
    }

    /** For a token's PIN; a copy that the caller wipes. */
    char[] characters() {
        CharBuffer text = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(utf8));
        char[] characters = Arrays.copyOf(text.array(), text.limit());
        Arrays.fill(text.array(), '\0');
        return characters;
    }

    public boolean isEmpty() {
        return utf8.length == 0;
    }

    /** In constant time, for typing it twice. */
    public boolean sameAs(Passphrase other) {
        return MessageDigest.isEqual(utf8, other.utf8);
    }

    @Override
    public void close() {
        Arrays.fill(utf8, (byte) 0);
    }

    @Override
    public String toString() {
        return "Passphrase(hidden)";
    }

    /** Where a passphrase comes from once it turns out that one is needed. */
    public interface Source {
        /** Asks for the passphrase of this key file. */
        Passphrase ask(Path keyFile) throws CredentialException;
    }
}
