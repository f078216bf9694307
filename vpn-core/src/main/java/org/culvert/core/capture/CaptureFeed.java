package org.culvert.core.capture;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.culvert.core.control.socket.Feed;
import org.culvert.core.flow.PacketRing;
import org.culvert.core.flow.Tap;
import org.culvert.core.peer.Peer;
import org.culvert.core.wire.SkipTime;
import org.jspecify.annotations.Nullable;

/** One capture from its first packet to its last. The control socket's thread. */
public final class CaptureFeed implements Feed {
    /** At most this much per call, which comes every 20 ms: 20 MB/s, so that who captures cannot take a core. */
    private static final int MOST_PER_CALL_BYTES = 400_000;

    private static final int CALLS_PER_STATISTICS = 50;

    private final List<Tap> taps;
    private final List<PacketRing> rings;
    private final Pcapng file = new Pcapng();
    private final Limits limits;
    private long packets;
    private long bytes;
    private long saidMissed;
    private int calls;
    private boolean ended;

    /**
     * What is captured.
     *
     * @param only null: all peers
     * @param snapBytes of each packet
     * @param packets after which it ends
     * @param bytes after which it ends
     */
    public record Limits(@Nullable Peer only, int snapBytes, long packets, long bytes) {}

    /**
     * Begins to copy.
     *
     * @param outbound taps of the threads that seal
     * @param inbound taps of the threads that open
     */
    public CaptureFeed(List<Tap> outbound, List<Tap> inbound, String interfaceName, Limits limits) {
        this.limits = limits;
        this.taps = Stream.concat(outbound.stream(), inbound.stream()).toList();
        this.rings = IntStream.range(0, taps.size())
                .mapToObj(i -> new PacketRing(i < outbound.size(), limits.only(), limits.snapBytes()))
                .toList();
        file.begin(interfaceName, limits.snapBytes());
        for (int i = 0; i < taps.size(); i++) {
            taps.get(i).open(rings.get(i));
        }
    }

    @Override
    public byte @Nullable [] next() {
        if (ended) {
            return null;
        }
        boolean any = true;
        while (any && !full() && file.size() < MOST_PER_CALL_BYTES) {
            any = false;
            for (PacketRing ring : rings) {
                any |= !full() && ring.poll(this::add);
            }
        }
        ended = full();
        if (ended || ++calls % CALLS_PER_STATISTICS == 0) {
            sayMissed();
        }
        bytes += file.size();
        return file.take();
    }

    private boolean full() {
        return packets >= limits.packets() || bytes + file.size() >= limits.bytes();
    }

    private void add(Peer peer, boolean outbound, long ticks, int packetBytes, byte[] data, int offset, int length) {
        packets++;
        file.packet(SkipTime.instant(ticks), outbound, peer.name(), packetBytes, data, offset, length);
    }

    private void sayMissed() {
        long missed = rings.stream().mapToLong(PacketRing::missed).sum();
        if (missed != saidMissed) {
            saidMissed = missed;
            file.missed(Instant.now(), missed);
        }
    }

    @Override
    public void close() {
        taps.forEach(Tap::close);
    }
}
