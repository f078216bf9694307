package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A host's certificate is renewed, and its key changed, by the real commands, while datagrams and a TCP connection run that may lose nothing. */
class KeyChangeLabTest extends TwoSiteLab {
    private static final Duration SOON = Duration.ofSeconds(15);

    private Status here;
    private Status there;

    @Override
    void prepare() throws Exception {
        configureBoth();
        withMode("required");
        startBoth();
    }

    @BeforeEach
    void linked() throws Exception {
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        here = tokyo.status();
        there = birlinghoven.status();
    }

    private Finished culvert(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(Product.CULVERT));
        command.addAll(List.of(words));
        return Programs.runIn(folder, command).succeeded();
    }

    private static void reload(Office office) throws Exception {
        Finished reload = office.daemon().ask("reload");
        assertEquals(0, reload.code(), reload.err());
    }

    /** As the status says it, when it does. */
    private static void awaitReason(Office office, String text) throws Exception {
        Await.until(
                office.name() + " says \"" + text + "\"",
                SOON,
                () -> office.peerStatus().path("reason").asText().contains(text));
    }

    private void assertNothingDroppedSince() throws Exception {
        assertEquals(0, tokyo.status().since(here).allDrops(), () -> "tokyo drops");
        assertEquals(0, birlinghoven.status().since(there).allDrops(), () -> "birlinghoven drops");
    }

    private void signNew() throws Exception {
        Files.deleteIfExists(folder.resolve("tokyo/host.new.key"));
        Files.deleteIfExists(folder.resolve("tokyo/host.new.crt"));
        culvert("host", "renew", "--dir", "tokyo", "--new-key");
        culvert("ca", "sign", "--dir", "ca", "--yes", "--force", "--out", "tokyo/host.new.crt", "tokyo/host.csr");
    }

    @Test
    void aRenewedCertificateLosesNothing() throws Exception {
        try (NumberedFlow out = NumberedFlow.start(tokyo, birlinghoven);
                NumberedFlow back = NumberedFlow.start(birlinghoven, tokyo)) {
            out.more(50);
            culvert("host", "renew", "--dir", "tokyo");
            culvert("ca", "sign", "--dir", "ca", "--yes", "--force", "--out", "tokyo/host.crt", "tokyo/host.csr");
            for (Office office : List.of(birlinghoven, tokyo)) {
                reload(office);
                out.more(50);
            }
            report(
                    "renewed with the same key: %d datagrams and numbers in a TCP stream there, %d back, none lost",
                    out.endWithNothingLost(), back.endWithNothingLost());
        }
        assertNothingDroppedSince();
    }

    @Test
    void aChangeOfKeysLosesNothingWhenThePeerComesFirst() throws Exception {
        changeOfKeys(List.of(this::bothCertificatesAtThePeer, this::bothKeysAtTheHost));
    }

    @Test
    void aChangeOfKeysLosesNothingWhenTheHostComesFirst() throws Exception {
        changeOfKeys(List.of(this::bothKeysAtTheHost, this::bothCertificatesAtThePeer));
    }

    /** The same where no keys but those of certificates protect packets. */
    @Test
    @Tag("nightly")
    void aChangeOfKeysLosesNothingInModeOff() throws Exception {
        mode("required", "off");
        try {
            changeOfKeys(List.of(this::bothCertificatesAtThePeer, this::bothKeysAtTheHost));
        } finally {
            mode("off", "required");
        }
    }

    private void mode(String from, String to) throws Exception {
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure("forward-secrecy = \"" + from + '"', "forward-secrecy = \"" + to + '"');
            reload(office);
        }
        linked();
    }

    private interface Step {
        void go() throws Exception;
    }

    private void bothCertificatesAtThePeer() throws Exception {
        birlinghoven.reconfigure("\"../tokyo/host.crt\"", "[\"../tokyo/host.crt\", \"../tokyo/host.new.crt\"]");
        reload(birlinghoven);
    }

    private void bothKeysAtTheHost() throws Exception {
        tokyo.reconfigure("\"host.key\"", "[\"host.key\", \"host.new.key\"]");
        tokyo.reconfigure("\"host.crt\"", "[\"host.crt\", \"host.new.crt\"]");
        assertEquals(0, tokyo.daemon().ask("check").code());
        reload(tokyo);
    }

    private void changeOfKeys(List<Step> either) throws Exception {
        String oldKey = Files.readString(folder.resolve("tokyo/host.key"));
        signNew();
        try (NumberedFlow out = NumberedFlow.start(tokyo, birlinghoven);
                NumberedFlow back = NumberedFlow.start(birlinghoven, tokyo)) {
            out.more(30);
            for (Step step : either) {
                step.go();
                out.more(30);
            }
            awaitReason(tokyo, "sends under host.new.crt");
            awaitReason(birlinghoven, "host.new.crt, the newest");
            out.more(30);

            // The old ones go, and the new take their names.
            for (String file : List.of("host.key", "host.crt")) {
                Files.move(
                        folder.resolve("tokyo").resolve(file.replace("host.", "host.new.")),
                        folder.resolve("tokyo").resolve(file),
                        StandardCopyOption.REPLACE_EXISTING);
            }
            tokyo.reconfigure("[\"host.key\", \"host.new.key\"]", "\"host.key\"");
            tokyo.reconfigure("[\"host.crt\", \"host.new.crt\"]", "\"host.crt\"");
            birlinghoven.reconfigure("[\"../tokyo/host.crt\", \"../tokyo/host.new.crt\"]", "\"../tokyo/host.crt\"");
            for (Office office : List.of(tokyo, birlinghoven)) {
                reload(office);
                out.more(30);
            }
            report(
                    "a whole change of keys: %d datagrams and numbers in a TCP stream there, %d back, none lost",
                    out.endWithNothingLost(), back.endWithNothingLost());
        }
        assertNothingDroppedSince();
        assertFalse(oldKey.equals(Files.readString(folder.resolve("tokyo/host.key"))));
        assertTrue(tokyo.peerStatus().path("reason").isNull(), "nothing more to be said");
    }

    @Test
    void whatDoesNotBelongTogetherIsNamed() throws Exception {
        signNew();
        Path config = tokyo.daemon().config();
        String good = Files.readString(config);
        try {
            tokyo.reconfigure("\"host.key\"", "[\"host.key\", \"host.new.key\"]");
            assertRefused("culvert.toml:", "`key` names 2 and `certificate` 1");
            tokyo.reconfigure("\"host.crt\"", "[\"host.new.crt\", \"host.crt\"]");
            assertRefused("is not the key of", "name keys and certificates in the same order");
            Files.writeString(
                    config,
                    good.replace("\"host.crt\"", "[\"host.crt\", \"../birlinghoven/host.crt\"]")
                            .replace("\"host.key\"", "[\"host.key\", \"../birlinghoven/host.key\"]"));
            assertRefused("is for \"tokyo\"", "for \"birlinghoven\"");
        } finally {
            Files.writeString(config, good);
        }
    }

    private void assertRefused(String... words) throws Exception {
        Finished check = tokyo.daemon().ask("check");
        assertEquals(2, check.code(), check.out());
        for (String word : words) {
            assertTrue(check.err().contains(word), check.err());
        }
    }
}
