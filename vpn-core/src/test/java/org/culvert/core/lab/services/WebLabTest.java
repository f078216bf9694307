package org.culvert.core.lab.services;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Base64;
import java.util.List;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Furnished;
import org.junit.jupiter.api.Test;

/** Web pages behind a password (lighttpd), and names over UDP (dnsmasq). */
class WebLabTest extends CrossingLab {
    private static final String PAGE = "Quarterly figures of Big Bucks, not yet published";
    private static final String CREDENTIALS = Base64.getEncoder()
            .encodeToString((Furnished.USER + ":" + Furnished.PASSWORD).getBytes(StandardCharsets.US_ASCII));

    private Furnished far;

    @Override
    protected List<String> needs() {
        return List.of("lighttpd", "curl", "dnsmasq/dnsmasq-base", "dig/bind9-dnsutils", "openssl");
    }

    @Override
    protected void serve() throws Exception {
        far = Furnished.create(birlinghoven.host(), folder.resolve("far"));
        Files.createDirectories(far.run("www"));
        far.write("www/figures.html", PAGE);
        far.write("www-users", Furnished.USER + ":" + Furnished.PASSWORD + "\n");
        far.serve(80, "lighttpd", "-D", "-f", far.write("lighttpd.conf", """
                        server.modules = ("mod_auth", "mod_authn_file")
                        server.document-root = "/run/www"
                        server.bind = "%s"
                        server.port = 80
                        auth.backend = "plain"
                        auth.backend.plain.userfile = "/run/www-users"
                        auth.require = ("/" => ("method" => "basic", "realm" => "figures", "require" => "valid-user"))
                        """.formatted(
                        birlinghoven.site().host4())));
        far.serve(
                53,
                "dnsmasq",
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--no-resolv",
                "--no-hosts",
                "--user=root",
                "--pid-file=",
                "--address=/takeover-target.example/192.0.2.77");
    }

    @Test
    void webPageBehindAPassword() throws Exception {
        heardOnlyWithoutCulvert(
                List.of(PAGE, CREDENTIALS),
                () -> assertEquals(
                        PAGE,
                        tokyo.host()
                                .run(
                                        "curl",
                                        "-sS",
                                        "--fail",
                                        "--max-time",
                                        "20",
                                        "--user",
                                        Furnished.USER + ":" + Furnished.PASSWORD,
                                        "http://" + birlinghoven.site().host4() + "/figures.html")
                                .succeeded()
                                .out()));
    }

    /** Which names somebody asks for tells what he is about to do. */
    @Test
    void namesOverUdp() throws Exception {
        heardOnlyWithoutCulvert(
                List.of("takeover-target"),
                () -> assertEquals(
                        "192.0.2.77",
                        tokyo.host()
                                .run(
                                        "dig",
                                        "+short",
                                        "+timeout=5",
                                        "+nocookie",
                                        "@" + birlinghoven.site().host4(),
                                        "takeover-target.example")
                                .succeeded()
                                .out()
                                .strip()));
    }
}
