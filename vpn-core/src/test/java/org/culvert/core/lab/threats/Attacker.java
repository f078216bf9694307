package org.culvert.core.lab.threats;

import java.io.IOException;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.culvert.core.demo.Await;
import org.culvert.core.demo.Capture;
import org.culvert.core.demo.Namespace;
import org.culvert.core.lab.TcpFrame;
import org.culvert.tun.PacketCapture;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/** Sits at one link, sees every frame there, and sends frames with whatever addresses he likes. One thread. */
final class Attacker implements AutoCloseable {
    private static final int FRAME_BYTES = 1 << 11;
    private static final Duration SOON = Duration.ofSeconds(10);

    private final Namespace machine;
    private final Capture ear;
    private final PacketCapture mouth;
    private final Region memory = new Region(FRAME_BYTES);

    private Attacker(Namespace machine, Capture ear, PacketCapture mouth) {
        this.machine = machine;
        this.ear = ear;
        this.mouth = mouth;
    }

    static Attacker at(Namespace machine, String link) throws Exception {
        return new Attacker(machine, Capture.start(machine, link), machine.inside(() -> PacketCapture.open(link)));
    }

    /** The newest TCP segment of a kind that came by, empty when there was none. */
    Optional<TcpFrame> last(Predicate<TcpFrame> kind) {
        return ear.frames().stream()
                .flatMap(frame -> TcpFrame.parse(frame).stream())
                .filter(kind)
                .reduce((older, newer) -> newer);
    }

    /** Waits for a TCP segment of a kind. */
    TcpFrame await(Predicate<TcpFrame> kind) throws Exception {
        Await.until("a TCP segment on " + machine.name(), SOON, () -> last(kind).isPresent());
        return last(kind).orElseThrow();
    }

    /** Waits for a frame of a kind. The array is the caller's to change. */
    byte[] awaitFrame(Predicate<byte[]> kind) throws Exception {
        return ear.await(1, kind).getFirst().clone();
    }

    /** Puts a frame onto the link. */
    void send(byte[] frame) throws IOException {
        OffHeap.copy(frame, 0, memory.address(), frame.length);
        int sent = mouth.write(memory.address(), frame.length);
        if (sent != frame.length) {
            throw new IOException("the attacker's link refused a frame: errno " + -sent);
        }
    }

    /** MAC address of an interface, for frames to it. */
    static byte[] address(Namespace machine, String link) throws Exception {
        return machine.inside(() -> NetworkInterface.getByName(link).getHardwareAddress());
    }

    @Override
    public void close() {
        ear.close();
        mouth.close();
        memory.close();
    }
}
