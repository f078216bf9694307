package org.culvert.core.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
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
import org.slf4j.LoggerFactory;

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

    /** A disk that lost a line is no reason to send under static keys again. */
    @Test
    void agreementsAreKeptOutOfADamagedFile() throws IOException {
        Path file = folder.resolve("state");
        new StateFile(5_000_000_123L, Map.of(), Set.of("bonn", "gw-7.osaka.example")).write(file);
        String text = Files.readString(file);
        Files.writeString(file, text.replace("clock-ticks=5", "clock-ticks=?"));
        assertEquals(new StateFile(0, Map.of(), Set.of("bonn", "gw-7.osaka.example")), StateFile.readOrNone(file));
        Files.writeString(
                file, text.substring(0, text.indexOf("clock-ticks")) + "\\u12\nepoch-keys.bonn=agreed\nepoch-k");
        assertEquals(new StateFile(0, Map.of(), Set.of("bonn")), StateFile.readOrNone(file));
        Files.write(file, new byte[] {(byte) 0xc3, 0x28, 0});
        assertEquals(StateFile.NONE, StateFile.readOrNone(file));
    }

    /** What is lost is more than replay protection, and there is a setting that does not depend on it. */
    @Test
    void whoReadsThatTheFileIsLostReadsWhatThatMeans() throws IOException {
        Path file = folder.resolve("state");
        Files.writeString(file, "clock-ticks=x7\nepoch-keys.bonn=agreed\n");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(StateFile.class);
        log.start();
        logger.addAppender(log);
        try {
            StateFile.readOrNone(file);
        } finally {
            logger.detachAppender(log);
        }
        String said = log.list.getFirst().getFormattedMessage();
        assertTrue(said.contains("peers in mode \"preferred\", but for bonn, send under static keys"), said);
        assertTrue(said.contains("forward-secrecy = \"required\""), said);
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
