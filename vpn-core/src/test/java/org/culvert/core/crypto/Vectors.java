package org.culvert.core.crypto;

import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assumptions;

/**
 * The Wycheproof files, which lie beside the checkout in {@code ../shared/vectors} and are not part of it. A test
 * skips where the folder is missing and fails in CI.
 */
final class Vectors {
    private Vectors() {}

    /** Hands every vector with its group to {@code each}; the names of both are those of the file's schema. */
    static void forEach(String file, Consumer<Vector> each) {
        for (JsonNode group : read(file).get("testGroups")) {
            for (JsonNode test : group.get("tests")) {
                each.accept(new Vector(group, test));
            }
        }
    }

    static int count(String file) {
        return read(file).get("numberOfTests").asInt();
    }

    record Vector(JsonNode group, JsonNode test) {
        byte[] bytes(String field) {
            return HexFormat.of().parseHex(test.get(field).asText());
        }

        int number(String field) {
            return (test.has(field) ? test : group).get(field).asInt();
        }

        boolean valid() {
            return test.get("result").asText().equals("valid");
        }

        boolean has(String flag) {
            return test.get("flags").toString().contains('"' + flag + '"');
        }

        /** For messages: number, comment and flags. */
        @Override
        public String toString() {
            return "tcId " + test.get("tcId") + ' ' + test.get("comment") + ' ' + test.get("flags");
        }
    }

    private static JsonNode read(String file) {
        try {
            return new ObjectMapper().readTree(find(file));
        } catch (IOException e) {
            return fail(e);
        }
    }

    private static File find(String file) {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path vectors = folder.resolve("shared/vectors").resolve(file);
            if (Files.isReadable(vectors)) {
                return vectors.toFile();
            }
        }
        String missing = "no shared/vectors/" + file + " beside the checkout";
        if ("true".equals(System.getenv("CI"))) {
            fail(missing);
        }
        Assumptions.abort(missing);
        throw new AssertionError("not reached");
    }
}
