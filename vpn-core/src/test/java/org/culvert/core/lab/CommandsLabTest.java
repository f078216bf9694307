package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.Test;

/** The commands on a running gateway, with the files a real one has. */
class CommandsLabTest extends TwoSiteLab {
    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "openssl"};
    }

    @Test
    void controlSocketIsForRootAndItsGroupOnly() throws Exception {
        Path socket = folder.resolve("tokyo/run/culvert.sock");

        assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())));
    }

    @Test
    void checkFindsNothingInAGoodConfigurationAndChangesNothing() throws Exception {
        Finished check = tokyo.daemon().ask("check");

        assertEquals(0, check.code(), check.err());
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
    }

    @Test
    void checkNamesFileAndLineOfWhatIsWrong() throws Exception {
        Path broken = folder.resolve("tokyo/broken.toml");
        Files.writeString(
                broken,
                Files.readString(tokyo.daemon().config()).replace("endpoint    =", "endpont     =")
                        + "\n[tun]\nmtu = 12\n");

        Finished check = tokyo.gateway().run(Product.CULVERT, "check", "--config", broken.toString());

        assertEquals(2, check.code(), check.out());
        assertTrue(check.err().contains(broken + ":12: "), check.err());
        assertTrue(check.err().contains("endpoint"), check.err());
        assertTrue(check.err().contains(broken + ":15: "), check.err());
    }

    @Test
    void runRefusesABrokenConfigurationBeforeTouchingAnything() throws Exception {
        Path broken = folder.resolve("tokyo/broken-run.toml");
        Files.writeString(
                broken, Files.readString(tokyo.daemon().config()).replace("198.51.100.2:1640", "198.51.100.256:1640"));

        Finished run = tokyo.gateway().run(Product.CULVERT, "run", "--config", broken.toString());

        assertEquals(2, run.code(), run.out());
        assertTrue(run.err().contains(broken + ":12: "), run.err());
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
    }

    @Test
    void keyThatOthersCanReadIsRefused() throws Exception {
        Path readable = Files.createDirectories(folder.resolve("readable"));
        for (Path file : Set.of(folder.resolve("tokyo/host.key"), folder.resolve("tokyo/host.crt"))) {
            Files.copy(file, readable.resolve(file.getFileName()));
        }
        Files.setPosixFilePermissions(readable.resolve("host.key"), PosixFilePermissions.fromString("rw-r--r--"));
        Path config = readable.resolve("culvert.toml");
        Files.copy(tokyo.daemon().config(), config);

        Finished check = tokyo.gateway().run(Product.CULVERT, "check", "--config", config.toString());

        assertEquals(2, check.code(), check.out());
        assertTrue(check.err().contains("host.key"), check.err());
        assertTrue(check.err().contains("chmod 600"), check.err());
    }

    @Test
    void statusOfADaemonThatDoesNotRunIsRefused() throws Exception {
        Path config = folder.resolve("tokyo/nobody.toml");
        Files.writeString(
                config, Files.readString(tokyo.daemon().config()).replace("/run/culvert.sock", "/run/nobody.sock"));

        Finished status = tokyo.gateway().run(Product.CULVERT, "status", "--config", config.toString());

        assertEquals(3, status.code(), status.out());
        assertTrue(status.err().contains("nobody.sock"), status.err());
    }

    @Test
    void jsonStatusHasNothingElseOnStdout() throws Exception {
        Finished status = tokyo.daemon().ask("status", "--json").succeeded();

        assertEquals(
                "birlinghoven",
                new ObjectMapper().readTree(status.out()).at("/peers/0/name").asText());
        assertEquals("", status.err());
    }

    @Test
    void humanStatusNamesPeerEndpointAndTraffic() throws Exception {
        assertAllAnswered(tokyo.ping(birlinghoven, 3));

        Finished status = tokyo.daemon().ask("status").succeeded();

        assertTrue(status.out().contains("birlinghoven"), status.out());
        assertTrue(status.out().contains("198.51.100.2:1640"), status.out());
    }

    @Test
    void opensslAcceptsTheCertificates() throws Exception {
        for (String site : new String[] {"tokyo", "birlinghoven"}) {
            Finished verify = Programs.run(java.util.List.of(
                    "openssl",
                    "verify",
                    "-CAfile",
                    folder.resolve("ca/ca.crt").toString(),
                    folder.resolve(site).resolve("host.crt").toString()));
            assertEquals(0, verify.code(), verify.err());
            assertTrue(verify.out().contains("host.crt: OK"), verify.out());
        }
    }
}
