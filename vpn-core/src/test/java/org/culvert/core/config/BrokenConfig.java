package org.culvert.core.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** One block of broken.txt: its title, the text of a configuration, and what is to be said about it. */
record BrokenConfig(String title, String text, List<String> findings) {
    private static final String GATEWAY = """
            [gateway]
            key = "host.key"
            certificate = "host.crt"
            trust = "ca.crt"
            """;
    private static final String PEER = """
            [[peer]]
            name = "osaka"
            certificate = "peers/osaka.crt"
            """;

    static List<BrokenConfig> all() throws IOException {
        try (InputStream in = Objects.requireNonNull(BrokenConfig.class.getResourceAsStream("broken.txt"))) {
            List<BrokenConfig> all = new ArrayList<>();
            String[] blocks = new String(in.readAllBytes(), StandardCharsets.UTF_8).split("(?m)^=== ");
            for (int i = 1; i < blocks.length; i++) {
                all.add(parse(blocks[i]));
            }
            return all;
        }
    }

    private static BrokenConfig parse(String block) {
        int titleEnd = block.indexOf('\n');
        int textEnd = block.indexOf("---\n", titleEnd);
        String text = block.substring(titleEnd + 1, textEnd)
                .replace("@gateway\n", GATEWAY)
                .replace("@peer\n", PEER)
                .replace("\\uFEFF", "\uFEFF");
        List<String> findings = block.substring(textEnd + 4).lines().toList();
        return new BrokenConfig(block.substring(0, titleEnd), text, findings);
    }

    @Override
    public String toString() {
        return title;
    }
}
