package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateFileTest {
    @TempDir
    private Path folder;

    @Test
    void readsWhatItWroteAndLeavesNothingBeside() throws IOException {
        Path file = folder.resolve("not/there/yet.state");
        StateFile state = new StateFile(
                32_623_456_789_012L,
                Map.of("bonn", -4711L, "gw-7.osaka.example", 12_345_678L),
                Set.of("bonn", "gw-7.osaka.example"));
        state.write(file);
        assertEquals(state, StateFile.read(file));
        assertEquals(OptionalLong.of(-4711), state.skewOf("bonn"));
        assertEquals(OptionalLong.empty(), state.skewOf("oslo"));
        assertFalse(Files.exists(file.resolveSibling("yet.state.new")));
    }

    @Test
    void noFileIsNoState() throws IOException {
        assertEquals(StateFile.NONE, StateFile.read(folder.resolve("none")));
    }

    @Test
    void failedWriteLeavesTheOldFileWhole() throws IOException {
        Path file = folder.resolve("state");
        StateFile old = new StateFile(5_000_000_123L, Map.of("bonn", 77L), Set.of());
        old.write(file);
        Files.createDirectory(folder.resolve("state.new"));
        assertThrows(IOException.class, () -> new StateFile(6_000_000_124L, Map.of(), Set.of()).write(file));
        assertEquals(old, StateFile.read(file));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "clock-ticks=",
                "clock-ticks=x7",
                "clock-ticks=99999999999999999999",
                "\\u12",
                "skew-ticks.bonn=1"
            })
    void fileThatIsNotOursIsReportedAndCountsAsLost(String content) throws IOException {
        Path file = folder.resolve("state");
        Files.writeString(file, content);
        IOException e = assertThrows(IOException.class, () -> StateFile.read(file));
        assertEquals(true, e.getMessage().startsWith(file.toString()), e.getMessage());
        assertEquals(StateFile.NONE, StateFile.readOrNone(file));
    }
}
