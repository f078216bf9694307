package org.culvert.core.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.culvert.tun.PacketCapture;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** Every frame on one interface since the start, copied by a thread of its own. */
public final class Capture implements AutoCloseable {
    /** Above the largest frame, an uncut one of 64 KB with its headers. */
    private static final int FRAME_BYTES = 1 << 17;

    private static final int LOOK_EVERY_MS = 20;
    private static final Duration QUIET = Duration.ofSeconds(10);

    private final PacketCapture socket;
    private final Thread reader;
    private final List<byte[]> frames = new ArrayList<>(); // guarded by itself
    private volatile boolean stopping;
    private volatile long dropped;

    private Capture(PacketCapture socket, String name) {
        this.socket = socket;
        this.reader = Thread.ofPlatform().daemon().name(name).unstarted(this::read);
    }

    /** Sees everything from the moment this returns. */
    public static Capture start(Namespace namespace, String interfaceName) throws Exception {
        PacketCapture socket = namespace.inside(() -> PacketCapture.open(interfaceName));
        var capture = new Capture(socket, "capture-" + namespace.name() + "-" + interfaceName);
        capture.reader.start();
        return capture;
    }

    private void read() {
        try (Region region = new Region(FRAME_BYTES)) {
            while (true) {
                boolean last = stopping;
                if (socket.awaitReadable(LOOK_EVERY_MS)) {
                    drain(region.address());
                } else if (last) {
                    break;
                }
            }
            dropped = socket.dropped();
        } finally {
            socket.close();
        }
    }

    private void drain(long buffer) {
        for (int bytes = socket.read(buffer, FRAME_BYTES); bytes >= 0; bytes = socket.read(buffer, FRAME_BYTES)) {
            byte[] frame = new byte[bytes];
            OffHeap.copy(buffer, frame, 0, bytes);
            synchronized (frames) {
                frames.add(frame);
            }
        }
    }

    /** What was seen so far. */
    public List<byte[]> frames() {
        synchronized (frames) {
            return List.copyOf(frames);
        }
    }

    /** Waits until this many frames of a kind were seen, and returns them. */
    public List<byte[]> await(int count, Predicate<byte[]> kind) throws Exception {
        Await.until(
                count + " frames on " + reader.getName(),
                QUIET,
                () -> frames().stream().filter(kind).count() >= count);
        return frames().stream().filter(kind).toList();
    }

    /**
     * Stops, after taking what the kernel still holds.
     *
     * @return all frames
     * @throws IllegalStateException when frames were lost: then what was not seen may have been there
     */
    public List<byte[]> stop() {
        close();
        if (dropped > 0) {
            throw new IllegalStateException(reader.getName() + " lost " + dropped + " frames");
        }
        return frames();
    }

    @Override
    public void close() {
        stopping = true;
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the reader ends by itself
        }
    }
}
