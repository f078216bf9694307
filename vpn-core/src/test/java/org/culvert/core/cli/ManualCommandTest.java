package org.culvert.core.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Model.CommandSpec;

/** Every command and every option a reader of {@code --help} sees stands in a page, and the same product gives the same pages. */
class ManualCommandTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void write() {
        CommandRun run = manual(folder);
        assertEquals(0, run.code(), run.err());
    }

    private static CommandRun manual(Path out) {
        return CommandRun.culvert("manual", "--out", out, "--config", "../conf/culvert.toml", "--date", "2026-11-27");
    }

    private String page(String name) throws IOException {
        return Files.readString(folder.resolve("man").resolve(name));
    }

    @Test
    void eachCommandHasItsPageWithAllItsOptions() throws IOException {
        List<CommandSpec> commands = new ArrayList<>();
        collect(Main.commandLine().getCommandSpec(), commands);
        assertTrue(commands.size() > 25, commands.size() + " commands");
        for (CommandSpec command : commands) {
            String page = page(command.qualifiedName("-") + ".1");
            command.options().stream().filter(option -> !option.hidden()).forEach(option -> {
                String longest = option.longestName().replace("-", "\\-");
                assertTrue(page.contains(longest), command.qualifiedName() + " " + longest);
            });
        }
        try (Stream<Path> pages = Files.list(folder.resolve("man"))) {
            assertEquals(commands.size() + 1, pages.count(), "and one for the configuration");
        }
    }

    private static void collect(CommandSpec command, List<CommandSpec> all) {
        all.add(command);
        ManPage.below(command).forEach(each -> collect(each, all));
    }

    @Test
    void whatIsHiddenStaysHidden() throws IOException {
        assertFalse(Files.exists(folder.resolve("man/culvert-rehearse.1")));
        assertFalse(page("culvert.1").contains("rehearse"));
    }

    @Test
    void ownExitCodesTakeThePlaceOfTheGeneralOnes() throws IOException {
        assertTrue(page("culvert-why.1").contains("it passes, and so do the answers"));
        assertTrue(page("culvert-up.1").contains("wrong use or configuration"));
    }

    @Test
    void whatLooksLikeMarkupIsText() {
        assertEquals("\\&.so /etc/passwd\n", new Roff().line(".so /etc/passwd").toString());
        assertEquals("\\(aqx\\e\n", new Roff().line("'x\\").toString());
    }

    @Test
    void comesOutTheSameTwice() throws IOException {
        Path again = folder.resolve("again");
        assertEquals(0, manual(again).code());
        try (Stream<Path> files = Files.walk(again)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertEquals(-1, Files.mismatch(file, folder.resolve(again.relativize(file))), file.toString());
            }
        }
    }
}
