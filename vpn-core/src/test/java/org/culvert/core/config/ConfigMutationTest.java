package org.culvert.core.config;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Damaged configurations are read or refused; no other exception comes out, and every finding is one line with its place. */
class ConfigMutationTest {
    private static final int ROUNDS = 4_000;
    private static final List<String> SPLINTERS = List.of(
            "[",
            "]",
            "[[",
            "{",
            "}",
            "\"",
            "'",
            "\"\"\"",
            "=",
            ".",
            ",",
            "#",
            "\n",
            "\r\n",
            "\u0000",
            "\\u0000",
            "\\",
            "\uFEFF",
            "true",
            "0x7f",
            "1e400",
            "-0",
            "nan",
            "2026-03-04T05:06:07Z",
            "[gateway]",
            "[[peer]]",
            "[tun]",
            "key = ",
            "name = ",
            "networks = [",
            "\ud800",
            "\u202e",
            "::/0",
            "99999999999999999999");

    @Test
    void areReadOrRefused() throws IOException {
        List<String> seeds = Stream.concat(
                        Stream.of(Files.readString(Path.of("../conf/culvert.toml"))
                                .replaceAll("(?m)^# ([a-z-]+ = )", "$1")),
                        BrokenConfig.all().stream().map(BrokenConfig::text))
                .toList();
        for (int round = 0; round < ROUNDS; round++) {
            Random random = new Random(round);
            String text = damage(seeds.get(random.nextInt(seeds.size())), seeds, random);
            try {
                ConfigFile.load(Path.of("culvert.toml"), text, new Findings(Path.of("culvert.toml")));
            } catch (ConfigException refused) {
                for (Finding finding : refused.findings()) {
                    if (finding.hint().isEmpty() || finding.toString().lines().count() != 1) {
                        fail("seed " + round + ": " + finding);
                    }
                }
            } catch (RuntimeException | Error e) {
                fail("seed " + round + ":\n" + text, e);
            }
        }
    }

    private static String damage(String text, List<String> others, Random random) {
        StringBuilder damaged = new StringBuilder(text);
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(damaged.length() + 1);
            int end = Math.min(damaged.length(), at + 1 + random.nextInt(12));
            switch (random.nextInt(5)) {
                case 0 -> damaged.delete(at, end);
                case 1 -> damaged.insert(at, SPLINTERS.get(random.nextInt(SPLINTERS.size())));
                case 2 -> damaged.replace(at, end, SPLINTERS.get(random.nextInt(SPLINTERS.size())));
                case 3 -> damaged.insert(at, (char) random.nextInt(0x250));
                default -> damaged.insert(at, others.get(random.nextInt(others.size())));
            }
        }
        return damaged.toString();
    }
}
