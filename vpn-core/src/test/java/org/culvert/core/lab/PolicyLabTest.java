package org.culvert.core.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Finished;
import org.junit.jupiter.api.Test;

/** Rules between live gateways: Tokyo's clerks may open telnet to Birlinghoven and ping it; nothing may be opened back. */
class PolicyLabTest extends TwoSiteLab {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final String RULES = """

            [[allow]]
            name = "telnet"
            from = ["10.1.0.0/24"]
            to = ["10.2.0.0/24"]
            protocols = ["tcp"]
            ports = ["20000-65535"]

            [[allow]]
            name = "ping"
            from = ["10.1.0.0/24", "fd00:1::/64"]
            protocols = ["ping"]
            """;

    @Override
    void prepare() throws Exception {
        configureBoth();
        for (Office office : new Office[] {tokyo, birlinghoven}) {
            Files.writeString(office.daemon().config(), RULES, StandardOpenOption.APPEND);
        }
        startBoth();
    }

    /** A line there and an echo back, as a telnet session does; then the same port of the other side, refused. */
    @Test
    void connectionIsAllowedOneWayAndItsAnswersPass() throws Exception {
        Counts before = counts(tokyo);
        try (ServerSocket listening = serverAt(birlinghoven)) {
            Thread echo = Thread.ofVirtual().start(() -> echoOnce(listening));
            try (Socket telnet = connect(tokyo, birlinghoven, listening.getLocalPort(), 5_000)) {
                telnet.setSoTimeout(5_000);
                telnet.getOutputStream().write("login\n".getBytes(StandardCharsets.US_ASCII));
                assertEquals("login\n", new String(telnet.getInputStream().readNBytes(6), StandardCharsets.US_ASCII));
            }
            echo.join();
        }
        Counts after = counts(tokyo);
        assertEquals(1, after.telnetFlows - before.telnetFlows);
        assertTrue(after.telnetPackets >= before.telnetPackets + 3, "SYN, ACK, data");
        assertTrue(after.telnetAnswers >= before.telnetAnswers + 2, "SYN ACK, data");
        assertEquals(0, tokyo.status().dropped("policy_in") + tokyo.status().dropped("tx_policy"));
    }

    @Test
    void reverseConnectionIsRefusedAndCountedExactly() throws Exception {
        Status before = birlinghoven.status();
        Status beforeTokyo = tokyo.status();
        try (ServerSocket listening = serverAt(tokyo)) {
            // given up before the first SYN is repeated, after 1 s
            assertThrows(
                    SocketTimeoutException.class, () -> connect(birlinghoven, tokyo, listening.getLocalPort(), 400));
        }
        Await.until(
                "the SYN is counted",
                SOON,
                () -> birlinghoven.status().since(before).dropped("tx_policy") > 0);
        assertEquals(1, birlinghoven.status().since(before).dropped("tx_policy"));
        assertEquals(0, tokyo.status().since(beforeTokyo).receivedPackets(), "it never left Birlinghoven");
    }

    @Test
    void pingIsAnsweredOneWayOnly() throws Exception {
        Status before = birlinghoven.status();
        assertAllAnswered(tokyo.ping(birlinghoven, 5));
        if (sites.ipv6()) {
            assertAllAnswered(tokyo.ping6(birlinghoven, 5));
        }
        assertEquals(0, birlinghoven.status().since(before).dropped("tx_policy"));
        Pings back = birlinghoven.ping(tokyo, 3, "-W", "1");
        assertEquals(0, back.received(), back.said());
        assertEquals(3, birlinghoven.status().since(before).dropped("tx_policy"));
    }

    /** The far gateway's rules hold also when the near one has none: what it sends is refused on arrival. */
    @Test
    void eachGatewayProtectsItself() throws Exception {
        birlinghoven.daemon().stop();
        birlinghoven.reconfigure(RULES, "");
        startBoth();
        try {
            Status before = tokyo.status();
            Pings back = birlinghoven.ping(tokyo, 3, "-W", "1");
            assertEquals(0, back.received(), back.said());
            assertEquals(3, tokyo.status().since(before).dropped("policy_in"));
            assertAllAnswered(tokyo.ping(birlinghoven, 3));
        } finally {
            birlinghoven.daemon().stop();
            Files.writeString(birlinghoven.daemon().config(), RULES, StandardOpenOption.APPEND);
            startBoth();
        }
    }

    /** "Unreachable" from the far host comes back to who asked; a LAN that hears nothing would wait. */
    @Test
    void errorAboutAnAllowedConnectionComesBack() throws Exception {
        Status before = tokyo.status();
        assertThrows(ConnectException.class, () -> connect(tokyo, birlinghoven, 20_001, 5_000), "nobody listens");
        Finished time = tokyo.host()
                .run(
                        "ping",
                        "-c",
                        "1",
                        "-t",
                        "2",
                        "-W",
                        "2",
                        birlinghoven.site().host4());
        assertTrue(time.out().contains("Time to live exceeded"), time.out());
        assertEquals(0, tokyo.status().since(before).dropped("policy_in"));
    }

    @Test
    void statusShowsRules() throws Exception {
        awaitReached();
        String text = tokyo.daemon().ask("status").succeeded().out();
        assertTrue(text.contains("ping: ") && text.contains("flows remembered"), text);
        assertFalse(text.contains("not asked for"), text);
    }

    @Test
    void whySaysWhichRuleDecides() throws Exception {
        String client = tokyo.site().host4();
        String server = birlinghoven.site().host4();
        Finished allowed = tokyo.daemon().ask("why", client, server, "tcp", "23023");
        assertEquals(0, allowed.code(), allowed.out() + allowed.err());
        assertTrue(allowed.out().contains("rule `telnet` accepts tcp port 23023"), allowed.out());
        Finished refused = tokyo.daemon().ask("why", server, client, "tcp", "23023");
        assertEquals(1, refused.code(), refused.out() + refused.err());
        assertTrue(refused.out().contains("no [[allow]] rule accepts tcp port 23023"), refused.out());
    }

    /** The kernel's choice of port lies in the range of the rule. */
    private static ServerSocket serverAt(Office office) throws Exception {
        return office.host()
                .inside(() -> new ServerSocket(
                        0, 5, new InetSocketAddress(office.site().host4(), 0).getAddress()));
    }

    /** A socket belongs to the machine whose thread connects it. */
    private static Socket connect(Office from, Office to, int port, int longestMs) throws Exception {
        return from.host().inside(() -> {
            Socket socket = new Socket();
            socket.connect(new InetSocketAddress(to.site().host4(), port), longestMs);
            return socket;
        });
    }

    private static void echoOnce(ServerSocket listening) {
        try (Socket session = listening.accept()) {
            session.getOutputStream().write(session.getInputStream().readNBytes(6));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private record Counts(long telnetPackets, long telnetAnswers, long telnetFlows) {}

    private static Counts counts(Office office) throws Exception {
        JsonNode root = new ObjectMapper()
                .readTree(office.daemon().ask("status", "--json").succeeded().out());
        JsonNode telnet = root.path("policy").path("rules").path(0);
        assertEquals("telnet", telnet.path("name").asText());
        return new Counts(
                telnet.path("packets").asLong(),
                telnet.path("answers").asLong(),
                telnet.path("flows").asLong());
    }
}
