package org.culvert.core.flow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.culvert.tun.Errno;
import org.culvert.tun.LanLink;
import org.culvert.tun.memory.OffHeap;

/** A LAN in memory: what a test has said there is read by LanFlow, what that sends is kept. Single thread. */
final class FakeLan implements LanLink {
    private static final int OFFSET = 14;

    private record Said(long station, byte[] packet) {}

    private final Deque<Said> toRead = new ArrayDeque<>();
    final List<byte[]> sent = new ArrayList<>();
    int sendErrno;
    boolean closed;
    private long sender;

    /** @param packet with a virtio_net_hdr in front */
    void say(long station, byte[] packet) {
        toRead.add(new Said(station, packet));
    }

    @Override
    public int read(long address) {
        Said said = toRead.poll();
        if (said == null) {
            return -Errno.EAGAIN;
        }
        sender = said.station;
        OffHeap.copy(said.packet, 0, address + OFFSET, said.packet.length);
        return said.packet.length;
    }

    @Override
    public int packetOffset() {
        return OFFSET;
    }

    @Override
    public long sender() {
        return sender;
    }

    @Override
    public int send(long packet, int bytes) {
        byte[] copy = new byte[bytes];
        OffHeap.copy(packet, copy, 0, bytes);
        sent.add(copy);
        return -sendErrno;
    }

    @Override
    public boolean awaitReadable(int timeoutMs) {
        return !toRead.isEmpty();
    }

    @Override
    public void wake() {}

    @Override
    public void close() {
        closed = true;
    }
}
