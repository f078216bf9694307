package org.culvert.core.lab;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.culvert.core.demo.Await;

/**
 * Traffic whose every piece has a number: a hundred datagrams a second from one host to another, and a TCP connection that gets the same numbers and stays open.
 * What arrives is counted by number, so that nothing can be lost unseen.
 */
final class NumberedFlow implements AutoCloseable {
    private static final int INTERVAL_MS = 10;
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final UdpPlace sender;
    private final UdpPlace receiver;
    private final Socket to;
    private final Socket from;
    private final AtomicBoolean sending = new AtomicBoolean(true);
    private final AtomicBoolean receiving = new AtomicBoolean(true);
    private final BitSet arrived = new BitSet();
    private final ByteArrayOutputStream stream = new ByteArrayOutputStream();
    private volatile int sent;
    private final Thread[] threads;

    private NumberedFlow(UdpPlace sender, UdpPlace receiver, Socket to, Socket from) {
        this.sender = sender;
        this.receiver = receiver;
        this.to = to;
        this.from = from;
        this.threads = new Thread[] {
            Thread.ofPlatform().daemon().name("numbers-out").start(this::send),
            Thread.ofPlatform().daemon().name("datagrams-in").start(this::receiveDatagrams),
            Thread.ofPlatform().daemon().name("stream-in").start(this::receiveStream)
        };
    }

    static NumberedFlow start(Office one, Office other) throws Exception {
        UdpPlace receiver = UdpPlace.open(other.host(), other.site().host4());
        UdpPlace sender = UdpPlace.open(one.host(), one.site().host4());
        ServerSocket server = other.host()
                .inside(() -> new ServerSocket(
                        0, 1, InetAddress.getByName(other.site().host4())));
        try (server) {
            Socket to = one.host().inside(() -> {
                Socket socket = new Socket();
                socket.connect(
                        new InetSocketAddress(InetAddress.getByName(other.site().host4()), server.getLocalPort()),
                        (int) LONGEST.toMillis());
                return socket;
            });
            to.setTcpNoDelay(true);
            return new NumberedFlow(sender, receiver, to, server.accept());
        }
    }

    private void send() {
        try {
            for (int number = 0; sending.get(); number++) {
                byte[] bytes = ByteBuffer.allocate(100).putInt(number).array();
                sender.send(bytes, receiver.address());
                to.getOutputStream().write(bytes, 0, Integer.BYTES);
                sent = number + 1;
                Thread.sleep(INTERVAL_MS);
            }
            to.shutdownOutput();
        } catch (IOException | InterruptedException e) {
            sending.set(false); // what did not arrive will be missed
        }
    }

    private void receiveDatagrams() {
        while (receiving.get()) {
            try {
                int number =
                        ByteBuffer.wrap(receiver.receive(UdpPlace.QUIET_MS)).getInt();
                synchronized (arrived) {
                    arrived.set(number);
                }
            } catch (IOException quiet) {
                continue;
            }
        }
    }

    private void receiveStream() {
        try (InputStream in = from.getInputStream()) {
            in.transferTo(stream);
        } catch (IOException cut) {
            return; // what did not arrive will be missed
        }
    }

    /** So many datagrams more have been sent, by now. */
    void more(int datagrams) throws Exception {
        int wanted = sent + datagrams;
        Await.until(datagrams + " datagrams more", LONGEST, () -> sent >= wanted);
    }

    int sent() {
        return sent;
    }

    /** Of the datagrams with these numbers, how many did not arrive. */
    int lost(int from, int to) {
        synchronized (arrived) {
            return to - from - arrived.get(from, to).cardinality();
        }
    }

    /** Ends it. What did not arrive two seconds later is lost. */
    void end() throws Exception {
        sending.set(false);
        threads[0].join();
        threads[2].join(LONGEST.toMillis());
        try {
            Await.until("all datagrams", Duration.ofSeconds(2), () -> missing() == 0);
        } catch (IOException late) {
            return; // missing() says so
        }
    }

    /**
     * Ends it.
     *
     * @return how many numbers were sent
     * @throws AssertionError when a datagram, or a byte of the stream, did not arrive, or came in another order in the stream
     */
    int endWithNothingLost() throws Exception {
        end();
        if (missing() > 0) {
            throw new AssertionError(
                    missing() + " of " + sent + " datagrams were lost, the first is number " + first());
        }
        ByteBuffer numbers = ByteBuffer.wrap(stream.toByteArray());
        for (int number = 0; number < sent; number++) {
            if (numbers.remaining() < Integer.BYTES || numbers.getInt() != number) {
                throw new AssertionError("the TCP stream ends or goes wrong at number " + number + " of " + sent);
            }
        }
        return sent;
    }

    private int missing() {
        synchronized (arrived) {
            return sent - arrived.cardinality();
        }
    }

    private int first() {
        synchronized (arrived) {
            return arrived.nextClearBit(0);
        }
    }

    @Override
    public void close() throws IOException {
        sending.set(false);
        receiving.set(false);
        sender.close();
        receiver.close();
        to.close();
        from.close();
    }
}
