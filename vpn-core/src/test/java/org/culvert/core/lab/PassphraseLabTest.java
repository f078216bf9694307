package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.culvert.core.demo.Issuing;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Commands that ask, on a real terminal (a pty of script(1)): passphrases twice and unseen, and a yes before anything is signed. */
@Tag("lab")
class PassphraseLabTest {
    private static final String SECRET = "Grün 271828 correct";

    private final Path folder = Path.of("target/lab", "PassphraseLabTest").toAbsolutePath();

    @BeforeEach
    void emptyFolder() throws Exception {
        LabMachine.require("script/bsdutils");
        Product.deleteTree(folder);
        Files.createDirectories(folder);
    }

    private Conversation talk(String words) throws Exception {
        String line = "stty -echoctl; cd '" + folder + "' && '" + Product.CULVERT + "' " + words + "; echo \"code $?\"";
        return Conversation.start(List.of("script", "-qfec", line, "/dev/null"));
    }

    @Test
    void twoUnlikePassphrasesAreRefusedAndNothingIsWritten() throws Exception {
        try (Conversation init = talk("ca init --dir ca --name 'Example CA'")) {
            init.hear("New passphrase for ca/ca.key: ").say(SECRET);
            init.hear("Once more: ").say(SECRET + "!");
            init.hear("the two passphrases are not the same, or empty; nothing was written")
                    .hear("code 2");
            assertFalse(init.heard().contains("271828"), "what was typed is not seen");
        }
        assertFalse(Files.exists(folder.resolve("ca")));
        try (Conversation init = talk("ca init --dir ca --name 'Example CA'")) {
            init.hear("New passphrase for ca/ca.key: ").say("");
            init.hear("Once more: ").say("");
            init.hear("or empty; nothing was written").hear("code 2");
        }
        assertFalse(Files.exists(folder.resolve("ca")));
    }

    @Test
    void aTypedPassphraseOpensTheKeyAndSigningAsksForAYes() throws Exception {
        try (Conversation init = talk("ca init --dir ca --name 'Example CA'")) {
            init.hear("New passphrase for ca/ca.key: ").say(SECRET);
            init.hear("Once more: ").say(SECRET);
            init.hear("encrypted with the passphrase").hear("code 0");
            assertFalse(init.heard().contains("271828"), "what was typed is not seen");
        }
        assertTrue(Files.readString(folder.resolve("ca/ca.key")).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
        Programs.runIn(folder, Issuing.request(Product.CULVERT, "tokyo", "tokyo", List.of("10.1.0.0/24")))
                .succeeded();
        String sign = "ca sign --dir ca --out tokyo/host.crt tokyo/host.csr";
        try (Conversation no = talk(sign)) {
            no.hear("Sign this? [y/N] ").say("n");
            no.hear("not signed").hear("code 1");
        }
        try (Conversation wrong = talk(sign)) {
            wrong.hear("Sign this? [y/N] ").say("y");
            wrong.hear("Passphrase of ca/ca.key: ").say("open please");
            wrong.hear("wrong passphrase").hear("code 2");
        }
        assertFalse(Files.exists(folder.resolve("tokyo/host.crt")));
        try (Conversation right = talk(sign)) {
            right.hear("Sign this? [y/N] ").say("yes");
            right.hear("Passphrase of ca/ca.key: ").say(SECRET);
            right.hear("signed: tokyo/host.crt").hear("code 0");
        }
    }
}
