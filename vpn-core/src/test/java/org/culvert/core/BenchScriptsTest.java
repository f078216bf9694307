package org.culvert.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What `culvert bench` computes and prints, tested in its own language: Python. It needs neither root nor a network. */
class BenchScriptsTest {
    @Test
    void testsOfTheBenchmarkPass() throws Exception {
        boolean needed = "true".equals(System.getenv("CI"));
        assumeTrue(needed || hasPython(), "no python3: apt-get install python3");
        ProcessBuilder builder = new ProcessBuilder(
                        "python3", "-m", "unittest", "discover", "-s", "src/bench/network", "-p", "test_*.py")
                .redirectErrorStream(true);
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertTrue(said.matches("(?s).*\\bRan [1-9]\\d* tests\\b.*"), said);
    }

    private static boolean hasPython() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
