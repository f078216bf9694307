package org.culvert.core.lab;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.culvert.core.demo.Frames;

/**
 * Captured frames, and the TCP streams in them put together again: telnet sends a password letter by letter, each in a
 * packet of its own. Immutable.
 */
public record Overheard(List<byte[]> frames) {
    /** True when the text stands in one frame, whatever that is, or in what one side of an IPv4 TCP connection said. */
    public boolean holds(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return frames.stream().anyMatch(frame -> Frames.holds(frame, bytes))
                || streams().stream().anyMatch(stream -> Frames.holds(stream, bytes));
    }

    /** Bytes on the wire, link headers included. */
    public long bytes() {
        return frames.stream().mapToLong(frame -> frame.length).sum();
    }

    private List<byte[]> streams() {
        Map<ByteBuffer, List<TcpFrame>> flows = new HashMap<>();
        for (byte[] frame : frames) {
            Optional<TcpFrame> tcp = TcpFrame.parse(frame);
            tcp.ifPresent(segment -> flows.computeIfAbsent(segment.flow(), flow -> new ArrayList<>())
                    .add(segment));
        }
        return flows.values().stream().map(Overheard::joined).toList();
    }

    /** In the order of the sequence numbers, what was repeated only once, and what is missing left out. */
    private static byte[] joined(List<TcpFrame> segments) {
        int first = segments.getFirst().sequence();
        List<TcpFrame> sorted = segments.stream()
                .sorted(Comparator.comparingInt(segment -> segment.sequence() - first))
                .toList();
        var stream = new ByteArrayOutputStream();
        int next = sorted.getFirst().sequence();
        for (TcpFrame segment : sorted) {
            int known = Math.max(0, next - segment.sequence());
            if (known < segment.payloadBytes()) {
                stream.write(segment.frame(), segment.payloadStart() + known, segment.payloadBytes() - known);
                next = segment.sequence() + segment.payloadBytes();
            }
        }
        return stream.toByteArray();
    }
}
