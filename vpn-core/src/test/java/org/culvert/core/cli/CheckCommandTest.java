package org.culvert.core.cli;

import static org.culvert.core.cli.CommandRun.culvert;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {
    private static final String GATEWAY = """
            [gateway]
            key = "tokyo/host.key"
            certificate = "tokyo/host.crt"
            trust = "ca/ca.crt"
            """;

    @TempDir
    Path folder;

    @BeforeEach
    void certify() {
        culvert("ca", "init", "--dir", folder.resolve("ca"), "--name", "Example CA", "--no-passphrase");
        certify("tokyo", "10.1.0.0/24");
        certify("osaka", "10.2.0.0/16");
        certify("kyoto", "10.2.7.0/24");
    }

    @Test
    void saysWhatWouldRun() throws IOException {
        Path config = write(GATEWAY + """
                transit = true
                listen = "[::]:1641"
                control = "run.sock"
                [tun]
                mtu = 1404
                persistent = true
                [[peer]]
                name = "osaka"
                certificate = "osaka/host.crt"
                endpoint = "192.0.2.2:1640"
                networks = ["10.2.0.0/16"]
                suites = ["aes-256-gcm", "aes-128-gmac"]
                [[peer]]
                name = "kyoto"
                certificate = "kyoto/host.crt"
                networks = ["10.2.7.0/24"]
                """);
        assertEquals(
                new CommandRun(
                        0,
                        config + ": good\n"
                                + "  listens on [::]:1641, answers commands at "
                                + folder.resolve("run.sock")
                                + "\n"
                                + """
                                  TUN culvert0, MTU 1404, persistent, transit
                                  peer osaka at 192.0.2.2:1640: 10.2.0.0/16; sends aes-256-gcm
                                  peer osaka: packets may travel in CLEAR (aes-128-gmac signs, it does not hide)
                                  peer kyoto, which speaks first: 10.2.7.0/24; sends aes-128-gcm
                                  10.2.7.0/24 goes to kyoto, the rest of 10.2.0.0/16 to osaka
                                """.indent(0),
                        ""),
                culvert("check", "--config", config));
    }

    @Test
    void saysThatNothingIsLinkedYet() throws IOException {
        Path config = write(GATEWAY);
        assertEquals(
                config + ": good\n"
                        + "  listens on 0.0.0.0:1640, answers commands at /run/culvert/culvert.sock\n"
                        + "  TUN culvert0, MTU of the outgoing link less overhead\n"
                        + "  no peers: nothing is linked yet\n",
                culvert("check", "--config", config).out());
    }

    @Test
    void warnsOfARuleThatCanNeverMatch() throws IOException {
        Path config = write(GATEWAY + """
                [[peer]]
                name = "osaka"
                certificate = "osaka/host.crt"
                [[allow]]
                name = "mail"
                to = ["10.9.0.25/32"]
                [[allow]]
                name = "telnet"
                to = ["10.2.0.9/32"]
                """);
        CommandRun run = culvert("check", "--config", config);
        assertEquals(0, run.code());
        assertEquals(
                "culvert: warning: " + config
                        + ":9: rule `mail` can never match: neither this gateway nor a peer has any"
                        + " network of `to`; correct it, or take it out\n",
                run.err());
    }

    @Test
    void saysAllThatIsWrongWithTheFile() throws IOException {
        Path config = write("""
                [gateway]
                kye = "tokyo/host.key"
                certificate = "tokyo/host.crt"
                trust = "ca/ca.crt"
                listen = "0.0.0.0"
                """);
        assertEquals(
                new CommandRun(
                        2,
                        "",
                        "culvert: " + config + ":1: [gateway] has no `key`; add key = \"host.key\"\n"
                                + "culvert: " + config + ":2: unknown key `kye` in [gateway]; did you mean `key`?\n"
                                + "culvert: " + config + ":5: `0.0.0.0` has no port; write 0.0.0.0:1640 for IPv4,"
                                + " [::]:1640 for both families, or one address of this host\n"),
                culvert("check", "--config", config));
    }

    @Test
    void saysWhatIsWrongWithTheFilesItNames() throws IOException {
        Files.setPosixFilePermissions(folder.resolve("tokyo/host.key"), PosixFilePermissions.fromString("rw-r--r--"));
        Path config = write(GATEWAY + """
                [[peer]]
                name = "osaka"
                certificate = "osaka/none.crt"
                """);
        CommandRun run = culvert("check", "--config", config);
        assertEquals(2, run.code());
        assertEquals("", run.out());
        String[] lines = run.err().split("\n");
        assertEquals(2, lines.length, run.err());
        assertEquals(
                "culvert: " + config + ":2: " + folder.resolve("tokyo/host.key"),
                lines[0].substring(0, lines[0].indexOf(": readable")));
        assertEquals(
                "culvert: " + config + ":7: " + folder.resolve("osaka/none.crt"),
                lines[1].substring(0, lines[1].indexOf(": no such")));
    }

    private void certify(String name, String network) {
        Path own = folder.resolve(name);
        culvert("host", "request", "--dir", own, "--name", name, "--network", network);
        CommandRun signed = culvert(
                "ca",
                "sign",
                "--dir",
                folder.resolve("ca"),
                "--yes",
                "--allow-overlap",
                "--out",
                own.resolve("host.crt"),
                own.resolve("host.csr"));
        assertEquals(0, signed.code(), signed.err());
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("culvert.toml"), text);
    }
}
