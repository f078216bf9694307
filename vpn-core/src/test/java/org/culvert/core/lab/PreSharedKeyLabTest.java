package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.Test;

/** A secret that two live gateways were given beside their certificates: the same, another one, and only on one side. */
class PreSharedKeyLabTest extends TwoSiteLab {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String KEY = "pre-shared-key = \"peer.psk\"\n";

    @Override
    void prepare() throws Exception {
        configureBoth();
        giveBoth();
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure("[[peer]]\n", "[[peer]]\n" + KEY + "forward-secrecy = \"required\"\n");
        }
        startBoth();
    }

    private Path file(Office office) {
        return office.daemon().config().resolveSibling("peer.psk");
    }

    /** A fresh one. */
    private void make(Office office) throws Exception {
        Programs.run(List.of(
                        Product.CULVERT, "host", "psk", "--force", file(office).toString()))
                .succeeded();
    }

    private void giveBoth() throws Exception {
        make(tokyo);
        Files.copy(
                file(tokyo),
                file(birlinghoven),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
    }

    private static void reload(Office office) throws Exception {
        Finished reload = office.daemon().ask("reload");
        assertEquals(0, reload.code(), reload.err());
    }

    private void reloadBoth() throws Exception {
        reload(tokyo);
        reload(birlinghoven);
    }

    private void awaitBothWays() throws Exception {
        awaitReached();
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        assertAllAnswered(birlinghoven.ping(tokyo, 3));
    }

    private static JsonNode keys(Office office) throws Exception {
        return office.peerStatus().path("keys");
    }

    @Test
    void theSameOneCarriesTrafficInEveryMode() throws Exception {
        String before = "required";
        for (String mode : List.of("required", "preferred", "off")) {
            for (Office office : List.of(tokyo, birlinghoven)) {
                office.reconfigure("forward-secrecy = \"" + before + '"', "forward-secrecy = \"" + mode + '"');
            }
            before = mode;
            giveBoth(); // each time another one: a reload takes it
            reloadBoth();
            awaitBothWays();
            for (Office office : List.of(tokyo, birlinghoven)) {
                assertTrue(keys(office).path("pre_shared").asBoolean(), mode);
                assertEquals(
                        mode.equals("off") ? "static" : "epoch",
                        keys(office).path("kind").asText(),
                        mode);
            }
        }
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure("forward-secrecy = \"off\"", "forward-secrecy = \"required\"");
        }
        reloadBoth();
    }

    @Test
    void anotherOneOrNoneLetsNothingPassAndBothSayWhy() throws Exception {
        awaitBothWays();
        make(birlinghoven);
        reload(birlinghoven);
        assertEquals(0, tokyo.ping(birlinghoven, 2, "-W", "1").received());
        for (Office office : List.of(tokyo, birlinghoven)) {
            awaitRemark(office, "the pre-shared key there is another one or none");
            Await.until(
                    "the log says it",
                    SOON,
                    () -> office.daemon().said().contains("it sends under keys that are not those here"));
        }
        for (Finished asked : List.of(
                tokyo.daemon().ask("status"),
                tokyo.daemon().ask("doctor"),
                tokyo.daemon().ask("why", "10.1.0.11", "10.2.0.12"))) {
            String said = asked.out().replaceAll("\\s+", " ");
            assertTrue(said.contains("it sends under keys that are not those here"), asked::toString);
        }

        birlinghoven.reconfigure(KEY, "");
        reload(birlinghoven);
        awaitRemark(birlinghoven, "it has a pre-shared key for us");
        assertEquals(0, birlinghoven.ping(tokyo, 2, "-W", "1").received());

        birlinghoven.reconfigure("[[peer]]\n", "[[peer]]\n" + KEY);
        giveBoth();
        reloadBoth();
        awaitBothWays();
        for (Office office : List.of(tokyo, birlinghoven)) {
            assertTrue(keys(office).path("remark").isNull(), keys(office).toString());
        }
    }

    private static void awaitRemark(Office office, String text) throws Exception {
        Await.until(
                office.name() + " remarks \"" + text + '"',
                SOON,
                () -> keys(office).path("remark").asText().contains(text));
    }
}
