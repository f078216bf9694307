package org.culvert.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** doc/faults.md says something of every fault. That the tests it names are there, DocumentsTest sees. */
class FaultsDocumentTest {
    @Test
    void hasEveryFault() throws IOException {
        String document = Files.readString(Path.of("doc/faults.md"));
        assertEquals(
                List.of(),
                IntStream.rangeClosed(1, 40)
                        .mapToObj(number -> "F" + number)
                        .filter(fault -> !Pattern.compile("\\b" + fault + "\\b")
                                .matcher(document)
                                .find())
                        .toList());
    }
}
