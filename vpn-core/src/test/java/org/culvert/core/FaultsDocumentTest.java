package org.culvert.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** doc/faults.md names tests that there are, and says something of every fault. */
class FaultsDocumentTest {
    private static final Pattern NAMED = Pattern.compile("`([A-Za-z0-9]+Test)(?:\\.([A-Za-z0-9]+))?`");

    private final String document = read(Path.of("doc/faults.md"));

    @Test
    void namesTestsThatThereAre() throws IOException {
        List<Path> sources;
        try (Stream<Path> files = Stream.of("vpn-tun", "vpn-keymgmt", "vpn-core")
                .flatMap(module -> walk(Path.of("..", module, "src/test/java")))) {
            sources = files.toList();
        }
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (Matcher test = NAMED.matcher(document); test.find(); named++) {
            String file = test.group(1) + ".java";
            String method = test.group(2) == null ? "class " + test.group(1) : "void " + test.group(2) + "(";
            boolean there = sources.stream()
                    .anyMatch(source -> source.endsWith(file) && read(source).contains(method));
            if (!there) {
                missing.add(test.group());
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(named > 40, "only " + named + " tests named");
    }

    @Test
    void hasEveryFault() {
        assertEquals(
                List.of(),
                IntStream.rangeClosed(1, 40)
                        .mapToObj(number -> "F" + number)
                        .filter(fault -> !Pattern.compile("\\b" + fault + "\\b")
                                .matcher(document)
                                .find())
                        .toList());
    }

    private static Stream<Path> walk(Path folder) {
        try {
            return Files.walk(folder);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
