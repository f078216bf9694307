package org.culvert.core.lab;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.culvert.core.demo.Namespace;
import org.jspecify.annotations.Nullable;

/**
 * A bad network and a NAT in one: clients speak to the relay's near address, the server sees its far one. One client at
 * a time, the last that spoke. What happens on the way is seeded per direction.
 */
final class Relay implements AutoCloseable {
    private static final int BUFFER_BYTES = 4 << 20;

    private final Namespace machine;
    private final InetSocketAddress server;
    private final DatagramChannel near;
    private final Lane forth;
    private final Lane back;
    private volatile DatagramChannel far;
    private volatile @Nullable SocketAddress client;

    private Relay(Namespace machine, InetSocketAddress server, DatagramChannel near, DatagramChannel far, Harm harm) {
        this.machine = machine;
        this.server = server;
        this.near = near;
        this.far = far;
        this.forth = new Lane(harm, datagram -> this.far.send(datagram, server));
        this.back = new Lane(harm, datagram -> {
            SocketAddress to = client;
            if (to != null) {
                near.send(datagram, to);
            }
        });
    }

    /** Relays between an address of this machine and a server, which sees {@code far} of this machine as the client. */
    static Relay start(Namespace machine, InetSocketAddress near, String far, InetSocketAddress server, Harm harm)
            throws Exception {
        Relay relay = new Relay(machine, server, open(machine, near), open(machine, any(far)), harm);
        relay.forth.start("relay-forth", () -> relay.near, from -> relay.client = from);
        relay.back.start("relay-back", () -> relay.far, from -> {});
        return relay;
    }

    private static InetSocketAddress any(String address) throws IOException {
        return new InetSocketAddress(InetAddress.getByName(address), 0);
    }

    private static DatagramChannel open(Namespace machine, InetSocketAddress local) throws Exception {
        return machine.inside(() -> DatagramChannel.open()
                .setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES)
                .bind(local));
    }

    /** The NAT forgot: from now on the server sees another address and port, and the old ones are closed. */
    InetSocketAddress moveTo(String address) throws Exception {
        DatagramChannel old = far;
        far = open(machine, any(address));
        old.close();
        return seenByServer();
    }

    InetSocketAddress seenByServer() throws IOException {
        return (InetSocketAddress) far.getLocalAddress();
    }

    /** Client to server. */
    Lane forth() {
        return forth;
    }

    /** Server to client. */
    Lane back() {
        return back;
    }

    @Override
    public void close() throws IOException {
        forth.close();
        back.close();
        near.close();
        far.close();
    }

    interface Channel {
        DatagramChannel now();
    }

    interface Send {
        void to(ByteBuffer datagram) throws IOException;
    }
}
