package org.culvert.core.control.socket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class ControlClientTest {
    private static final Duration LONG = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    @Test
    void saysThatNoDaemonRuns() {
        assertSaid(
                ": no culvert runs there; start it with `culvert run`, or name its socket with --control or --config",
                LONG);
    }

    @Test
    void saysThatTheDaemonDied() throws IOException {
        listen().close();
        String said = assertThrows(ControlException.class, () -> ask(LONG)).getMessage();
        assertTrue(said.startsWith(path() + ": no culvert runs there ("), said);
        assertTrue(said.endsWith("); it ended without cleaning up, start it again"), said);
    }

    @Test
    void saysThatTheFileIsNoSocket() throws IOException {
        Files.createFile(path());
        assertSaid(": is not a socket; name the daemon's [gateway] control", LONG);
    }

    @Test
    void saysThatTheDaemonHangs() throws IOException {
        try (ServerSocketChannel _ = listen()) {
            assertSaid(
                    ": no answer within 0.03 s; is the daemon stopped or the machine overloaded?",
                    Duration.ofMillis(30));
        }
    }

    @Test
    void saysThatItMayNotAsk() throws IOException {
        assumeFalse(System.getProperty("user.name").equals("root"), "root may do anything");
        try (ServerSocketChannel _ = listen()) {
            Files.setPosixFilePermissions(path(), PosixFilePermissions.fromString("---------"));
            String said = assertThrows(ControlException.class, () -> ask(LONG)).getMessage();
            assertTrue(said.startsWith(path() + ": permission denied; run as root or as a member of group "), said);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rw-------"));
            assertSaid(": permission denied; run as root or as a member of the folder's group", LONG);
        } finally {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', closed without an answer; try again",
        "'220 mail.example ESMTP\r\n', this is not the answer of a culvert; name the daemon's [gateway] control",
        "'SSH-2.0-x 200 y\r\n\r\n', this is not the answer of a culvert; name the daemon's [gateway] control",
        "'HTTP/1.1 abc\r\n\r\n', this is not the answer of a culvert; name the daemon's [gateway] control",
        "'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell', the answer was cut off; try again",
        "'HTTP/1.1 200 OK\r\n\r\nhello', the answer was cut off; try again"
    })
    void refusesAnAnswerThatIsNotWhole(String answer, String said) throws Exception {
        try (ServerSocketChannel listening = listen()) {
            Thread server = serve(listening, answer);
            assertSaid(": " + said, LONG);
            server.join();
        }
    }

    @Test
    void readsAnAnswer() throws Exception {
        try (ServerSocketChannel listening = listen()) {
            Thread server = serve(listening, "HTTP/1.1 404 Not Found\r\ncontent-LENGTH: 7\r\nX-Y:  z \r\n\r\nköln\r\n");
            Reply reply = ask(LONG);
            server.join();
            assertEquals(404, reply.status());
            assertEquals("z", reply.header("x-y").orElseThrow());
            assertEquals("köln\r\n", reply.body());
        }
    }

    /** Reads the request, so that the client does not see a reset, then answers and hangs up. */
    private static Thread serve(ServerSocketChannel listening, String answer) {
        return Thread.ofPlatform().daemon().start(() -> {
            try (SocketChannel channel = listening.accept()) {
                StringBuilder request = new StringBuilder();
                ByteBuffer in = ByteBuffer.allocate(1_000);
                while (!request.toString().endsWith("\r\n\r\n") && channel.read(in) >= 0) {
                    request.append(UTF_8.decode(in.flip()));
                    in.clear();
                }
                channel.write(ByteBuffer.wrap(answer.getBytes(UTF_8)));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private ServerSocketChannel listen() throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        channel.bind(UnixDomainSocketAddress.of(path()));
        return channel;
    }

    private void assertSaid(String said, Duration timeLimit) {
        assertEquals(
                path() + said,
                assertThrows(ControlException.class, () -> ask(timeLimit)).getMessage());
    }

    private Reply ask(Duration timeLimit) throws ControlException {
        return new ControlClient(path(), timeLimit).ask("GET", "/v1/status");
    }

    private Path path() {
        return folder.resolve("culvert.sock");
    }
}
