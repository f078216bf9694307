package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged product starts anywhere, on its own runtime, and keeps stdout to itself. Needs neither root nor network. */
@Tag("lab")
class ProductLabTest {
    private static final Path DIST = Path.of("target/dist").toAbsolutePath();

    @TempDir
    private Path folder;

    @Test
    void startsThroughSymbolicLinksFromAnotherFolder() throws Exception {
        Path first = Files.createSymbolicLink(folder.resolve("first"), DIST.resolve("bin/culvert"));
        Path second = Files.createSymbolicLink(folder.resolve("second"), first);

        Answer answer = start(Map.of(), second.toString(), "--version");
        Files.delete(first); // else JUnit warns that it does not follow it
        assertEquals(0, answer.code, answer.err);
        assertTrue(answer.out.matches("culvert \\d\\S+\n"), answer.out);
        assertEquals("", answer.err);
    }

    @Test
    void needsNoInstalledJavaAndIgnoresItsVariables() throws Exception {
        var environment = Map.of(
                "JAVA_HOME", "/nonexistent",
                "JAVA_TOOL_OPTIONS", "-Xunknown",
                "JDK_JAVA_OPTIONS", "-Xunknown",
                "_JAVA_OPTIONS", "-Xunknown");

        Answer answer = start(environment, DIST.resolve("bin/culvert").toString(), "--version");

        assertEquals(0, answer.code, answer.err);
        assertEquals("", answer.err);
    }

    @Test
    void keepsTheJvmsOwnMessagesOffStdout() throws Exception {
        var environment = Map.of("CULVERT_JAVA_OPTS", "-XX:AOTCache=/nonexistent -Xverify:none");

        Answer answer = start(environment, DIST.resolve("bin/culvert").toString(), "--version");

        assertTrue(answer.out.matches("culvert \\d\\S+\n"), answer.out);
        assertTrue(answer.err.contains("[error][aot]"), answer.err);
        assertTrue(answer.err.contains("VM warning"), answer.err);
    }

    @Test
    void reportsWrongUseWithTwo() throws Exception {
        Answer answer = start(Map.of(), DIST.resolve("bin/culvert").toString(), "no-such-command");

        assertEquals(2, answer.code);
        assertEquals("", answer.out);
        assertTrue(answer.err.contains("no-such-command"), answer.err);
    }

    @Test
    void saysThatTheWorkingFolderIsGone() throws Exception {
        Path gone = folder.resolve("gone");
        String script = "mkdir '%1$s'; cd '%1$s'; rmdir '%1$s'; exec '%2$s' --version"
                .formatted(gone, DIST.resolve("bin/culvert"));

        Answer answer = start(Map.of(), "sh", "-c", script);

        assertEquals(2, answer.code);
        assertEquals("", answer.out);
        assertTrue(answer.err.contains("culvert: the working folder has been removed"), answer.err);
        assertFalse(answer.err.contains("SystemProps"), answer.err);
    }

    @Test
    void shipsJnaUnpackedAndNoWindows() {
        assertTrue(Files.isRegularFile(DIST.resolve("lib/libjnidispatch.so")));
        assertFalse(Files.exists(DIST.resolve("runtime/lib/libawt.so")));
    }

    private record Answer(int code, String out, String err) {}

    private Answer start(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(environment);
        Process process =
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(String.join(" ", command) + " did not end");
        }
        return new Answer(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
