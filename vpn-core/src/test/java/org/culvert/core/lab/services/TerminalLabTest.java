package org.culvert.core.lab.services;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.culvert.core.lab.Conversation;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Furnished;
import org.junit.jupiter.api.Test;

/** telnet with a password, rlogin and rsh that trust an address; all started by inetd, as ever. */
class TerminalLabTest extends CrossingLab {
    private static final String TYPED = "echo the-merger-is-on-$((40+2))";
    private static final String PRINTED = "the-merger-is-on-42";

    private Furnished near;
    private Furnished far;

    @Override
    protected List<String> needs() {
        return List.of(
                "inetd/openbsd-inetd",
                "telnetd/inetutils-telnetd",
                "telnet/inetutils-telnet",
                "in.rshd/rsh-redone-server",
                "rlogin/rsh-redone-client",
                "script/bsdutils",
                "openssl");
    }

    @Override
    protected void serve() throws Exception {
        near = Furnished.create(tokyo.host(), folder.resolve("near"));
        far = Furnished.create(birlinghoven.host(), folder.resolve("far"));
        far.give(".rhosts", "10.1.0.11 alice\n".getBytes(StandardCharsets.US_ASCII));
        far.serve(23, "inetd", "-i", far.write("inetd.conf", """
                        telnet stream tcp nowait root /usr/sbin/telnetd telnetd
                        shell stream tcp nowait root /usr/sbin/in.rshd in.rshd
                        login stream tcp nowait root /usr/sbin/in.rlogind in.rlogind
                        """));
    }

    @Test
    void telnet() throws Exception {
        heardOnlyWithoutCulvert(List.of(Furnished.PASSWORD, TYPED, PRINTED), () -> {
            try (Conversation telnet = near.talk("telnet", birlinghoven.site().host4())) {
                telnet.hear("login: ").say(Furnished.USER);
                telnet.hear("Password: ").say(Furnished.PASSWORD);
                telnet.hear("$ ")
                        .say(TYPED)
                        .hear(PRINTED)
                        .hear("$ ")
                        .say("exit")
                        .awaitEnd();
            }
        });
    }

    @Test
    void rlogin() throws Exception {
        heardOnlyWithoutCulvert(List.of(TYPED, PRINTED), () -> {
            try (Conversation rlogin = near.talk("rlogin", birlinghoven.site().host4())) {
                rlogin.hear("$ ")
                        .say(TYPED)
                        .hear(PRINTED)
                        .hear("$ ")
                        .say("exit")
                        .awaitEnd();
            }
        });
    }

    /** The far side opens a connection of its own back to the near one, for what goes to stderr. */
    @Test
    void rsh() throws Exception {
        heardOnlyWithoutCulvert(
                List.of(TYPED, PRINTED, "no-such-merger"),
                () -> assertEquals(
                        PRINTED,
                        near.callAsUser("rsh", birlinghoven.site().host4(), TYPED + "; echo no-such-merger >&2")
                                .succeeded()
                                .out()
                                .strip()));
    }
}
