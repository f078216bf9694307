package org.culvert.core.daemon;

import org.culvert.keymgmt.Prefix;
import org.culvert.tun.Datagrams;
import org.culvert.tun.Endpoint;
import org.culvert.tun.Errno;
import org.culvert.tun.Fragmentation;
import org.culvert.tun.Tun;
import org.culvert.tun.UdpLink;
import org.culvert.tun.memory.OffHeap;
import org.culvert.tun.memory.Region;

/**
 * TUN and socket of the warm-up in one: packets offered are read, what is sent is received again, what is written is dropped.
 * One thread.
 */
class WarmUpLoop implements Tun, UdpLink {
    /**
     * The same again under other names. Were there one class only, the compiler would bet on it, and throw the compiled code away when
     * the real TUN and socket come: a gateway with little traffic then stayed in the interpreter for minutes. With three it makes no bet.
     */
    static final class Second extends WarmUpLoop {}

    static final class Third extends WarmUpLoop {}

    static final Prefix FROM = Prefix.parse("192.0.2.0/25");
    static final Prefix TO = Prefix.parse("192.0.2.128/25");

    private static final int SMALL_PACKETS = 16;
    private static final int SMALL_PAYLOAD_BYTES = 40;
    private static final int SEGMENT_BYTES = 1380;
    private static final int SEGMENTS = 20;
    private static final int TCP_HEADERS_BYTES = 40;
    private static final int UDP_HEADERS_BYTES = 28;

    private final Region wire = new Region(1 << 16);
    private boolean superPacket;
    private int smallPackets;
    private int sentBytes;
    private int sentSegmentBytes;
    private int number;

    void offerSuperPacket() {
        superPacket = true;
    }

    void offerSmallPackets() {
        smallPackets = SMALL_PACKETS;
    }

    // The TUN

    @Override
    public int read(long address, int capacityBytes) {
        if (superPacket) {
            superPacket = false;
            return writeTcp(address);
        }
        if (smallPackets > 0) {
            smallPackets--;
            return writeUdp(address);
        }
        return -Errno.EAGAIN;
    }

    private int writeTcp(long header) {
        int payload = SEGMENT_BYTES * SEGMENTS;
        OffHeap.putU8(header, 1); // VIRTIO_NET_HDR_F_NEEDS_CSUM
        OffHeap.putU8(header + 1, 1); // VIRTIO_NET_HDR_GSO_TCPV4
        OffHeap.putNativeU16(header + 2, TCP_HEADERS_BYTES);
        OffHeap.putNativeU16(header + 4, SEGMENT_BYTES);
        OffHeap.putNativeU16(header + 6, 20);
        OffHeap.putNativeU16(header + 8, 16);
        long packet = header + VNET_HEADER_BYTES;
        ipv4(packet, 6, TCP_HEADERS_BYTES + payload);
        OffHeap.putU16(packet + 20, 40_001);
        OffHeap.putU16(packet + 22, 80);
        OffHeap.putI32(packet + 24, number++ * payload);
        OffHeap.putI32(packet + 28, 1);
        OffHeap.putI32(packet + 32, 0x5010_4000);
        OffHeap.putI32(packet + 36, 0);
        return VNET_HEADER_BYTES + TCP_HEADERS_BYTES + payload;
    }

    private int writeUdp(long header) {
        OffHeap.fill(header, VNET_HEADER_BYTES, 0);
        long packet = header + VNET_HEADER_BYTES;
        ipv4(packet, 17, UDP_HEADERS_BYTES + SMALL_PAYLOAD_BYTES);
        OffHeap.putU16(packet + 20, 40_001);
        OffHeap.putU16(packet + 22, 53);
        OffHeap.putU16(packet + 24, 8 + SMALL_PAYLOAD_BYTES);
        OffHeap.putU16(packet + 26, 0);
        return VNET_HEADER_BYTES + UDP_HEADERS_BYTES + SMALL_PAYLOAD_BYTES;
    }

    private void ipv4(long packet, int protocol, int bytes) {
        OffHeap.putI32(packet, 0x4500_0000 | bytes);
        OffHeap.putI32(packet + 4, number++ << 16 | 0x4000);
        OffHeap.putI32(packet + 8, 64 << 24 | protocol << 16);
        OffHeap.putI32(packet + 12, (int) FROM.low() + 7);
        OffHeap.putI32(packet + 16, (int) TO.low() + 9);
    }

    @Override
    public int write(long iovecs, int iovecCount) {
        int bytes = 0;
        for (int i = 0; i < iovecCount; i++) {
            bytes += (int) OffHeap.nativeI64(iovecs + 16L * i + 8);
        }
        return bytes;
    }

    @Override
    public String name() {
        return "warm-up";
    }

    @Override
    public boolean vnetHeader() {
        return true;
    }

    @Override
    public boolean udpSegments() {
        return true;
    }

    // The socket

    @Override
    public int send(Endpoint to, long address, int bytes, int segmentBytes) {
        OffHeap.copy(address, wire.address(), bytes);
        sentBytes = bytes;
        sentSegmentBytes = segmentBytes;
        return bytes;
    }

    @Override
    public int sendAside(Endpoint to, long address, int bytes) {
        return bytes;
    }

    @Override
    public int receive(long address, int capacityBytes, Datagrams into) {
        if (sentBytes == 0) {
            return -Errno.EAGAIN;
        }
        int bytes = sentBytes;
        OffHeap.copy(wire.address(), address, bytes);
        sentBytes = 0;
        into.segmentBytes = sentSegmentBytes;
        into.remoteHigh = 0;
        into.remoteLow = 0xffff_c633_6402L;
        into.remotePort = 9;
        return bytes;
    }

    @Override
    public void fragmentation(Fragmentation mode) {}

    @Override
    public void trafficClass(int bits) {}

    @Override
    public boolean segmentation() {
        return true;
    }

    @Override
    public void segmentationOff() {}

    @Override
    public boolean awaitWritable(int timeoutMs) {
        return true;
    }

    @Override
    public int port() {
        return 9;
    }

    // Both

    @Override
    public boolean awaitReadable(int timeoutMs) {
        return false;
    }

    @Override
    public void wake() {}

    @Override
    public void close() {
        wire.close();
    }
}
