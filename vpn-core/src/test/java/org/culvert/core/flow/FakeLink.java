package org.culvert.core.flow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.culvert.tun.Datagrams;
import org.culvert.tun.Endpoint;
import org.culvert.tun.Errno;
import org.culvert.tun.Fragmentation;
import org.culvert.tun.UdpLink;
import org.culvert.tun.memory.OffHeap;

/** A UDP socket in memory. Sent datagrams are kept singly; a test moves them, damaged or not, to another one. Single thread. */
final class FakeLink implements UdpLink {
    /** One datagram on the wire. */
    record Sent(Endpoint to, byte[] bytes, Fragmentation fragmentation, int trafficClass) {
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /** What one receive brings: datagrams of equal size but the last, from one address. */
    private record Arrived(Endpoint from, List<byte[]> datagrams) {}

    final List<Sent> sent = new ArrayList<>();
    final List<Integer> sendSizes = new ArrayList<>();
    private final Deque<Arrived> arrived = new ArrayDeque<>();
    final Deque<Integer> sendErrnos = new ArrayDeque<>();
    boolean segmentation = true;
    private int trafficClass;
    int arrivingClass;
    private Fragmentation fragmentation = Fragmentation.KERNEL;
    Integer remotePortOverride;

    /** @param from the source address, and in its local part the address it arrived at */
    void arrive(Endpoint from, byte[]... datagrams) {
        arrived.add(new Arrived(from, List.of(datagrams)));
    }

    @Override
    public int send(Endpoint to, long address, int bytes, int segmentBytes) {
        Integer errno = sendErrnos.poll();
        if (errno != null && errno != 0) {
            return -errno;
        }
        sendSizes.add(bytes);
        for (int at = 0; at < bytes; at += segmentBytes) {
            byte[] datagram = new byte[Math.min(segmentBytes, bytes - at)];
            OffHeap.copy(address + at, datagram, 0, datagram.length);
            sent.add(new Sent(to, datagram, fragmentation, trafficClass));
        }
        return bytes;
    }

    @Override
    public int sendAside(Endpoint to, long address, int bytes) {
        return send(to, address, bytes, bytes);
    }

    @Override
    public int receive(long address, int capacityBytes, Datagrams into) {
        Arrived next = arrived.poll();
        if (next == null) {
            return -Errno.EAGAIN;
        }
        int bytes = 0;
        for (byte[] datagram : next.datagrams) {
            OffHeap.copy(datagram, 0, address + bytes, datagram.length);
            bytes += datagram.length;
        }
        into.trafficClass = arrivingClass;
        into.segmentBytes = next.datagrams.getFirst().length;
        into.remoteHigh = next.from.remoteHigh();
        into.remoteLow = next.from.remoteLow();
        into.remotePort = remotePortOverride != null ? remotePortOverride : next.from.remotePort();
        into.remoteScope = next.from.remoteScope();
        into.localHigh = next.from.localHigh();
        into.localLow = next.from.localLow();
        into.localInterface = next.from.localInterface();
        return bytes;
    }

    @Override
    public void fragmentation(Fragmentation mode) {
        fragmentation = mode;
    }

    @Override
    public void trafficClass(int bits) {
        trafficClass = bits;
    }

    @Override
    public boolean segmentation() {
        return segmentation;
    }

    @Override
    public void segmentationOff() {
        segmentation = false;
    }

    @Override
    public boolean awaitReadable(int timeoutMs) {
        return !arrived.isEmpty();
    }

    @Override
    public void wake() {}

    @Override
    public boolean awaitWritable(int timeoutMs) {
        return true;
    }

    @Override
    public int port() {
        return 1640;
    }

    @Override
    public void close() {}
}
