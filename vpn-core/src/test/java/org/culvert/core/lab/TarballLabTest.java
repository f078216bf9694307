package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Gateway;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The tar.gz, unpacked somewhere else: it runs there, and brings its manual, completion and list of parts along. */
@Tag("nightly")
class TarballLabTest extends TwoSiteLab {
    private Path unpacked;

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "tar", "mandoc"};
    }

    @Override
    void prepare() throws Exception {
        Path archive = Path.of(Programs.run(List.of(
                        Path.of("src/dist/package").toAbsolutePath().toString(),
                        Product.DIST.toString(),
                        "1.0",
                        folder.toString(),
                        "tar.gz"))
                .succeeded()
                .out()
                .strip());
        Programs.run(List.of("tar", "-C", folder.toString(), "-xzf", archive.toString()))
                .succeeded();
        unpacked = folder.resolve(archive.getFileName().toString().replace(".tar.gz", ""));
        report("tar.gz: %d KB", Files.size(archive) / 1024);
        tokyo = new Office(tokyo.site(), new Gateway(culvert(), tokyo.gateway(), folder.resolve("tokyo")));
        configureBoth();
        startBoth();
    }

    private String culvert() {
        return unpacked.resolve("bin/culvert").toString();
    }

    @Test
    void runsWhereItWasUnpacked() throws Exception {
        assertTrue(
                Programs.run(List.of(culvert(), "--version")).succeeded().out().startsWith("culvert "));
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        assertTrue(tokyo.daemon().ask("status").succeeded().out().contains("birlinghoven"));
        String maps = Files.readString(Path.of("/proc/" + tokyo.daemon().pid() + "/maps"));
        assertFalse(maps.contains(Product.DIST.toString()), "it uses files of where it was built");
        assertFalse(Files.exists(unpacked.resolve("lib/culvert.aot")), "it would be another one at each making");
    }

    /** Who attaches could have the heap written to a file, with the keys in it. The same question to our own JVM is answered. */
    @Test
    void nobodyAttaches() throws Exception {
        assertEquals(0, jcmd(ProcessHandle.current().pid()).code());
        Finished asked = jcmd(tokyo.daemon().pid());
        assertNotEquals(0, asked.code(), asked.out());
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
    }

    private static Finished jcmd(long pid) throws IOException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin/jcmd").toString();
        return Programs.run(List.of(jcmd, Long.toString(pid), "VM.version"));
    }

    @Test
    void manPagesAreWellFormed() throws Exception {
        List<String> lint = new ArrayList<>(List.of("mandoc", "-T", "lint", "-W", "warning"));
        try (Stream<Path> pages = Files.list(unpacked.resolve("man"))) {
            pages.map(Path::toString).forEach(lint::add);
        }
        assertTrue(lint.size() > 30, lint.toString());
        Finished linted = Programs.run(lint);
        assertEquals("", linted.out() + linted.err());
    }

    @Test
    void bashCompletesCommandsAndOptions() throws Exception {
        assertEquals("reload revert\n", completed("culvert re"));
        assertEquals("--passphrase-file\n", completed("culvert ca sign --pa"));
    }

    private String completed(String line) throws IOException {
        return Programs.run(List.of(
                        "bash",
                        "-c",
                        """
                        source "$1"
                        read -ra COMP_WORDS <<<"$2"
                        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$2 COMP_POINT=${#2}
                        _complete_culvert 2>/dev/null # compopt complains outside of a completion
                        echo "${COMPREPLY[@]}"
                        """,
                        "bash",
                        unpacked.resolve("completion/culvert").toString(),
                        line))
                .succeeded()
                .out();
    }

    @Test
    void billOfMaterialsNamesWhatShips() throws Exception {
        JsonNode bill = new ObjectMapper()
                .readTree(unpacked.resolve("sbom/culvert.cdx.json").toFile());
        assertEquals("CycloneDX", bill.path("bomFormat").asText());
        assertEquals(
                "vpn-core", bill.path("metadata").path("component").path("name").asText());
        TreeSet<String> named = new TreeSet<>();
        bill.path("components").forEach(part -> {
            if (part.path("type").asText().equals("library")) {
                named.add(
                        part.path("name").asText() + "-" + part.path("version").asText() + ".jar");
            } else {
                assertEquals("java-runtime", part.path("bom-ref").asText());
                assertEquals(Runtime.version().toString(), part.path("version").asText());
                named.add("runtime");
            }
        });
        TreeSet<String> ships = new TreeSet<>(List.of("runtime"));
        try (Stream<Path> files = Files.list(unpacked.resolve("lib"))) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".jar") && !name.equals("culvert.jar"))
                    .forEach(ships::add);
        }
        assertEquals(ships, named);
    }
}
