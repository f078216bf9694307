package org.culvert.core.config;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BrokenConfigTest {
    @TempDir
    Path folder;

    static List<BrokenConfig> broken() throws IOException {
        return BrokenConfig.all();
    }

    @ParameterizedTest
    @MethodSource("broken")
    void isRefusedWithLineCauseAndHint(BrokenConfig broken) throws IOException {
        Path file = Files.writeString(folder.resolve("culvert.toml"), broken.text());
        List<Finding> findings =
                assertThrows(ConfigException.class, () -> ConfigFile.load(file)).findings();
        List<String> said = findings.stream()
                .map(finding -> finding.toString().replace(file.toString(), "culvert.toml"))
                .toList();
        assertEquals(String.join("\n", broken.findings()), String.join("\n", said));
        for (Finding finding : findings) {
            assertAll(
                    () -> assertTrue(finding.line() >= 1, "line of " + finding),
                    () -> assertFalse(finding.cause().isEmpty(), "cause of " + finding),
                    () -> assertFalse(finding.hint().isEmpty(), "hint of " + finding));
        }
    }

    @Test
    void areAtLeastForty() throws IOException {
        assertTrue(broken().size() >= 40, "only " + broken().size());
    }

    @Test
    void sayNothingTwice() throws IOException {
        assertEquals(
                broken().size(),
                broken().stream().map(BrokenConfig::title).distinct().count());
    }

    @Test
    void fileThatIsNotThere() {
        assertSaid("no such file; name the configuration with --config FILE", folder.resolve("none.toml"));
    }

    @Test
    void folderInPlaceOfAFile() {
        assertSaid("this is a folder; name a file", folder);
    }

    @Test
    void fileTooLarge() throws IOException {
        Path file = Files.writeString(folder.resolve("large.toml"), "#".repeat(Source.MOST_BYTES + 1));
        assertSaid("larger than 4 MiB; name a configuration", file);
    }

    @Test
    void fileThatIsNotUtf8() throws IOException {
        Path file = Files.write(folder.resolve("latin1.toml"), new byte[] {'#', '\n', '#', ' ', (byte) 0xfc, '\n'});
        ConfigException refused = assertThrows(ConfigException.class, () -> ConfigFile.load(file));
        assertEquals(file + ":2: not UTF-8; save the file as UTF-8", refused.getMessage());
    }

    @Test
    void listsWithoutEnd() throws IOException {
        Path file = Files.writeString(folder.resolve("deep.toml"), "a = " + "[".repeat(100_000));
        assertThrows(ConfigException.class, () -> ConfigFile.load(file));
    }

    /** Mutation seed 108637: a check inside tomlj 2.2.0 fails on a comment behind a broken head. */
    @Test
    void textTheParserItselfGivesUpOn() throws IOException {
        Path file = Files.writeString(folder.resolve("culvert.toml"), "[gate#y = \"ho\u0015key = y\"\n");
        assertThrows(ConfigException.class, () -> ConfigFile.load(file));
    }

    @Test
    void findingsWithoutEnd() throws IOException {
        StringBuilder text = new StringBuilder("[gateway]\n");
        for (int i = 0; i < 1_000; i++) {
            text.append("nonsense").append(i).append(" = 1\n");
        }
        Path file = Files.writeString(folder.resolve("culvert.toml"), text);
        List<Finding> findings =
                assertThrows(ConfigException.class, () -> ConfigFile.load(file)).findings();
        assertEquals(Findings.MOST + 1, findings.size());
        assertEquals("903 more findings from here on", findings.getLast().cause());
    }

    private static void assertSaid(String said, Path file) {
        ConfigException refused = assertThrows(ConfigException.class, () -> ConfigFile.load(file));
        assertEquals(file + ": " + said, refused.getMessage());
    }
}
