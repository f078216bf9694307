package org.culvert.core.control.socket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.DefaultChannelId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.culvert.core.status.Samples;
import org.culvert.core.status.StatusJson;
import org.culvert.core.status.StatusText;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class ControlSocketTest {
    @TempDir
    Path folder;

    private Path path;
    private ControlSocket socket;

    @BeforeEach
    void open() throws IOException {
        path = folder.resolve("culvert.sock");
        socket = ControlSocket.open(
                path, List.of(new StatusHandler(Samples::tokyo), new Echo(), new Failing(), new Busy()));
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
    }

    @Test
    void answersWithJson() throws IOException {
        Reply reply = ask("GET", "/v1/status");
        assertEquals(200, reply.status());
        assertEquals("application/json", reply.header("content-type").orElseThrow());
        assertEquals("no-store", reply.header("Cache-Control").orElseThrow());
        assertEquals(StatusJson.of(Samples.tokyo()), reply.body());
    }

    @Test
    void answersWithText() throws IOException {
        Reply reply = ask("GET", "/v1/status?format=text");
        assertEquals(StatusText.of(Samples.tokyo()), reply.body());
    }

    @Test
    void answersAboutOnePeer() throws IOException {
        Reply reply = ask("GET", "/v1/status?peer=osaka");
        assertEquals(StatusJson.of(Samples.tokyo().only(Samples.osaka())), reply.body());
        assertEquals("down", reply.header(StatusHandler.STATE_HEADER).orElseThrow());
        assertEquals(
                "up",
                ask("GET", "/v1/status?format=text&peer=birlinghoven")
                        .header(StatusHandler.STATE_HEADER)
                        .orElseThrow());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET | /v1/status?peer=kyoto | 404 | kyoto: no such peer; there are birlinghoven, osaka",
                "GET | /v1/status?format=xml | 400 | format is json or text",
                "GET | /v2/status | 404 | no such path; there are /v1/status, /echo, /failing, /busy",
                "GET | /v1/status/ | 404 | no such path; there are /v1/status, /echo, /failing, /busy",
                "GET | * | 404 | no such path; there are /v1/status, /echo, /failing, /busy",
                "POST | /v1/status | 405 | /v1/status takes GET",
                "PUT | /v1/status | 405 | /v1/status takes GET",
                "FROB | /v1/status | 405 | /v1/status takes GET",
                "GET | /v1/%zz | 400 | the address is not well formed",
                "POST | /failing | 500 | the daemon failed; its log says how",
                "GET | /busy | 503 | the daemon is busy; try again"
            })
    void refusesWithOneLine(String method, String target, int status, String line) throws IOException {
        Reply reply = ask(method, target);
        assertEquals(line + "\n", reply.body());
        assertEquals(status, reply.status());
    }

    @Test
    void saysWhichMethodsAPathTakes() throws IOException {
        assertEquals("GET", ask("DELETE", "/v1/status").header("Allow").orElseThrow());
    }

    @Test
    void givesTheBodyToTheHandler() throws IOException {
        String answer = raw("POST /echo?x=1&x=2 HTTP/1.1\r\nHost: c\r\nContent-Length: 5\r\n\r\nhello");
        assertTrue(answer.endsWith("\r\n\r\n2 hello"), answer);
    }

    @Test
    void speaksToCurl() throws IOException {
        String answer =
                raw("GET /v1/status HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/8.14.1\r\nAccept: */*\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
        assertTrue(answer.contains("connection: close\r\n"), answer);
    }

    @ParameterizedTest
    @CsvSource({
        "'GET /v1/status HTTP/1.1\r\nX: ', 5000, '\r\n\r\n', 431",
        "'GET /v1/status?', 5000, ' HTTP/1.1\r\n\r\n', 414",
        "'POST /echo HTTP/1.1\r\nContent-Length: 600000\r\n\r\n', 70000, '', 413",
        "'\u0016\u0003\u0001 ', 40, '\r\n\r\n', 400", // TLS by mistake
        "'GET /v1/status HTTP/1.1\r\nContent-Length: -', 1, '\r\n\r\n', 400"
    })
    void limitsWhatItReads(String start, int filling, String end, int status) throws IOException {
        String answer = raw(start + "x".repeat(filling) + end);
        assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
    }

    /** Of two requests in one go the first is answered, then the connection ends. */
    @Test
    void answersOncePerConnection() throws IOException {
        String request = "GET /v1/status?peer=osaka HTTP/1.1\r\nHost: c\r\n\r\n";
        String answer = raw(request + request);
        assertEquals(answer.indexOf("HTTP/1.1"), answer.lastIndexOf("HTTP/1.1"));
    }

    @Test
    void goesOnAfterAHandlerFailed() throws IOException {
        ask("POST", "/failing");
        assertEquals(200, ask("GET", "/v1/status").status());
    }

    @Test
    void endsAConnectionThatTakesTooLong() throws IOException {
        socket.close();
        socket = ControlSocket.open(path, List.of(), Duration.ofMillis(20));
        try (SocketChannel silent = connect()) {
            assertEquals(-1, silent.read(ByteBuffer.allocate(1)));
        }
    }

    @Test
    void refusesMoreConnectionsThanItsLimitUntilOneEnds() throws IOException {
        List<SocketChannel> open = new ArrayList<>();
        for (int i = 0; i < Connections.MOST; i++) {
            open.add(connect());
        }
        try (SocketChannel oneTooMany = connect()) {
            assertEquals(-1, oneTooMany.read(ByteBuffer.allocate(1)));
        }
        for (SocketChannel channel : open) {
            channel.close();
        }
        while (!raw("GET /v1/status HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 200")) {
            Thread.onSpinWait(); // until the server has noticed
        }
    }

    /** Netty would ask for every interface's hardware address, and warn in a namespace that has none. */
    @Test
    void doesNotLookForAHardwareAddress() {
        assertTrue(DefaultChannelId.newInstance().asLongText().startsWith("020000000001-"));
    }

    @Test
    void leavesNoThreadBehind() throws Exception {
        ask("GET", "/v1/status");
        List<Thread> threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("control-socket"))
                .toList();
        assertFalse(threads.isEmpty());
        socket.close();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private Reply ask(String method, String target) throws IOException {
        return new ControlClient(path, Duration.ofSeconds(10)).ask(method, target);
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(path));
        return channel;
    }

    /** Whatever comes back until the connection ends; empty when it ended at once. */
    private String raw(String request) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (SocketChannel channel = connect()) {
            ByteBuffer in = ByteBuffer.allocate(4_096);
            try {
                channel.write(ByteBuffer.wrap(request.getBytes(ISO_8859_1)));
                while (channel.read(in) >= 0) {
                    answer.write(in.array(), 0, in.position());
                    in.clear();
                }
            } catch (IOException e) {
                // closed under us, with what came before
            }
        }
        return answer.toString(ISO_8859_1);
    }

    private record Echo() implements ControlHandler {
        @Override
        public Resource resource() {
            return new Resource("POST", "/echo", false);
        }

        @Override
        public Answer answer(Question question) {
            return Answer.text(question.parameter("x").orElse("") + " " + question.body());
        }
    }

    private record Failing() implements ControlHandler {
        @Override
        public Resource resource() {
            return new Resource("POST", "/failing", false);
        }

        @Override
        public Answer answer(Question question) {
            throw new IllegalStateException("expected by this test");
        }
    }

    private record Busy() implements ControlHandler {
        @Override
        public Resource resource() {
            return new Resource("GET", "/busy", false);
        }

        @Override
        public Answer answer(Question question) throws TimeoutException {
            throw new TimeoutException();
        }
    }
}
