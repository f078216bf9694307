package org.culvert.core.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Gets the text of a configuration file. */
final class Source {
    /** Thousands of peers fit; a disk image named by mistake is not read to its end. */
    static final int MOST_BYTES = 4 << 20;

    private Source() {}

    /** Null when there is none; the findings then say why. */
    static @Nullable String read(Path file, Findings findings) {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MOST_BYTES + 1);
        } catch (NoSuchFileException e) {
            findings.add(0, "no such file", "name the configuration with --config FILE");
            return null;
        } catch (AccessDeniedException e) {
            findings.add(0, "permission denied", "run as root or as the user culvert");
            return null;
        } catch (IOException e) {
            boolean folder = Files.isDirectory(file);
            findings.add(0, folder ? "this is a folder" : "cannot be read: " + e.getMessage(), "name a file");
            return null;
        }
        if (bytes.length > MOST_BYTES) {
            findings.add(0, "larger than 4 MiB", "name a configuration");
            return null;
        }
        return decode(bytes, findings);
    }

    private static @Nullable String decode(byte[] bytes, Findings findings) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder(); // reports, does not replace
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, out, true);
        out.flip();
        if (result.isError()) {
            int line = 1 + (int) out.chars().filter(c -> c == '\n').count();
            findings.add(line, "not UTF-8", "save the file as UTF-8");
            return null;
        }
        return out.toString();
    }
}
