package org.culvert.core.lab;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.culvert.core.demo.Namespace;

/** A UDP socket on a machine of the lab. One thread. */
public final class UdpPlace implements AutoCloseable {
    private static final int DATAGRAM_BYTES = 65_535;
    private static final int LONGEST_MS = 5_000;
    static final int QUIET_MS = 200;
    private static final int BUFFER_BYTES = 8 << 20;

    private final DatagramSocket socket;

    private UdpPlace(DatagramSocket socket) {
        this.socket = socket;
    }

    /** At an address of the machine, on a port the kernel chooses. */
    public static UdpPlace open(Namespace machine, String address) throws Exception {
        DatagramSocket socket = machine.inside(() -> new DatagramSocket(0, InetAddress.getByName(address)));
        socket.setReceiveBufferSize(BUFFER_BYTES);
        return new UdpPlace(socket);
    }

    /** On a port of its own, as a gateway has one. */
    public static UdpPlace open(Namespace machine, String address, int port) throws Exception {
        return new UdpPlace(machine.inside(() -> new DatagramSocket(port, InetAddress.getByName(address))));
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    public void send(byte[] datagram, InetSocketAddress to) throws IOException {
        socket.send(new DatagramPacket(datagram, datagram.length, to));
    }

    public void sendAll(List<byte[]> datagrams, InetSocketAddress to) throws IOException {
        for (byte[] datagram : datagrams) {
            send(datagram, to);
        }
    }

    /**
     * The next datagram.
     *
     * @throws SocketTimeoutException when none comes
     */
    public byte[] receive() throws IOException {
        return receive(LONGEST_MS);
    }

    public byte[] receive(int longestMs) throws IOException {
        socket.setSoTimeout(longestMs);
        return next();
    }

    /** Everything until nothing has come for a moment. */
    public List<byte[]> all() throws IOException {
        List<byte[]> all = new ArrayList<>();
        while (true) {
            try {
                all.add(receive(QUIET_MS));
            } catch (SocketTimeoutException e) {
                return all;
            }
        }
    }

    /** What has come already. */
    public Optional<byte[]> waiting() throws IOException {
        try {
            return Optional.of(receive(1));
        } catch (SocketTimeoutException e) {
            return Optional.empty();
        }
    }

    private byte[] next() throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[DATAGRAM_BYTES], DATAGRAM_BYTES);
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    @Override
    public void close() {
        socket.close();
    }
}
