package org.culvert.keymgmt.trust;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import org.culvert.keymgmt.issue.NewPreSharedKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreSharedKeyFileTest {
    private static final String GOOD = "UV5reIWSn6y5xtPg7foHFCEuO0hVYm98iZajsL3K1+Q=";

    @TempDir
    private Path folder;

    private Path write(String text, String mode) throws Exception {
        Path file = Files.writeString(folder.resolve("osaka.psk"), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    /** A line end or none, of whatever system: editors and shells differ. */
    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n", "  \n\n"})
    void readsWhatGenpskMakes(String end) throws Exception {
        assertEquals(
                "515e6b7885929facb9c6d3e0edfa0714212e3b4855626f7c8996a3b0bdcad7e4",
                HexFormat.of().formatHex(PreSharedKeyFile.read(write(GOOD + end, "rw-------"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "UV5reIWSn6y5xtPg7foHFCEuO0hVYm98iZajsL3K1+", // cut short
                "UV5reIWSn6y5xtPg7foHFCEuO0hVYm98iZajsL3K1+R=", // bits that no byte needs
                "UV5reIWSn6y5xtPg7foHFCEuO0hVYm98iZajsL3K1+TT", // 33 bytes
                "UV5reIWSn6y5xtPg7foHFCEuO0hVYm98iZajsL3K1w==", // 31 bytes
                "UV5reIWSn6y5xtPg7foHFCEuO0hVYm98iZajsL3K1-Q=", // of another alphabet
                "UV5reIWSn6y5xtPg7foHFCEuO0hVYm98iZajsL3K1+Q=\nUV5reIWSn6y5xtPg7foHFCEuO0hVYm98iZajsL3K1+Q=",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
            })
    void refusesWhatIsNone(String text) throws Exception {
        Path file = write(text, "rw-------");
        CredentialException refused = assertThrows(CredentialException.class, () -> PreSharedKeyFile.read(file));
        assertTrue(refused.hint().contains("culvert host psk"), refused.hint());
        String said = refused + refused.reason();
        assertFalse(text.length() > 8 && said.contains(text.substring(0, 8)), said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----"})
    void refusesWhatOthersMayUse(String mode) throws Exception {
        Path file = write(GOOD, mode);
        CredentialException refused = assertThrows(CredentialException.class, () -> PreSharedKeyFile.read(file));
        assertTrue(refused.reason().startsWith("readable by others"), refused.reason());
    }

    @Test
    void makesPrivateFilesThatAreNeverTheSame() throws Exception {
        Path one = folder.resolve("one.psk");
        Path other = folder.resolve("other.psk");
        NewPreSharedKey.write(one, false);
        NewPreSharedKey.write(other, false);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(one)));
        assertEquals(45, Files.size(one), "44 characters and a line end, as `wg genpsk` prints it");
        assertNotEquals(Files.readString(one), Files.readString(other));
        byte[] before = PreSharedKeyFile.read(one);
        assertThrows(FileAlreadyExistsException.class, () -> NewPreSharedKey.write(one, false));
        assertArrayEquals(before, PreSharedKeyFile.read(one), "what is there stays");
    }
}
