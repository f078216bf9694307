package org.culvert.core.lab;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.culvert.core.demo.Namespace;

/** A listener to a multicast group on a machine of the lab, and a way to speak to one. One thread. */
public final class GroupPlace implements AutoCloseable {
    private static final int LONGEST_MS = 5_000;

    private final MulticastSocket socket;
    private final String group;

    private GroupPlace(MulticastSocket socket, String group) {
        this.socket = socket;
        this.group = group;
    }

    /** Joins on an interface, on a port the kernel chooses. */
    public static GroupPlace join(Namespace machine, String link, String group) throws Exception {
        return join(machine, link, group, 0);
    }

    /** Joins at the port of another listener, elsewhere. */
    public static GroupPlace join(Namespace machine, String link, String group, int port) throws Exception {
        MulticastSocket socket = machine.inside(() -> {
            MulticastSocket made = new MulticastSocket(port);
            made.joinGroup(new InetSocketAddress(InetAddress.getByName(group), 0), NetworkInterface.getByName(link));
            return made;
        });
        return new GroupPlace(socket, group);
    }

    public int port() {
        return socket.getLocalPort();
    }

    public String group() {
        return group;
    }

    /** The next datagram. @throws SocketTimeoutException when none comes */
    public String receive() throws IOException {
        return receive(LONGEST_MS);
    }

    private String receive(int longestMs) throws IOException {
        socket.setSoTimeout(longestMs);
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        socket.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    }

    /** Everything until nothing has come for a moment. */
    public List<String> all() throws IOException {
        List<String> all = new ArrayList<>();
        while (true) {
            try {
                all.add(receive(UdpPlace.QUIET_MS));
            } catch (SocketTimeoutException e) {
                return all;
            }
        }
    }

    /** Sends to this group from a machine's address. */
    public void say(Namespace machine, String link, String from, int ttl, String text) throws Exception {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (DatagramSocket sender =
                machine.inside(() -> new DatagramSocket(new InetSocketAddress(InetAddress.getByName(from), 0)))) {
            NetworkInterface via = machine.inside(() -> NetworkInterface.getByName(link));
            sender.setOption(StandardSocketOptions.IP_MULTICAST_IF, via);
            sender.setOption(StandardSocketOptions.IP_MULTICAST_TTL, ttl);
            sender.send(new DatagramPacket(
                    bytes, bytes.length, new InetSocketAddress(InetAddress.getByName(group), port())));
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
