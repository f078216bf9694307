package org.culvert.core.daemon;

import java.util.Optional;
import java.util.function.Consumer;
import org.culvert.tun.Datagrams;
import org.culvert.tun.Endpoint;
import org.culvert.tun.Errno;
import org.culvert.tun.Fragmentation;
import org.culvert.tun.LinuxUdpLink;
import org.culvert.tun.UdpLink;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's UDP socket of one lane, which may become one of another port while packets flow. What arrives at the port it leaves is still
 * received for as long as the control thread wants; it sends from the new one. Moved and left by the control thread, used by the flow
 * threads; a socket is closed only when neither can be inside it.
 */
final class MovingLink implements UdpLink {
    /** While there are two sockets the receiving thread looks at both in turns; nothing waits longer than this in an idle one. */
    private static final int LOOK_MS = 10;

    private volatile LinuxUdpLink current;
    private volatile @Nullable LinuxUdpLink left;

    /** Receiving thread: which socket is asked first, so that a busy one does not starve the other. */
    private boolean leftFirst;

    MovingLink(LinuxUdpLink first) {
        this.current = first;
    }

    /**
     * Sends from another socket from now on, and receives from both.
     *
     * @param retire takes a socket that is of no use any more, and closes it when no flow thread can be inside it
     * @return the socket that was left
     */
    @SuppressWarnings("ReferenceEquality") // back to the very socket that was left
    LinuxUdpLink moveTo(LinuxUdpLink next, Consumer<AutoCloseable> retire) {
        LinuxUdpLink previous = current;
        LinuxUdpLink evicted = left;
        left = previous;
        current = next;
        if (evicted != null && evicted != next) {
            retire.accept(evicted);
        }
        previous.wake(); // a thread that waits there alone would not see the new one
        return previous;
    }

    /** The socket that was left and is still received from. */
    Optional<LinuxUdpLink> left() {
        return Optional.ofNullable(left);
    }

    /** Listens no more on a socket that {@link #moveTo} has left. */
    @SuppressWarnings("ReferenceEquality") // the very same socket, or a later move has taken care of it
    void leave(LinuxUdpLink socket, Consumer<AutoCloseable> retire) {
        if (left == socket) {
            left = null;
            retire.accept(socket);
        }
    }

    @Override
    public int send(Endpoint to, long address, int bytes, int segmentBytes) {
        return current.send(to, address, bytes, segmentBytes);
    }

    @Override
    public int sendAside(Endpoint to, long address, int bytes) {
        return current.sendAside(to, address, bytes);
    }

    @Override
    public int receive(long address, int capacityBytes, Datagrams into) {
        LinuxUdpLink old = left;
        if (old == null) {
            return current.receive(address, capacityBytes, into);
        }
        leftFirst = !leftFirst;
        int result = (leftFirst ? old : current).receive(address, capacityBytes, into);
        return result == -Errno.EAGAIN ? (leftFirst ? current : old).receive(address, capacityBytes, into) : result;
    }

    @Override
    public void fragmentation(Fragmentation mode) {
        current.fragmentation(mode);
    }

    @Override
    public void trafficClass(int bits) {
        current.trafficClass(bits);
    }

    @Override
    public boolean segmentation() {
        return current.segmentation();
    }

    @Override
    public void segmentationOff() {
        current.segmentationOff();
    }

    @Override
    public boolean awaitReadable(int timeoutMs) {
        if (left == null) {
            return current.awaitReadable(timeoutMs);
        }
        boolean longer = timeoutMs < 0 || timeoutMs > LOOK_MS;
        return current.awaitReadable(longer ? LOOK_MS : timeoutMs) || longer; // the old one may have something
    }

    @Override
    public void wake() {
        current.wake();
    }

    @Override
    public boolean awaitWritable(int timeoutMs) {
        return current.awaitWritable(timeoutMs);
    }

    @Override
    public int port() {
        return current.port();
    }

    @Override
    public void close() {
        current.close();
        LinuxUdpLink old = left;
        if (old != null) {
            old.close();
        }
    }
}
