package org.culvert.core.demo;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Fetches one file over HTTP/1.1. Stateless. */
public final class FileClient {
    private static final int LONGEST_READ_MS = 30_000;
    private static final int CONNECT_MS = 10_000;

    private FileClient() {}

    /**
     * Fetches from a machine of the lab.
     *
     * @throws IOException when the server cannot be reached, does not answer 200 or sends less than it announced
     */
    public static byte[] fetch(Namespace machine, InetSocketAddress server) throws Exception {
        Socket socket = machine.inside(() -> {
            var connecting = new Socket();
            connecting.connect(server, CONNECT_MS);
            return connecting;
        });
        try (socket) {
            socket.setSoTimeout(LONGEST_READ_MS);
            socket.getOutputStream()
                    .write("GET /file HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                            .formatted(server.getAddress().getHostAddress())
                            .getBytes(StandardCharsets.ISO_8859_1));
            return body(new BufferedInputStream(socket.getInputStream()));
        }
    }

    private static byte[] body(InputStream in) throws IOException {
        String status = line(in);
        if (!status.startsWith("HTTP/1.1 200 ")) {
            throw new IOException("the server answered: " + status);
        }
        int announced = -1;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                announced = Integer.parseInt(
                        header.substring(header.indexOf(':') + 1).strip());
            }
        }
        byte[] body = in.readNBytes(announced);
        if (body.length < announced) {
            throw new EOFException("%d of %d bytes came".formatted(body.length, announced));
        }
        return body;
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection ended within the headers");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }
}
