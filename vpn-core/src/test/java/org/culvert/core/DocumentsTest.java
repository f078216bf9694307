package org.culvert.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README and the pages in the doc folders point to is there: tests, other pages and their headings, files. */
class DocumentsTest {
    private static final Path PROJECT = Path.of("..");

    /** With {@code .method} or {@code #method}, or as {@code FooTest: `method`}. What ends in a star or begins with one names many. */
    private static final Pattern TEST =
            Pattern.compile("(?<![*\\w])([A-Z]\\w*Test)\\b(?:[.#](?!java\\b)([a-z]\\w*)|: `([a-z]\\w*)`)?");

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern CODE_BLOCK = Pattern.compile("^```.*?^```", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);

    private final Map<Path, String> pages = pages();

    @Test
    void nameTestsThatThereAre() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (String module : List.of("vpn-tun", "vpn-keymgmt", "vpn-core")) {
            try (Stream<Path> files = Files.walk(PROJECT.resolve(module).resolve("src/test/java"))) {
                files.filter(file -> file.toString().endsWith("Test.java"))
                        .forEach(file ->
                                sources.put(file.getFileName().toString().replace(".java", ""), read(file)));
            }
        }
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (Map.Entry<Path, String> page : pages.entrySet()) {
            for (MatchResult test : TEST.matcher(page.getValue()).results().toList()) {
                named++;
                String method = test.group(2) == null ? test.group(3) : test.group(2);
                String source = sources.get(test.group(1));
                if (source == null || (method != null && !source.contains("void " + method + "("))) {
                    missing.add(page.getKey() + ": " + test.group());
                }
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(named > 150, "only " + named + " tests named");
    }

    @Test
    void linksLeadSomewhere() {
        List<String> dead = new ArrayList<>();
        int links = 0;
        for (Map.Entry<Path, String> page : pages.entrySet()) {
            for (MatchResult link :
                    LINK.matcher(prose(page.getValue())).results().toList()) {
                links++;
                if (!link.group(1).startsWith("https://") && !leadsSomewhere(page.getKey(), link.group(1))) {
                    dead.add(page.getKey() + ": " + link.group(1));
                }
            }
        }
        assertEquals(List.of(), dead);
        assertTrue(links > 150, "only " + links + " links");
    }

    private boolean leadsSomewhere(Path page, String link) {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        if (parts.length == 1 || !target.toString().endsWith(".md")) {
            return Files.exists(target);
        }
        return Files.exists(target) && anchors(read(target)).contains(parts[1]);
    }

    /** As GitHub makes them of headings. */
    private static Set<String> anchors(String page) {
        Map<String, Integer> seen = new HashMap<>();
        Set<String> anchors = new HashSet<>();
        HEADING.matcher(prose(page)).results().forEach(heading -> {
            String text = heading.group(1).replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1");
            String anchor =
                    text.toLowerCase(Locale.ROOT).replaceAll("[^\\w\\- ]", "").replace(' ', '-');
            int before = seen.merge(anchor, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? anchor : anchor + "-" + before);
        });
        return anchors;
    }

    private static String prose(String page) {
        return CODE_BLOCK.matcher(page).replaceAll("");
    }

    private static Map<Path, String> pages() {
        Stream<Path> readme = Stream.of(PROJECT.resolve("README.md"));
        Stream<Path> others = Stream.of("vpn-core/doc", "vpn-keymgmt/doc", "native-notes")
                .flatMap(folder -> list(PROJECT.resolve(folder)))
                .filter(file -> file.toString().endsWith(".md"));
        return Stream.concat(readme, others).collect(Collectors.toMap(Path::normalize, DocumentsTest::read));
    }

    private static Stream<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList().stream();
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
