package org.culvert.keymgmt.trust;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A file of PEM blocks (RFC 7468), read strictly. Text between blocks is allowed, because {@code openssl x509 -text}
 * writes some; inside a block nothing but base64 is.
 */
public final class PemFile {
    /** A trust file with a thousand CAs fits; a disk image given by mistake is refused before it is read. */
    private static final int LARGEST_MIB = 1;

    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

    private PemFile() {}

    /** One block. The DER is the caller's to wipe when the label says that it is a key. */
    public static final class Block {
        private final String label;
        private final byte[] der;

        private Block(String label, byte[] der) {
            this.label = label;
            this.der = der;
        }

        /** "CERTIFICATE", "PRIVATE KEY". */
        public String label() {
            return label;
        }

        /** The bytes themselves, not a copy. */
        public byte[] der() {
            return der;
        }
    }

    /** All blocks in file order; at least one. */
    public static List<Block> read(Path file) throws CredentialException {
        return read(file, LARGEST_MIB);
    }

    /** The same for what may be larger than a file of certificates. */
    static List<Block> read(Path file, int largestMib) throws CredentialException {
        byte[] bytes = bytes(file, largestMib);
        try {
            return blocks(file, bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** Exactly one block, with this label. */
    public static byte[] readOne(Path file, String label) throws CredentialException {
        List<Block> blocks = read(file);
        if (blocks.size() != 1 || !blocks.getFirst().label().equals(label)) {
            blocks.forEach(block -> Arrays.fill(block.der(), (byte) 0));
            throw new CredentialException(
                    file,
                    "holds " + labels(blocks) + " where exactly one " + label + " is expected",
                    "is this the right file?");
        }
        return blocks.getFirst().der();
    }

    /** One block as a file holds it; the caller wipes what holds a key. */
    public static byte[] block(String label, byte[] der) {
        byte[] begin = (BEGIN + label + DASHES + '\n').getBytes(StandardCharsets.US_ASCII);
        byte[] end = ('\n' + END + label + DASHES + '\n').getBytes(StandardCharsets.US_ASCII);
        byte[] middle = LINES.encode(der);
        byte[] all = Arrays.copyOf(begin, begin.length + middle.length + end.length);
        System.arraycopy(middle, 0, all, begin.length, middle.length);
        System.arraycopy(end, 0, all, begin.length + middle.length, end.length);
        Arrays.fill(middle, (byte) 0);
        return all;
    }

    /** "CERTIFICATE and PRIVATE KEY", for messages. */
    public static String labels(List<Block> blocks) {
        return String.join(" and ", blocks.stream().map(Block::label).limit(4).toList())
                + (blocks.size() > 4 ? " and more" : "");
    }

    private static byte[] bytes(Path file, int largestMib) throws CredentialException {
        int largestBytes = largestMib << 20;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(largestBytes + 1);
            if (bytes.length > largestBytes) {
                throw new CredentialException(file, "larger than " + largestMib + " MiB", "is this the right file?");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new CredentialException(file, "no such file", "", e);
        } catch (AccessDeniedException e) {
            throw FileOwner.denied(file, e);
        } catch (IOException e) {
            throw new CredentialException(file, "cannot be read: " + e.getMessage(), "", e);
        }
    }

    private static List<Block> blocks(Path file, byte[] bytes) throws CredentialException {
        List<Block> blocks = new ArrayList<>();
        Scanner scanner = new Scanner(bytes);
        while (scanner.next()) {
            if (scanner.starts(BEGIN)) {
                String label = label(file, scanner, BEGIN);
                int from = scanner.end;
                do {
                    if (!scanner.next()) {
                        throw bad(file, scanner, label + " has no END line");
                    }
                } while (!scanner.starts(DASHES));
                if (!scanner.starts(END) || !label(file, scanner, END).equals(label)) {
                    throw bad(file, scanner, label + " does not end with its own END line");
                }
                blocks.add(
                        new Block(label, decode(file, scanner, label, Arrays.copyOfRange(bytes, from, scanner.start))));
            } else if (scanner.starts(DASHES)) {
                throw bad(file, scanner, "a PEM line that is neither BEGIN nor END of an open block");
            }
        }
        if (blocks.isEmpty()) {
            throw new CredentialException(
                    file,
                    "holds no PEM block",
                    "a DER file becomes PEM with: openssl x509 -inform DER -in FILE -out FILE.pem");
        }
        return blocks;
    }

    private static byte[] decode(Path file, Scanner at, String label, byte[] text) throws CredentialException {
        byte[] packed = new byte[text.length];
        int length = 0;
        for (byte c : text) {
            if (c != '\n' && c != '\r') {
                packed[length++] = c;
            }
        }
        byte[] exact = Arrays.copyOf(packed, length);
        try {
            if (length == 0 || length % 4 != 0) {
                throw bad(file, at, label + " is cut short");
            }
            return Base64.getDecoder().decode(exact);
        } catch (IllegalArgumentException e) {
            throw bad(file, at, label + " holds something that is not base64");
        } finally {
            Arrays.fill(text, (byte) 0);
            Arrays.fill(packed, (byte) 0);
            Arrays.fill(exact, (byte) 0);
        }
    }

    private static String label(Path file, Scanner line, String start) throws CredentialException {
        String text = line.text();
        if (!text.endsWith(DASHES) || text.length() <= start.length() + DASHES.length()) {
            throw bad(file, line, "a PEM line without its closing dashes");
        }
        return text.substring(start.length(), text.length() - DASHES.length());
    }

    private static CredentialException bad(Path file, Scanner at, String what) {
        return new CredentialException(file, "line " + at.line + ": " + what, "copy the file again");
    }

    /** Walks lines without making a String of each: a key must not stay behind in one. */
    private static final class Scanner {
        private final byte[] bytes;
        private int start;
        private int end;
        private int line;

        Scanner(byte[] bytes) {
            this.bytes = bytes;
        }

        boolean next() {
            if (end >= bytes.length) {
                return false;
            }
            start = end;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            end = Math.min(end + 1, bytes.length);
            line++;
            return true;
        }

        boolean starts(String with) {
            if (end - start < with.length()) {
                return false;
            }
            for (int i = 0; i < with.length(); i++) {
                if (bytes[start + i] != with.charAt(i)) {
                    return false;
                }
            }
            return true;
        }

        String text() {
            return new String(bytes, start, end - start, StandardCharsets.US_ASCII).strip();
        }
    }
}
