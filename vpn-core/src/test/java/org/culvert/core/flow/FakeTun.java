package org.culvert.core.flow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.culvert.tun.Errno;
import org.culvert.tun.Tun;
import org.culvert.tun.memory.OffHeap;

/** A TUN in memory: what a test puts in is read by Outbound, what Inbound writes is kept. One reading thread, any that write. */
final class FakeTun implements Tun {
    final Deque<byte[]> toRead = new ArrayDeque<>();
    final List<byte[]> written = new ArrayList<>();
    private final boolean vnetHeader;
    int writeErrno;

    FakeTun(boolean vnetHeader) {
        this.vnetHeader = vnetHeader;
    }

    @Override
    public String name() {
        return "fake0";
    }

    @Override
    public boolean vnetHeader() {
        return vnetHeader;
    }

    @Override
    public boolean udpSegments() {
        return vnetHeader;
    }

    @Override
    public int read(long address, int capacityBytes) {
        byte[] packet = toRead.poll();
        if (packet == null) {
            return -Errno.EAGAIN;
        }
        if (packet.length > capacityBytes) {
            throw new AssertionError("read of " + packet.length + " bytes into " + capacityBytes);
        }
        OffHeap.copy(packet, 0, address, packet.length);
        return packet.length;
    }

    @Override
    public synchronized int write(long iovecs, int iovecCount) {
        if (writeErrno != 0) {
            return -writeErrno;
        }
        int bytes = 0;
        for (int i = 0; i < iovecCount; i++) {
            bytes += (int) OffHeap.nativeI64(iovecs + 16L * i + 8);
        }
        byte[] packet = new byte[bytes];
        int at = 0;
        for (int i = 0; i < iovecCount; i++) {
            int length = (int) OffHeap.nativeI64(iovecs + 16L * i + 8);
            OffHeap.copy(OffHeap.nativeI64(iovecs + 16L * i), packet, at, length);
            at += length;
        }
        written.add(packet);
        return bytes;
    }

    @Override
    public boolean awaitReadable(int timeoutMs) {
        return !toRead.isEmpty();
    }

    @Override
    public void wake() {}

    @Override
    public void close() {}
}
