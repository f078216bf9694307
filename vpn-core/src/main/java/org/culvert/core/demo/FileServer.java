package org.culvert.core.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A web server with one file: HTTP/1.1, GET, a connection per request, a thread per connection. */
public final class FileServer implements AutoCloseable {
    private static final int LONGEST_READ_MS = 30_000;

    private final ServerSocket socket;
    private final byte[] file;

    private FileServer(ServerSocket socket, byte[] file) {
        this.socket = socket;
        this.file = file;
    }

    /** Serves at an address of this machine, on a port the kernel chooses. The array is not copied. */
    public static FileServer start(Namespace machine, String address, byte[] file) throws Exception {
        ServerSocket socket = machine.inside(() -> {
            var listening = new ServerSocket();
            listening.bind(new InetSocketAddress(InetAddress.getByName(address), 0), 100);
            return listening;
        });
        var server = new FileServer(socket, file);
        Thread.ofPlatform().daemon().name("http-" + machine.name()).start(server::serve);
        return server;
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    private void serve() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Thread.ofVirtual().start(() -> answer(client));
            } catch (IOException e) {
                // Closed, which ends the loop, or one client gone before it was accepted.
            }
        }
    }

    private void answer(Socket client) {
        try (client) {
            client.setSoTimeout(LONGEST_READ_MS);
            var in = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
            String request = in.readLine();
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                // Headers: nothing in them changes the answer.
            }
            boolean good = request != null && request.startsWith("GET ");
            OutputStream out = client.getOutputStream();
            out.write("HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
                    .formatted(good ? "200 OK" : "400 Bad Request", good ? file.length : 0)
                    .getBytes(StandardCharsets.ISO_8859_1));
            if (good) {
                out.write(file);
            }
        } catch (IOException e) {
            // The client went away; it will say what it misses.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
