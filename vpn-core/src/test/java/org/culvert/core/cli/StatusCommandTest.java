package org.culvert.core.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.culvert.core.control.socket.ControlSocket;
import org.culvert.core.control.socket.StatusHandler;
import org.culvert.core.status.Samples;
import org.culvert.core.status.StatusJson;
import org.culvert.core.status.StatusText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class StatusCommandTest {
    @TempDir
    Path folder;

    @Test
    void showsWhatTheDaemonSays() throws IOException {
        try (ControlSocket _ = daemon()) {
            assertEquals(
                    new CommandRun(0, StatusText.of(Samples.tokyo()), ""),
                    CommandRun.culvert("status", "--control", socket()));
            assertEquals(
                    new CommandRun(0, StatusJson.of(Samples.tokyo()), ""),
                    CommandRun.culvert("status", "--json", "--control", socket()));
        }
    }

    @Test
    void findsTheDaemonOfAConfiguration() throws IOException {
        Path config = Files.writeString(
                folder.resolve("culvert.toml"),
                "[gateway]\ncontrol = \"culvert.sock\"\nhalf = \"way through a change\"\n");
        try (ControlSocket _ = daemon()) {
            assertEquals(0, CommandRun.culvert("status", "--config", config).code());
        }
    }

    @ParameterizedTest
    @CsvSource({"birlinghoven, 0", "osaka, 1"})
    void saysByItsExitCodeWhetherAPeerIsUp(String peer, int code) throws IOException {
        try (ControlSocket _ = daemon()) {
            CommandRun run = CommandRun.culvert("status", peer, "--control", socket());
            assertEquals(code, run.code());
            assertTrue(run.out().contains("\n" + peer + ": "), run.out());
            assertEquals(
                    code,
                    CommandRun.culvert("status", "--json", peer, "--control", socket())
                            .code());
        }
    }

    @Test
    void refusesAPeerThatIsNotThere() throws IOException {
        try (ControlSocket _ = daemon()) {
            assertEquals(
                    new CommandRun(2, "", "culvert: kyoto&x=%: no such peer; there are birlinghoven, osaka\n"),
                    CommandRun.culvert("status", "kyoto&x=%", "--control", socket()));
        }
    }

    @Test
    void saysThatNoDaemonRuns() {
        assertEquals(
                new CommandRun(
                        3,
                        "",
                        "culvert: " + socket()
                                + ": no culvert runs there; start it with `culvert run`, or name its socket"
                                + " with --control or --config\n"),
                CommandRun.culvert("status", "--control", socket()));
    }

    @Test
    void saysThatTheDaemonIsBusy() throws IOException {
        StatusHandler busy = new StatusHandler(() -> {
            throw new TimeoutException();
        });
        try (ControlSocket _ = ControlSocket.open(socket(), List.of(busy))) {
            assertEquals(
                    new CommandRun(3, "", "culvert: " + socket() + ": the daemon is busy; try again\n"),
                    CommandRun.culvert("status", "--control", socket()));
        }
    }

    @Test
    void refusesTwoDaemonsAtOnceAndAConfigurationThatIsNotOne() {
        assertEquals(
                2,
                CommandRun.culvert("status", "--control", "a", "--config", "b").code());
        CommandRun missing = CommandRun.culvert("status", "--config", folder.resolve("none.toml"));
        assertEquals(2, missing.code());
        assertEquals(
                "culvert: " + folder.resolve("none.toml")
                        + ": no such file; name the configuration with --config FILE\n",
                missing.err());
    }

    private ControlSocket daemon() throws IOException {
        return ControlSocket.open(socket(), List.of(new StatusHandler(Samples::tokyo)));
    }

    private Path socket() {
        return folder.resolve("culvert.sock");
    }
}
