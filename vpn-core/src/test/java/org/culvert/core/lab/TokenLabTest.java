package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.demo.Finished;
import org.culvert.core.demo.Gateway;
import org.culvert.core.demo.Programs;
import org.junit.jupiter.api.Test;

/**
 * Keys in a token, which here is SoftHSM: the CA's, and tokyo's, made and used through PKCS#11. The other site has a P-256 key in a file, so
 * both ways of agreeing on a secret meet.
 */
class TokenLabTest extends TwoSiteLab {
    private static final String MODULE = "/usr/lib/softhsm/libsofthsm2.so";

    private Path culvert;
    private Path pin;

    @Override
    String[] programs() {
        return new String[] {"ping/iputils-ping", "softhsm2-util/softhsm2", "openssl"};
    }

    @Override
    void prepare() throws Exception {
        makeToken();
        Product.deleteTree(folder.resolve("ca"));
        culvert("ca", "init", "--dir", "ca", "--name", "Token CA", "--key", uri("ca", pin))
                .succeeded();
        issue("tokyo", uri("tokyo", pin), "10.1.0.0/24", "fd00:1::/64");
        issue("birlinghoven", "p256", "10.2.0.0/24", "fd00:2::/64");
        tokyo = office(tokyo);
        birlinghoven = office(birlinghoven);
        configureBoth();
        withMode("required");
        startBoth();
    }

    /** SoftHSM finds its tokens by an environment variable, so the product is called through a script that sets it. */
    private void makeToken() throws IOException {
        Path tokens = Files.createDirectories(folder.resolve("tokens"));
        Path conf = Files.writeString(
                folder.resolve("softhsm2.conf"), "directories.tokendir = " + tokens + "\nlog.level = ERROR\n");
        culvert = script("with-token", conf, Product.CULVERT);
        Path util = script("token-util", conf, "softhsm2-util");
        pin = secret("pin", "sesame 271828\n");
        Programs.run(List.of(
                        util.toString(),
                        "--init-token",
                        "--free",
                        "--label",
                        "culvert",
                        "--pin",
                        "sesame 271828",
                        "--so-pin",
                        "31415926"))
                .succeeded();
    }

    private Path script(String name, Path conf, String program) throws IOException {
        Path script = Files.writeString(
                folder.resolve(name), "#!/bin/sh\nSOFTHSM2_CONF=" + conf + " exec " + program + " \"$@\"\n");
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    }

    private Path secret(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static String uri(String object, Path pin) {
        return "pkcs11:token=culvert;object=" + object + "?pin-source=file:" + pin + "&module-path=" + MODULE;
    }

    private Finished culvert(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(culvert.toString()));
        command.addAll(List.of(arguments));
        return Programs.runIn(folder, command);
    }

    private void issue(String place, String key, String network4, String network6) throws IOException {
        culvert(
                        "host",
                        "request",
                        "--force",
                        "--dir",
                        place,
                        "--name",
                        place,
                        "--key",
                        key,
                        "--network",
                        network4,
                        "--network",
                        network6)
                .succeeded();
        culvert("ca", "sign", "--dir", "ca", "--yes", "--force", "--out", place + "/host.crt", place + "/host.csr")
                .succeeded();
    }

    private Office office(Office plain) {
        return new Office(plain.site(), new Gateway(culvert.toString(), plain.gateway(), folder.resolve(plain.name())));
    }

    /** Two of the four agreements of an epoch pair are made in the token, two with a P-256 epoch key in memory; at the other site all four are ours. */
    @Test
    void aKeyInATokenCarriesTrafficUnderEpochKeys() throws Exception {
        assertAllAnswered(tokyo.ping(birlinghoven, 3));
        assertAllAnswered(birlinghoven.ping(tokyo, 3));
        for (Office office : List.of(tokyo, birlinghoven)) {
            assertEquals("epoch", office.peerStatus().path("keys").path("kind").asText());
            assertTrue(office.peerStatus().path("keys").path("post_quantum").asBoolean());
        }
    }

    @Test
    void andUnderStaticKeysAlone() throws Exception {
        change("required", "off");
        try {
            assertAllAnswered(tokyo.ping(birlinghoven, 3));
            assertEquals("static", tokyo.peerStatus().path("keys").path("kind").asText());
        } finally {
            change("off", "required");
        }
    }

    private void change(String from, String to) throws Exception {
        for (Office office : List.of(tokyo, birlinghoven)) {
            office.reconfigure("forward-secrecy = \"" + from + '"', "forward-secrecy = \"" + to + '"');
            office.daemon().ask("reload").succeeded();
        }
    }

    @Test
    void noFileHoldsAKeyOfTheToken() throws Exception {
        for (String file : List.of("ca/ca.key", "tokyo/host.key")) {
            String text = Files.readString(folder.resolve(file));
            assertTrue(text.contains("pkcs11:token=culvert"), text);
            assertFalse(text.contains("PRIVATE KEY") || text.contains("sesame"), text);
        }
    }

    @Test
    void opensslAcceptsWhatTheTokenSigned() throws Exception {
        for (String file : List.of("tokyo/host.crt", "birlinghoven/host.crt")) {
            String said = Programs.runIn(
                            folder, List.of("openssl", "verify", "-x509_strict", "-CAfile", "ca/ca.crt", file))
                    .out();
            assertEquals(file + ": OK\n", said);
        }
        Finished list = culvert("ca", "crl", "--dir", "ca", "--out", "ca.crl");
        assertEquals(0, list.code(), list.err());
        Finished verified = culvert("cert", "verify", "--trust", "ca/ca.crt", "--crl", "ca.crl", "tokyo/host.crt");
        assertEquals(0, verified.code(), verified::toString);
    }

    @Test
    void theConfigurationTakesTheUriItself() throws Exception {
        Path config = folder.resolve("tokyo/uri.toml");
        Files.writeString(
                config,
                Files.readString(tokyo.daemon().config()).replace("\"host.key\"", '"' + uri("tokyo", pin) + '"'));
        Finished check = tokyo.gateway().run(culvert.toString(), "check", "--config", config.toString());
        assertEquals(0, check.code(), check.err());
    }

    @Test
    void whatIsWrongWithATokenIsSaidInOneLine() throws Exception {
        Path wrong = secret("wrong-pin", "open please\n");
        refused("refuses the PIN", uri("other", wrong));
        refused("no token 'elsewhere'", uri("other", pin).replace("culvert", "elsewhere"));
        refused("there is no PKCS#11 library /nowhere.so", uri("other", pin).replace(MODULE, "/nowhere.so"));
        refused(
                "is no usable PKCS#11 library",
                uri("other", pin)
                        .replace(
                                MODULE,
                                Product.DIST.resolve("lib/libjnidispatch.so").toString()));
        refused("already", uri("tokyo", pin));
        refused("use pin-source", "pkcs11:token=culvert;object=other?pin-value=1234");
        Files.setPosixFilePermissions(wrong, PosixFilePermissions.fromString("rw-r--r--"));
        refused("readable by others", uri("other", wrong));
    }

    private void refused(String reason, String uri) throws IOException {
        Finished asked = culvert(
                "host", "request", "--dir", "other", "--name", "other", "--network", "10.9.0.0/24", "--key", uri);
        assertEquals(2, asked.code(), asked::toString);
        assertEquals(1, asked.err().lines().count(), asked.err());
        assertTrue(asked.err().contains(reason), asked.err());
        assertFalse(Files.exists(folder.resolve("other")), "nothing was written");
    }
}
