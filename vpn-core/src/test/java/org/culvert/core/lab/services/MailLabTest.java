package org.culvert.core.lab.services;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.culvert.core.demo.Await;
import org.culvert.core.lab.Conversation;
import org.culvert.core.lab.CrossingLab;
import org.culvert.core.lab.Furnished;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Big Bucks has a mail server in Tokyo and one in Birlinghoven (opensmtpd, port 25 in clear). They find each other by DNS;
 * neither has a mailertable or knows of Culvert. In Birlinghoven mail is read by POP3 and IMAP (dovecot, no TLS).
 */
class MailLabTest extends CrossingLab {
    private static final Duration DELIVERY = Duration.ofSeconds(20);
    private static final String MESSAGE = "We offer 4,200,000 and not a pfennig more.";
    private static final String ANSWER = "They will take 3,900,000, I am told.";

    /** How curl sends name and password, AUTH PLAIN of RFC 4616: disguised, not hidden. */
    private static final String PLAIN = Base64.getEncoder()
            .encodeToString(("\0" + Furnished.USER + "\0" + Furnished.PASSWORD).getBytes(StandardCharsets.US_ASCII));

    private Furnished near;
    private Furnished far;

    @Override
    protected List<String> needs() {
        return List.of(
                "smtpd/opensmtpd",
                "dovecot/dovecot-imapd",
                "dnsmasq/dnsmasq-base",
                "curl",
                "nc/netcat-openbsd",
                "script/bsdutils",
                "openssl");
    }

    @Override
    protected void serve() throws Exception {
        near = Furnished.create(tokyo.host(), folder.resolve("near"));
        far = Furnished.create(birlinghoven.host(), folder.resolve("far"));
        far.serve(
                53,
                "dnsmasq",
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--no-resolv",
                "--no-hosts",
                "--user=root",
                "--pid-file=",
                "--address=/tokyo.example/10.1.0.11",
                "--address=/birlinghoven.example/10.2.0.12",
                "--mx-host=tokyo.example,tokyo.example",
                "--mx-host=birlinghoven.example,birlinghoven.example");
        mailServer(near, "tokyo.example", tokyo.site().host4());
        mailServer(far, "birlinghoven.example", birlinghoven.site().host4());
        far.write("mail-users", Furnished.USER + ":" + Furnished.PASSWORD + "\n");
        far.serve(143, "dovecot", "-F", "-c", far.write("dovecot.conf", """
                        protocols = imap pop3
                        listen = %s
                        base_dir = /run/dovecot
                        state_dir = /run/dovecot-state
                        log_path = /dev/stderr
                        ssl = no
                        disable_plaintext_auth = no
                        mail_location = maildir:~/Maildir
                        passdb {
                          driver = passwd-file
                          args = scheme=PLAIN /run/mail-users
                        }
                        userdb {
                          driver = passwd
                        }
                        """.formatted(
                        birlinghoven.site().host4())));
    }

    private static void mailServer(Furnished host, String domain, String address) throws Exception {
        host.serve(25, "smtpd", "-d", "-f", host.write("smtpd.conf", """
                        listen on %s port 25 hostname %s
                        listen on socket
                        action "here" maildir
                        action "elsewhere" relay helo %s
                        match from any for domain "%s" action "here"
                        match from local for any action "elsewhere"
                        """.formatted(address, domain, domain, domain)));
    }

    @BeforeEach
    void emptyMailboxes() throws IOException {
        for (Furnished host : List.of(near, far)) {
            for (Path message : messages(host)) {
                Files.delete(message);
            }
        }
    }

    @Test
    void mailBetweenTwoServersInBothDirections() throws Exception {
        heardOnlyWithoutCulvert(List.of(MESSAGE, ANSWER, "alice@tokyo.example"), () -> {
            emptyMailboxes();
            send(near, "tokyo", "birlinghoven", MESSAGE);
            awaitMessage(far, MESSAGE);
            send(far, "birlinghoven", "tokyo", ANSWER);
            awaitMessage(near, ANSWER);
        });
    }

    @Test
    void pop3() throws Exception {
        deliverInBirlinghoven();
        heardOnlyWithoutCulvert(
                List.of(PLAIN, MESSAGE), () -> assertTrue(fetch("pop3", "/1").contains(MESSAGE)));
    }

    @Test
    void imap() throws Exception {
        deliverInBirlinghoven();
        heardOnlyWithoutCulvert(
                List.of(PLAIN, MESSAGE),
                () -> assertTrue(fetch("imap", "/INBOX;MAILINDEX=1").contains(MESSAGE)));
    }

    /** What a mail reader does that stays open: it looks, reads, and waits to be told of new mail (RFC 2177). */
    @Test
    void imapReaderIsToldOfNewMail() throws Exception {
        heardOnlyWithoutCulvert(List.of(Furnished.PASSWORD, MESSAGE, ANSWER), () -> {
            emptyMailboxes();
            deliverInBirlinghoven();
            try (Conversation reader = near.talk("nc", "-C", birlinghoven.site().host4(), "143")) {
                reader.hear("* OK").say("a LOGIN %s %s".formatted(Furnished.USER, Furnished.PASSWORD));
                reader.hear("a OK").say("b SELECT INBOX").hear("* 1 EXISTS").hear("b OK");
                reader.say("c FETCH 1 BODY[TEXT]").hear(MESSAGE).hear("c OK");
                reader.say("d IDLE").hear("+ idling");
                send(near, "tokyo", "birlinghoven", ANSWER);
                reader.hear("* 2 EXISTS").say("DONE").hear("d OK");
                reader.say("e LOGOUT").hear("e OK");
            }
        });
    }

    private String fetch(String protocol, String path) throws IOException {
        return tokyo.host()
                .run(
                        "curl",
                        "-sS",
                        "--max-time",
                        "20",
                        "--user",
                        Furnished.USER + ":" + Furnished.PASSWORD,
                        protocol + "://" + birlinghoven.site().host4() + path)
                .succeeded()
                .out();
    }

    private void deliverInBirlinghoven() throws Exception {
        send(far, "birlinghoven", "birlinghoven", MESSAGE);
        awaitMessage(far, MESSAGE);
    }

    private static void send(Furnished host, String from, String to, String text) throws IOException {
        String letter = host.write("letter", "Subject: the offer\n\n" + text + "\n");
        assertEquals(
                0,
                host.call("sh", "-c", "sendmail -f alice@%s.example alice@%s.example < %s".formatted(from, to, letter))
                        .succeeded()
                        .code());
    }

    private static void awaitMessage(Furnished host, String text) throws Exception {
        Await.until("delivered: " + text, DELIVERY, () -> {
            for (Path message : messages(host)) {
                if (Files.readString(message, StandardCharsets.UTF_8).contains(text)) {
                    return true;
                }
            }
            return false;
        });
    }

    private static List<Path> messages(Furnished host) throws IOException {
        Path maildir = host.home().resolve("Maildir");
        if (!Files.exists(maildir)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(maildir, 2)) {
            return files.filter(file -> Files.isRegularFile(file)
                            && List.of("new", "cur")
                                    .contains(file.getParent().getFileName().toString()))
                    .toList();
        }
    }
}
