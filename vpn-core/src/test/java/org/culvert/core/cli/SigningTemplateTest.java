package org.culvert.core.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ca sign --template}: many sites, looked at together, signed together or not at all. */
class SigningTemplateTest {
    @TempDir
    private Path folder;

    private Path ca;

    @BeforeEach
    void makeAuthority() {
        ca = folder.resolve("ca");
        run(0, "ca", "init", "--dir", ca, "--name", "Example CA", "--no-passphrase");
    }

    private static CommandRun run(int code, Object... arguments) {
        CommandRun run = CommandRun.culvert(arguments);
        assertEquals(code, run.code(), run::toString);
        return run;
    }

    private String request(String name, String network) {
        String said = run(0, "host", "request", "--dir", folder.resolve(name), "--name", name, "--network", network)
                .out();
        return said.lines()
                .filter(line -> line.startsWith("  key  "))
                .findFirst()
                .orElseThrow()
                .replaceFirst(".* ", "");
    }

    private Path template(String text) throws Exception {
        return Files.writeString(folder.resolve("sites.toml"), text);
    }

    private int issued() {
        return (int) run(0, "ca", "list", "--dir", ca).out().lines().count();
    }

    @Test
    void signsAllSitesWithOneConfirmation() throws Exception {
        String print = request("tokyo", "10.1.0.0/24");
        request("bern", "10.2.0.0/24");
        Path template = template("""
                [[site]]
                request  = "tokyo/host.csr"
                out      = "tokyo/host.crt"
                name     = "tokyo"
                networks = ["10.1.0.0/24"]
                key      = "%s"
                [[site]]
                request  = "bern/host.csr"
                out      = "bern/host.crt"
                days     = 30
                """.formatted(print));
        CommandRun unasked = run(2, "ca", "sign", "--dir", ca, "--template", template);
        assertTrue(unasked.err().contains("--yes") && unasked.out().contains(print), unasked::toString);
        assertEquals(0, issued(), "shown, not signed");

        CommandRun signed = run(0, "ca", "sign", "--dir", ca, "--yes", "--template", template);
        assertTrue(signed.out().contains("(365 days)") && signed.out().contains("(30 days)"), signed::toString);
        assertEquals(2, issued());
        for (String name : List.of("tokyo", "bern")) {
            run(
                    0,
                    "cert",
                    "verify",
                    "--trust",
                    ca.resolve("ca.crt"),
                    "--name",
                    name,
                    folder.resolve(name + "/host.crt"));
        }
        assertTrue(
                run(0, "ca", "log", "--dir", ca, "--verify").out().startsWith("3 entries"),
                "a line for each in the journal");

        CommandRun again = run(2, "ca", "sign", "--dir", ca, "--yes", "--template", template);
        assertTrue(again.err().contains("already there"), again::toString);
        CommandRun renewed = run(0, "ca", "sign", "--dir", ca, "--yes", "--force", "--template", template);
        assertTrue(renewed.out().contains("renews"), renewed::toString);
    }

    @Test
    void namesEverythingThatIsWrongAndSignsNothing() throws Exception {
        request("tokyo", "10.1.0.0/24");
        request("bern", "10.1.0.128/25");
        request("lima", "10.3.0.0/24");
        Path template = template("""
                [[site]]
                request = "tokyo/host.csr"
                out     = "tokyo/host.crt"
                name    = "kyoto"
                [[site]]
                request = "bern/host.csr"
                out     = "bern/host.crt"
                [[site]]
                request = "nowhere.csr"
                out     = "nowhere.crt"
                [[site]]
                request  = "lima/host.csr"
                out      = "lima/host.crt"
                networks = ["10.3.0.0/25"]
                days     = 9000
                """);
        CommandRun refused = run(2, "ca", "sign", "--dir", ca, "--yes", "--template", template);
        for (String part : List.of(
                "sites.toml:4: the request",
                "asks for name tokyo, not kyoto",
                "sites.toml:6: ",
                "10.1.0.128/25 overlaps 10.1.0.0/24 of tokyo",
                "sites.toml:9: ",
                "nowhere.csr: no such file",
                "sites.toml:14: ",
                "after the CA itself")) {
            assertTrue(refused.err().contains(part), () -> part + " is not in " + refused);
        }
        assertEquals(0, issued());
        assertFalse(Files.exists(folder.resolve("tokyo/host.crt")));
    }

    @Test
    void isAsStrictAsAConfiguration() throws Exception {
        request("tokyo", "10.1.0.0/24");
        Path template = template("""
                days = 3
                [[site]]
                request = "tokyo/host.csr"
                out     = "tokyo/host.crt"
                network = ["10.1.0.0/24"]
                [[site]]
                request = "tokyo/host.csr"
                key     = "AB:CD"
                days    = 0
                """);
        CommandRun refused = run(2, "ca", "sign", "--dir", ca, "--yes", "--template", template);
        for (String part : List.of(
                "sites.toml:1: unknown table or key `days`",
                "sites.toml:5: unknown key `network` in [[site]]; did you mean `networks`?",
                "sites.toml:6: [[site]] has no `out`",
                "sites.toml:7: `tokyo/host.csr` stands on line 3 already",
                "sites.toml:8: `AB:CD` is no fingerprint",
                "sites.toml:9: `days` is 0")) {
            assertTrue(refused.err().contains(part), () -> part + " is not in " + refused);
        }
        assertEquals(0, issued());
    }

    @Test
    void oneOrTheOther() throws Exception {
        request("tokyo", "10.1.0.0/24");
        Path template = template("");
        run(2, "ca", "sign", "--dir", ca, "--yes");
        run(2, "ca", "sign", "--dir", ca, "--yes", folder.resolve("tokyo/host.csr"));
        run(
                2,
                "ca",
                "sign",
                "--dir",
                ca,
                "--yes",
                "--template",
                template,
                "--out",
                folder.resolve("x.crt"),
                folder.resolve("tokyo/host.csr"));
        assertTrue(
                run(2, "ca", "sign", "--dir", ca, "--yes", "--template", template)
                        .err()
                        .contains("there is no [[site]]"),
                "an empty one");
    }
}
