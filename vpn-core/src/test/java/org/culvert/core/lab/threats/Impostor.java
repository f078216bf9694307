package org.culvert.core.lab.threats;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.culvert.core.demo.Namespace;

/**
 * A man in the middle who answers questions for certificates himself, in ways of his own, and hands on everything else. He knows the
 * wire format from protocol.md and none of the product's code. Two threads.
 */
final class Impostor implements AutoCloseable {
    private static final int REQUEST = 0x13;
    private static final int PIECE_BYTES = 1160;
    private static final int NONCE = 4;
    private static final int NONCE_END = 20;

    private final InetSocketAddress server;
    private final DatagramSocket near;
    private final DatagramSocket far;
    private final Deque<Lie> lies = new ConcurrentLinkedDeque<>();
    private final AtomicInteger told = new AtomicInteger();
    private volatile InetSocketAddress client;
    private byte[] lastAnswer = new byte[NONCE_END]; // only the thread that serves the client

    /** What he answers to one request; null: nothing. */
    interface Lie {
        byte[] to(byte[] request) throws Exception;
    }

    private Impostor(DatagramSocket near, DatagramSocket far, InetSocketAddress server) {
        this.near = near;
        this.far = far;
        this.server = server;
    }

    /** Between an address of his machine and the server, whom he meets from {@code away}. */
    static Impostor between(Namespace machine, String here, String away, InetSocketAddress server) throws Exception {
        DatagramSocket near = machine.inside(() -> new DatagramSocket(0, InetAddress.getByName(here)));
        DatagramSocket far = machine.inside(() -> new DatagramSocket(0, InetAddress.getByName(away)));
        Impostor impostor = new Impostor(near, far, server);
        Thread.ofPlatform().daemon().name("impostor-forth").start(() -> impostor.serve(near, impostor::fromClient));
        Thread.ofPlatform()
                .daemon()
                .name("impostor-back")
                .start(() -> impostor.serve(far, (datagram, from) -> {
                    send(near, datagram, impostor.client);
                }));
        return impostor;
    }

    int port() {
        return near.getLocalPort();
    }

    /**
     * The next requests are answered with these, in turn, and those after them by the true server. A request that is repeated, as one is
     * when the answer was slow, has the same answer.
     */
    void tell(Lie... next) {
        lies.addAll(Arrays.asList(next));
    }

    /** How many lies he has told. */
    int told() {
        return told.get();
    }

    private interface Taking {
        void take(byte[] datagram, InetSocketAddress from) throws Exception;
    }

    private void serve(DatagramSocket socket, Taking taking) {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        while (!socket.isClosed()) {
            try {
                socket.receive(packet);
                taking.take(Arrays.copyOf(packet.getData(), packet.getLength()), (InetSocketAddress)
                        packet.getSocketAddress());
            } catch (SocketException closed) {
                return;
            } catch (Exception e) {
                System.err.println("impostor: " + e);
            }
        }
    }

    private void fromClient(byte[] datagram, InetSocketAddress from) throws Exception {
        client = from;
        if (datagram[0] == REQUEST && isOfOneNonce(datagram, lastAnswer)) {
            send(near, lastAnswer, from);
            return;
        }
        Lie lie = datagram[0] == REQUEST ? lies.poll() : null;
        if (lie == null) {
            send(far, datagram, server);
            return;
        }
        byte[] reply = lie.to(datagram);
        if (reply != null) {
            send(near, reply, from);
            lastAnswer = isOfOneNonce(datagram, reply) ? reply : lastAnswer;
        }
        told.incrementAndGet();
    }

    private static boolean isOfOneNonce(byte[] request, byte[] reply) {
        return Arrays.equals(request, NONCE, NONCE_END, reply, NONCE, NONCE_END);
    }

    private static void send(DatagramSocket socket, byte[] datagram, InetSocketAddress to) throws IOException {
        socket.send(new DatagramPacket(datagram, datagram.length, to));
    }

    /** A reply with a certificate of his choice and the right nonce. */
    static Lie certificate(Path pem) {
        return request -> reply(Arrays.copyOfRange(request, NONCE, NONCE_END), chain(pem));
    }

    /** The same with a nonce that nobody has sent. */
    static Lie wrongNonce(Path pem) {
        return request -> {
            byte[] nonce = Arrays.copyOfRange(request, NONCE, NONCE_END);
            nonce[15] ^= 1;
            return reply(nonce, chain(pem));
        };
    }

    private static byte[] chain(Path pem) throws IOException {
        String text = Files.readString(pem);
        String begin = "-----BEGIN CERTIFICATE-----";
        String base64 = text.substring(text.indexOf(begin) + begin.length(), text.indexOf("-----END"))
                .strip();
        byte[] der = Base64.getMimeDecoder().decode(base64);
        return ByteBuffer.allocate(2 + der.length)
                .putShort((short) der.length)
                .put(der)
                .array();
    }

    private static byte[] reply(byte[] nonce, byte[] chain) throws Exception {
        if (chain.length > PIECE_BYTES) {
            throw new IOException("this impostor sends one part only");
        }
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(chain);
        return ByteBuffer.allocate(40 + chain.length)
                .put((byte) 0x14)
                .put((byte) 1)
                .put((byte) 0)
                .put((byte) 1)
                .put(nonce)
                .putInt(chain.length)
                .put(digest, 0, 16)
                .put(chain)
                .array();
    }

    @Override
    public void close() {
        near.close();
        far.close();
    }
}
