package org.culvert.core.control.socket;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Asks the daemon behind a control socket. One request per object's call; no thread stays behind. */
public final class ControlClient {
    private static final int MOST_BYTES = 64 << 20;
    private static final int READ_BYTES = 16 << 10;

    private final Path socket;
    private final Duration timeLimit;

    public ControlClient(Path socket, Duration timeLimit) {
        this.socket = socket;
        this.timeLimit = timeLimit;
    }

    /**
     * Sends a request without body and waits for the whole answer.
     *
     * @param target path and query, already encoded
     * @throws ControlException when there is no daemon, it may not be asked, or it does not answer in time
     */
    public Reply ask(String method, String target) throws ControlException {
        return ask(method, target, "");
    }

    /** The same with a body, sent as UTF-8. */
    public Reply ask(String method, String target, String body) throws ControlException {
        CountDownLatch done = new CountDownLatch(1);
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            closeLater(channel, done);
            return exchange(channel, method, target, body.getBytes(StandardCharsets.UTF_8));
        } catch (ClosedChannelException e) {
            throw new ControlException(
                    socket + ": no answer within " + timeLimit.toMillis() / 1_000.0
                            + " s; is the daemon stopped or the machine overloaded?",
                    e);
        } catch (IOException e) {
            throw explained(e);
        } finally {
            done.countDown();
        }
    }

    /** Takes an answer as it comes. */
    public interface Body {
        void read(InputStream answer) throws IOException;
    }

    /**
     * Sends a GET and hands over the answer's body until it ends; there is no time limit.
     *
     * @throws IllegalArgumentException when the daemon finds the question wrong
     * @throws IOException when there is no daemon, it refuses, or {@code body} throws
     */
    public void stream(String target, Body body) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            try {
                send(channel, "GET", target, new byte[0]);
            } catch (IOException e) {
                throw explained(e);
            }
            InputStream in = new BufferedInputStream(Channels.newInputStream(channel), READ_BYTES);
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            while (!head.toString(StandardCharsets.ISO_8859_1).endsWith(Reply.HEAD_END)) {
                int next = in.read();
                if (next < 0 || head.size() > READ_BYTES) {
                    throw new ControlException(socket + ": " + Reply.NOT_OURS);
                }
                head.write(next);
            }
            if (head.toString(StandardCharsets.ISO_8859_1).startsWith("HTTP/1.1 200 ")) {
                body.read(in);
                return;
            }
            head.write(in.readAllBytes());
            Reply refusal = Reply.parse(head.toByteArray(), socket);
            if (refusal.status() == Answer.BAD_REQUEST) {
                throw new IllegalArgumentException(refusal.body().strip());
            }
            throw new ControlException(socket + ": " + refusal.body().strip());
        }
    }

    private Reply exchange(SocketChannel channel, String method, String target, byte[] body) throws IOException {
        send(channel, method, target, body);
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        ByteBuffer in = ByteBuffer.allocate(READ_BYTES);
        while (channel.read(in) >= 0) {
            answer.write(in.array(), 0, in.position());
            in.clear();
            if (answer.size() > MOST_BYTES) {
                throw new ControlException(socket + ": the answer has no end; is this culvert's control socket?");
            }
        }
        return Reply.parse(answer.toByteArray(), socket);
    }

    private void send(SocketChannel channel, String method, String target, byte[] body) throws IOException {
        channel.connect(UnixDomainSocketAddress.of(socket));
        byte[] head = (method + " " + target + " HTTP/1.1\r\nHost: culvert\r\nConnection: close\r\nContent-Length: "
                        + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        ByteBuffer out = ByteBuffer.allocate(head.length + body.length);
        out.put(head).put(body).flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    /** A blocking channel has no time limit of its own, but closing it ends whatever it waits for. */
    private void closeLater(SocketChannel channel, CountDownLatch done) {
        Thread.ofPlatform().daemon().name("control-timeout").start(() -> {
            try {
                if (!done.await(timeLimit.toMillis(), TimeUnit.MILLISECONDS)) {
                    channel.close();
                }
            } catch (InterruptedException | IOException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** The kernel's words depend on the locale, so what is wrong is read from the file system. */
    private ControlException explained(IOException e) {
        if (e instanceof ControlException already) {
            return already;
        }
        try {
            PosixFileAttributes file =
                    Files.readAttributes(socket, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!file.isOther()) {
                return new ControlException(socket + ": is not a socket; name the daemon's [gateway] control", e);
            }
            if (!Files.isWritable(socket)) {
                return new ControlException(
                        socket + ": permission denied; run as root or as a member of group "
                                + file.group().getName(),
                        e);
            }
            return new ControlException(
                    socket + ": no culvert runs there (" + e.getMessage()
                            + "); it ended without cleaning up, start it again",
                    e);
        } catch (NoSuchFileException missing) {
            return new ControlException(
                    socket
                            + ": no culvert runs there; start it with `culvert run`, or name its socket with --control or --config",
                    e);
        } catch (AccessDeniedException denied) {
            return new ControlException(
                    socket + ": permission denied; run as root or as a member of the folder's group", e);
        } catch (IOException other) {
            return new ControlException(socket + ": " + e.getMessage(), e);
        }
    }
}
