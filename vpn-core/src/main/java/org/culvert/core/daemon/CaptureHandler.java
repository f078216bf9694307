package org.culvert.core.daemon;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.culvert.core.capture.CaptureFeed;
import org.culvert.core.control.socket.Answer;
import org.culvert.core.control.socket.ControlHandler;
import org.culvert.core.control.socket.Feed;
import org.culvert.core.control.socket.Question;
import org.culvert.core.control.socket.Resource;
import org.culvert.core.flow.Tap;
import org.culvert.core.peer.Peer;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/capture}: inner packets as pcapng until the reader goes away, or after {@code count} packets or {@code bytes}; of one peer
 * with {@code peer}, {@code snaplen} bytes of each. Root only, and one at a time: it shows what the tunnel hides.
 */
public final class CaptureHandler implements ControlHandler {
    public static final String PATH = "/v1/capture";

    private static final int DEFAULT_SNAP_BYTES = 2_048;
    private static final int MOST_SNAP_BYTES = 65_535;
    private static final long DEFAULT_BYTES = 64L << 20;
    private static final long MOST = 1L << 40;
    private static final int CONFLICT = 409;

    private final List<Tap> outbound;
    private final List<Tap> inbound;
    private final String interfaceName;
    private final Peers peers;
    private final AtomicBoolean running = new AtomicBoolean();

    /** Finds a peer. */
    interface Peers {
        Optional<Peer> named(String name) throws Exception;
    }

    CaptureHandler(List<Tap> outbound, List<Tap> inbound, String interfaceName, Peers peers) {
        this.outbound = List.copyOf(outbound);
        this.inbound = List.copyOf(inbound);
        this.interfaceName = interfaceName;
        this.peers = peers;
    }

    @Override
    public Resource resource() {
        return Resource.getAsRoot(PATH);
    }

    @Override
    public Answer answer(Question question) throws Exception {
        CaptureFeed.Limits limits;
        try {
            limits = limits(question);
        } catch (IllegalArgumentException e) {
            return Answer.refusal(Answer.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
        if (!running.compareAndSet(false, true)) {
            return Answer.refusal(CONFLICT, "another capture runs; there is one at a time");
        }
        Feed feed = new CaptureFeed(outbound, inbound, interfaceName, limits);
        return Answer.stream("application/x-pcapng", new Feed() {
            @Override
            public byte @Nullable [] next() {
                return feed.next();
            }

            @Override
            public void close() {
                feed.close();
                running.set(false);
            }
        });
    }

    private CaptureFeed.Limits limits(Question question) throws Exception {
        @Nullable Peer only = null;
        Optional<String> name = question.parameter("peer");
        if (name.isPresent()) {
            only = peers.named(name.get())
                    .orElseThrow(() -> new IllegalArgumentException(name.get() + ": no such peer"));
        }
        return new CaptureFeed.Limits(
                only,
                (int) number(question, "snaplen", DEFAULT_SNAP_BYTES, MOST_SNAP_BYTES),
                number(question, "count", MOST, MOST),
                number(question, "bytes", DEFAULT_BYTES, MOST));
    }

    private static long number(Question question, String name, long otherwise, long most) {
        String text = question.parameter(name).orElse(Long.toString(otherwise));
        if (!text.matches("[0-9]{1,13}") || Long.parseLong(text) < 1 || Long.parseLong(text) > most) {
            throw new IllegalArgumentException(name + " is a number from 1 to " + most);
        }
        return Long.parseLong(text);
    }
}
